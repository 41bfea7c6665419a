"""``offhook phone``: a telephone in the terminal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from app.cli.completing import flow_names, last_call
from app.cli.exits import Exit
from app.cli.options import CALLR, OF_PLATFORM, STRINGEE, WEBHOOK, manual
from app.cli.platform_options import conditions_options
from app.cli.shell import Shell

if TYPE_CHECKING:
    from app.cli.phoning.plan import PhoneOptions

_FLOW = re.compile(r"[a-z][a-z0-9_]{0,31}\Z")
_NUMBER = re.compile(r"[^a-zA-Z]*[0-9][^a-zA-Z]*\Z")
_EXAMPLES = manual(
    "offhook phone age_gate",
    "offhook phone age_gate --keys 22",
    'offhook phone reception --keys "2;123456" --no-answer --at "2026-12-28 10:00"',
    'offhook phone reminder --outbound --keys "1;1" --var name=Ada',
    "offhook phone http://127.0.0.1:8000/callr/reception --raw",
    "offhook phone +33199001020",
    "offhook phone --listen +33612345678",
    "offhook phone reception --platform stringee",
    'offhook phone reception --as app-to-phone --keys "2;123456"',
    "offhook phone https://line.example.com/stringee/reception/answer --as phone-to-phone",
    "offhook phone user:user_2 --as app-to-app",
    "offhook phone reception --like last",
    exits=(*OF_PLATFORM, Exit.FLOW, Exit.NOT_FOUND, Exit.JOURNAL, Exit.CALL_FAILED),
    reads=(*CALLR, *STRINGEE, *WEBHOOK, "COUNTRY", "TIMEZONE", "OFFHOOK_FLOWS", "DATABASE_URL"),
    see=("demo", "simulator", "calls show", "docs/flows.md"),
)


@click.command(epilog=_EXAMPLES)
@click.argument("target", metavar="[FLOW|URL|NUMBER]", required=False, shell_complete=flow_names)
@click.option("--listen", "listen_at", metavar="NUMBER", help="Wait for the simulator's calls.")
@click.option("--once", is_flag=True, help="With --listen: end after one call.")
@click.option(
    "--keys",
    help='What is pressed: "2;;18" has an entry for each time keys are asked for; an empty one, '
    "and all after the last, is silence.",
)
@click.option(
    "--hangup-after", type=click.FloatRange(min=0), metavar="S", help="Hang up after S seconds."
)
@click.option(
    "--hangup-at", type=click.IntRange(min=1), metavar="N", help="Hang up in the Nth command."
)
@click.option(
    "--press-at",
    multiple=True,
    metavar="N=KEYS",
    help="Press KEYS in the Nth command, whether it asks for any or not.",
)
@click.option(
    "--hangup-speaking",
    type=click.IntRange(min=1),
    metavar="N",
    help="Hang up at the end of the Nth recording.",
)
@click.option(
    "--platform",
    "--provider",
    "platform",
    type=click.Choice(["callr", "stringee"]),
    help="Which platform rings FLOW or URL: callr, unless --as or the URL says otherwise.",
)
@click.option(
    "--as",
    "kind",
    type=click.Choice(["app-to-app", "app-to-phone", "phone-to-app", "phone-to-phone"]),
    help="A type of Stringee's calls; phone-to-app with --platform stringee alone.",
)
@click.option("--user", metavar="ID", help="With --as app-to-...: who is logged in at the app.")
@click.option("--to", metavar="WHOM", help="With --as: what is dialled, a number or a user's id.")
@click.option("--custom", metavar="TEXT", help="With --as app-to-...: what the app gives along.")
@click.option("--caller", metavar="NUMBER", help='Who calls; "" withholds it.')
@click.option(
    "--at",
    metavar="TIME",
    help='When the call begins, as "2026-12-25 10:00" or "last tuesday 10:00": in the time zone of '
    "FLOW, for URL and NUMBER in that of the settings; an offset of its own (+01:00) wins.",
)
@click.option("--outbound", is_flag=True, help="The phone is the one that is called.")
@click.option("--var", multiple=True, metavar="NAME=VALUE", help="With --outbound FLOW: a value.")
@click.option(
    "--busy", is_flag=True, help="Whoever is called is busy: this phone, or whom the flow dials."
)
@click.option("--no-answer", is_flag=True, help="Whoever is called does not answer.")
@click.option(
    "--speed",
    type=click.FloatRange(min=0, min_open=True),
    help="How fast speech, silence and ringing pass; 1 for a live person, 50 for a script. "
    "Deadlines are never scaled.",
)
@conditions_options
@click.option(
    "--like",
    metavar="CALL",
    shell_complete=last_call,
    help="With FLOW: do again what was done in this call of the journal (ID or last).",
)
@click.option("--raw", is_flag=True, help="Show each POST, reply and command too.")
@click.pass_obj
def phone(
    shell: Shell, /, target: str | None, listen_at: str | None, like: str | None, **options: Any
) -> None:
    """Ring a flow, a webhook or a number, and be on the phone.

    FLOW rings on a server of its own with a journal that is thrown away. URL rings that webhook,
    with the CALLR_WEBHOOK settings. NUMBER rings at the simulator of CALLR_API_URL, or of
    STRINGEE_API_URL where that alone is one.

    With --platform stringee or --as, FLOW and URL (an answer_url) are rung as Stringee does, signed
    with STRINGEE_SIGNING_KEY; an app at the simulator calls NUMBER, or user:ID. A number of the
    simulated Stringee is rung there without either.

    In a terminal you press the keys: 0-9 * # at any time, Enter after the last of an entry, s to
    stay silent, h to hang up. With --keys, --press-at or a --hangup option a script does.

    --like does again what somebody did in a call: when it began, who called, each entry and each
    silence, whether those answered whom the flow rang, and in which command they hung up. Then it
    says what differed.

    What the caller hears goes to stdout, each line with seconds since the call began.
    """
    from app.cli.phoning import sessions  # noqa: PLC0415 -- loads the simulator and Flask
    from app.cli.phoning.plan import PhoneOptions  # noqa: PLC0415 -- as above
    from app.cli.phoning.stopping import signals_interrupt  # noqa: PLC0415 -- as above

    asked = PhoneOptions(**options)
    if (target is None) == (listen_at is None):
        raise click.UsageError("Say whom to ring, FLOW, URL or NUMBER; or --listen NUMBER.")
    with signals_interrupt():
        if target is None:
            if like is not None:
                raise click.UsageError("--like goes with FLOW.")
            sessions.listen(shell, listen_at or "", asked)
            return
        asked.refuse("once", why="it goes with --listen NUMBER.")
        _ring(shell, target, like, asked)


def _ring(shell: Shell, target: str, like: str | None, asked: PhoneOptions) -> None:
    """Ring a flow, an address or a number, at CALLR or at Stringee."""
    from app.cli.phoning import repeating, sessions  # noqa: PLC0415 -- loads the simulator and Flask
    from app.cli.phoning.webhooks import webhook_of  # noqa: PLC0415 -- as above
    from app.stringee.urls import flow_of  # noqa: PLC0415 -- as above

    if asked.at_stringee or (asked.platform is None and flow_of(target)):
        _ring_at_stringee(shell, target, like, asked)
    elif "://" in target and like is None:
        sessions.ring_url(shell, webhook_of(shell.settings, target), asked)
    elif like is not None:
        if not _FLOW.match(target):
            raise click.UsageError("--like goes with FLOW.")
        repeating.ring_like(shell, target, like, asked)
    elif _FLOW.match(target):
        sessions.ring_flow(shell, target, asked)
    elif _NUMBER.match(target):
        sessions.ring_number(shell, target, asked)
    else:
        raise _nobody(target)


def _ring_at_stringee(shell: Shell, target: str, like: str | None, asked: PhoneOptions) -> None:
    from app.cli.phoning import at_stringee  # noqa: PLC0415 -- loads the simulator and Flask

    if like is not None:
        raise click.UsageError("--like does calls of CALLR's again.")
    if "://" in target:
        at_stringee.ring_url(shell, target, asked)
    elif _FLOW.match(target):
        at_stringee.ring_flow(shell, target, asked)
    elif _NUMBER.match(target) or target.startswith("user:"):
        at_stringee.ring_number(shell, target, asked)
    else:
        raise _nobody(target)


def _nobody(target: str) -> click.BadParameter:
    msg = (
        f"{target!r} is no flow (a small letter, then small letters, digits and _), no "
        "address (http://... or https://...) and no number."
    )
    return click.BadParameter(msg, param_hint="FLOW|URL|NUMBER")
