"""``offhook call``: starts an outbound call."""

from __future__ import annotations

import threading
import time
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from app.cli.call_options import read_field, read_variables
from app.cli.completing import flow_names
from app.cli.exits import CallFailedError, Exit
from app.cli.options import CALLR, OF_PLATFORM, STRINGEE, json_option, manual, yes_option
from app.cli.same_journal import DIALS, WATCHES, check_same_journal
from app.cli.shell import Shell
from app.cli.which_platform import Platform, platform_of, provider_option

if TYPE_CHECKING:
    from app.cli.own_api import OwnApi
    from app.ports import Start

FIRST_REPORT_S = 60
"""Seconds for which a watched call may be silent beyond its ringing before anything is reported."""


@click.command(
    epilog=manual(
        "offhook call +33612345678 --flow reminder --var name=Ada --var time=10:00",
        'offhook call "06 12 34 56 78" --flow reminder --from "01 99 00 10 20" --field ORDER42',
        "offhook call +84900000001 --flow reminder --provider stringee --from +842400000002",
        exits=(
            *OF_PLATFORM,
            Exit.NOT_FOUND,
            Exit.FLOW,
            Exit.DECLINED,
            Exit.JOURNAL,
            Exit.CALL_FAILED,
            Exit.FORBIDDEN,
        ),
        reads=(
            "PUBLIC_URL",
            "API_TOKEN",
            "COUNTRY",
            "CALLER_ID",
            "CALL_HOURS",
            "DIAL_PER_HOUR",
            "DATABASE_URL",
            *CALLR,
            *STRINGEE,
            "SECRET_KEY",
        ),
        see=("calls tail", "calls show", "phone", "docs/api.md"),
    )
)
@click.argument("number")
@click.option(
    "--flow",
    required=True,
    metavar="FLOW",
    shell_complete=flow_names,
    help="The call flow that it runs through.",
)
@click.option("--from", "caller_id", default="", metavar="N", help="Our number; else CALLER_ID.")
@click.option(
    "--ring",
    "ring_s",
    type=click.IntRange(5, 300),
    default=30,
    show_default=True,
    metavar="S",
    help="How long to let it ring, seconds.",
)
@click.option(
    "--var",
    "variables",
    multiple=True,
    metavar="K=V",
    callback=read_variables,
    help="A value for what the flow declares in `given`; as often as it declares.",
)
@click.option(
    "--field",
    default="",
    metavar="F",
    callback=read_field,
    help="Stands in the platform's own records: at most 16 letters and digits.",
)
@click.option(
    "--app", default="", metavar="HASH", help="The voice app; else the one with the flow's URL."
)
@provider_option
@click.option(
    "--watch", is_flag=True, help="Tell the call as it goes on, until it is over or Ctrl-C."
)
@yes_option
@json_option
@click.pass_obj
def call(
    shell: Shell, /, number: str, *, watch: bool, yes: bool, as_json: bool, **asked: Any
) -> None:
    """Call NUMBER, and let a call flow talk to whoever answers.

    NUMBER is written as people write it; without + it needs COUNTRY.

    The app at PUBLIC_URL dials: it is asked with API_TOKEN. Without API_TOKEN this machine dials
    itself, but only where its journal (DATABASE_URL) is the app's, since the call's first turn
    reads its variables there; on Stringee it takes that turn itself, with the app's SECRET_KEY.
    Says first whom it talks to, and asks before it dials LIVE.

    Stringee says itself how long it rings, and has no records with a field of ours: --ring counts
    for CALLR, --field and --app are refused for Stringee.

    --watch reads the journal, which must be the app's. Ctrl-C ends the watching, not the call.

    A start is never tried twice: after an answer that did not come (exit code 6), look first.
    """
    from app.cli.own_api import OwnApi  # noqa: PLC0415 -- loads requests
    from app.numbers import read_number  # noqa: PLC0415 -- loads phonenumbers

    shell.require("public_url")
    if watch and as_json:
        raise click.UsageError("--watch and --json exclude each other.")
    settings = shell.settings
    asked["number"] = read_number(number, settings.country)
    if asked["caller_id"]:
        asked["caller_id"] = read_number(asked["caller_id"], settings.country)
    question = f"Call {asked['number']} with flow '{asked['flow']}' now?"
    with OwnApi(settings.public_url, settings.api_token) as api:
        if watch:
            check_same_journal(shell, api, WATCHES)
        start = place(shell, api, asked, question, yes=yes)
    _tell(shell, start, as_json=as_json, watched=watch)
    if watch:
        _watch(shell, start, asked["ring_s"])


def place(
    shell: Shell, api: OwnApi, asked: dict[str, Any], question: str, *, yes: bool
) -> dict[str, Any]:
    """Place a call: by the app where there is API_TOKEN, else by ourselves.

    Args:
        shell: says whom it talks to, and asks on LIVE.
        api: of the app.
        asked: number, flow, caller_id, ring_s, variables, field, app and perhaps provider, as in
            ``CallRequest``.
        question: what is asked before anybody is called.
        yes: not to ask.

    Returns:
        the start, as ``POST /api/calls`` tells it.
    """
    how = _ask_the_app if shell.settings.api_token else _dial_here
    return how(shell, api, asked, question, yes=yes)


def _ask_the_app(
    shell: Shell, api: OwnApi, asked: dict[str, Any], question: str, *, yes: bool
) -> dict[str, Any]:
    platform = platform_of(shell.settings, asked.get("provider"))
    live = app_is_live(shell, platform)
    whom = "taken to dial LIVE" if live else shell.told_of(platform)
    shell.output.note(f"Offhook: the app at {shell.settings.public_url} dials ({whom})")
    api.instance_id()  # what is wrong with address or token shows before anything can be dialled
    if live:
        shell.confirm(question, yes=yes)
    body = {
        "number": asked["number"],
        "flow": asked["flow"],
        "from": asked["caller_id"],
        "ring": asked["ring_s"],
        "variables": asked["variables"],
        "field": asked["field"],
        "app": asked["app"],
    }
    if asked.get("provider"):
        body["provider"] = asked["provider"]
    return api.place(body, str(uuid.uuid4()))


def _dial_here(
    shell: Shell, api: OwnApi, asked: dict[str, Any], question: str, *, yes: bool
) -> dict[str, Any]:
    # They load the whole server.
    from app.bootstrap import make_dialler, make_switchboard, sql_journal  # noqa: PLC0415
    from app.dialler import CallRequest  # noqa: PLC0415
    from app.platforms import checked_flows, configured  # noqa: PLC0415
    from app.refusals import Refusals  # noqa: PLC0415

    settings = shell.settings
    platform = platform_of(settings, asked.get("provider"))
    if platform == "stringee":
        shell.require("secret_key")
    with shell.stringee() if platform == "stringee" else shell.callr():
        pass  # it says whom it talks to, and that there are credentials
    check_same_journal(shell, api, DIALS)
    flows = checked_flows(settings, configured(settings))
    if shell.is_live(platform):
        shell.confirm(question, yes=yes)
    journal = sql_journal(settings, flows)
    try:
        switchboard = make_switchboard(settings, flows, journal, Refusals())
        dialler = make_dialler(settings, flows, journal, switchboard)
        start, _ = dialler.place(CallRequest(**{**asked, "provider": platform}))
    finally:
        journal.close()
    return start_json(start)


def _watch(shell: Shell, start: dict[str, Any], ring_s: int) -> None:
    """Tell the call of a start to its end.

    Raises:
        CallFailedError: no report of it came.
    """
    from app.cli.following import POLL_S, follow_one  # noqa: PLC0415 -- only here
    from app.journal import History, JournalledCall, Wanted  # noqa: PLC0415 -- loads SQLAlchemy

    history = History(shell.settings.database_url)
    wanted = Wanted(token=start["token"], tests=True)
    deadline = time.monotonic() + ring_s + FIRST_REPORT_S

    def find() -> JournalledCall | None:
        found = history.calls(wanted, limit=1)
        if not found and time.monotonic() > deadline:
            msg = f"No report of the call came within {ring_s + FIRST_REPORT_S} s."
            mend = "`offhook doctor` says whether the platform reaches the app."
            raise CallFailedError(msg, mend=mend)
        return found[0] if found else None

    pause = threading.Event()
    try:
        shell.output.note("Watching; Ctrl-C ends that, not the call.")
        follow_one(shell, find, history, lambda: pause.wait(POLL_S))
    except KeyboardInterrupt:
        shell.output.note("No longer watching; the call goes on.")


def start_json(start: Start) -> dict[str, Any]:
    """A start as ``POST /api/calls`` tells it."""
    return {
        "token": start.token,
        "status": start.status,
        "flow": start.flow,
        "number": start.number,
        "from": start.caller_id,
        "platform_id": start.platform_id,
        "detail": start.detail,
    }


def _tell(shell: Shell, start: dict[str, Any], *, as_json: bool, watched: bool) -> None:
    if as_json:
        shell.output.json(start)
    else:
        names = ("token", "platform_id", "status", "number", "from", "flow")
        row = tuple(str(start.get(name) or "-") for name in names)
        headings = tuple(name.replace("_", " ").upper() for name in names)
        shell.output.table(headings, [row], empty="")
    if not watched:
        shell.output.note(
            "When it is over, `offhook calls show last` tells how it went (where DATABASE_URL is "
            "the app's)."
        )


def app_is_live(shell: Shell, platform: Platform = "callr") -> bool:
    """Whether the app must be taken to dial real telephones.

    Only an app on this machine can be known to share these settings' simulator.
    """
    from app.requesting import is_loopback  # noqa: PLC0415 -- loads requests

    return shell.is_live(platform) or not is_loopback(
        urlsplit(shell.settings.public_url).hostname or ""
    )
