"""``offhook callr``: what CALLR does on an account, heard by a call to its operator."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.exits import Exit, IncompleteError
from app.cli.options import CALLR, OF_PLATFORM, WEBHOOK, json_option, manual, yes_option
from app.cli.shell import Shell

if TYPE_CHECKING:
    from app.callr.heard import Heard

_AGAIN = "Run it again: what is settled stays."


@click.group()
def callr() -> None:
    """CALLR itself: what it does, and is not documented to."""


@callr.command(
    epilog=manual(
        "offhook callr verify --phone +33612345678",
        'offhook -p live callr verify --phone "06 12 34 56 78" --from "01 99 00 10 20"',
        exits=(
            *OF_PLATFORM,
            Exit.NOT_FOUND,
            Exit.DECLINED,
            Exit.JOURNAL,
            Exit.CALL_FAILED,
            Exit.FORBIDDEN,
            Exit.INCOMPLETE,
        ),
        reads=(*CALLR, *WEBHOOK, "API_TOKEN", "CALLER_ID", "COUNTRY", "DATABASE_URL"),
        see=("doctor", "call", "simulator", "docs/limits.md"),
    )
)
@click.option("--phone", "number", required=True, metavar="NUMBER", help="Your telephone.")
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
    "-o", "output", metavar="FILE", help="Write there; else callr-verified.json in this folder."
)
@yes_option
@json_option
@click.pass_obj
def verify(
    shell: Shell,
    /,
    *,
    number: str,
    caller_id: str,
    ring_s: int,
    output: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Call you, and settle by it what CALLR documents nowhere.

    The app at PUBLIC_URL must run, with this release and this journal (DATABASE_URL). A voice app
    is made for the call and deleted after it. The call costs what two minutes to NUMBER cost, is
    placed as by `offhook call`, and asks you, in English, to do in turn:

    \b
      nothing                what does `read` bring when no key is pressed?
      press #                what does `read` bring for a bare #?
      press 7 meanwhile      do keys end what `play` plays, or count for the next `read`?
      listen, then speak     does a tone come before `record`?
      nothing                is `seconds` or `wait` the parameter of `wait`? (four silences)
      hang up in mid-word    does HANGUP bring the file of a `record`?

    From every report it learns, too, whether the Basic credentials come unasked, and whether HANGUP
    carries the command that it interrupts.

    The answers go to callr-verified.json: no secret, no number. The app reads it when it starts,
    `offhook simulator` and `offhook phone` do as it says, and `offhook doctor` tells it. So keep it
    beside your flows, commit it, and deploy. What was heard before and not now stays.

    Hang up, or press Ctrl-C, whenever you like: what is settled is kept, the rest told as open.
    """  # noqa: D301 -- \b keeps click from joining the lines that follow it
    from app.callr.heard import VERIFIED  # noqa: PLC0415 -- loads requests and marshmallow
    from app.cli.verifying import Verification  # noqa: PLC0415 -- as above
    from app.numbers import read_number  # noqa: PLC0415 -- loads phonenumbers

    shell.require("public_url", "callr_webhook_login", "callr_webhook_password")
    country = shell.settings.country
    asked = {
        "number": read_number(number, country),
        "caller_id": read_number(caller_id, country) if caller_id else "",
        "ring_s": ring_s,
    }
    verification = Verification(shell, shell.folder / Path(output or VERIFIED), quiet=as_json)
    call = verification.run(asked, yes=yes)
    heard = verification.keep(call)
    _tell(shell, heard, verification.file, call.key, as_json=as_json)
    if call.interrupted:
        raise KeyboardInterrupt
    if not call.facts:
        msg = f"Nothing was heard: {call.ended}."
        raise IncompleteError(msg, mend=f"{verification.file} is as before. Run it again.")
    if heard.open:
        msg = f"Still open: {', '.join(heard.open)}."
        raise IncompleteError(msg, mend=_AGAIN)


def _tell(shell: Shell, heard: Heard, file: Path, call: str, *, as_json: bool) -> None:
    from app.callr.questions import QUESTIONS  # noqa: PLC0415 -- not for --help

    if as_json:
        facts = {
            name: {"answer": fact.answer, "saw": fact.saw, "heard_at": fact.heard_at.isoformat()}
            for name, fact in heard.facts.items()
        }
        told = {"file": str(file), "platform": heard.platform, "call": call, "facts": facts}
        shell.output.json({**told, "differing": heard.differing, "open": heard.open})
        return
    rows = [
        (question.asks, heard.answer(name) or "open", question.assumed[0])
        for name, question in QUESTIONS.items()
    ]
    shell.output.table(("QUESTION", "HEARD", "ASSUMED"), rows, empty="")
    for name in heard.differing:
        question, answer = QUESTIONS[name], heard.answer(name)
        shell.output.data(
            f"Other than assumed: {question.asks} {answer}: {question.answers[answer]}",
            style="yellow",
        )
    if heard.facts:
        shell.output.note(f"{file}: commit it and deploy; the app reads it when it starts.")
