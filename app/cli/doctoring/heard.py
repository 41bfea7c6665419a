"""Whether what is assumed of the platform was ever heard on an account, and what was heard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.doctoring.checks import Check, note, ok, warning

if TYPE_CHECKING:
    from app.settings import Settings

ABOUT = "platform"

_VERIFY = "`offhook callr verify --phone NUMBER` calls you and settles it."


def heard_checks(folder: Path, settings: Settings) -> Iterator[Check]:
    """What ``callr-verified.json`` says, and what of it is other than assumed."""
    from app.callr.heard import VERIFIED, VerifiedError, platform_of, read_heard  # noqa: PLC0415
    from app.callr.questions import QUESTIONS  # noqa: PLC0415 -- they load requests

    file = folder / VERIFIED
    try:
        heard = read_heard(file, platform_of(settings.callr_api_url))
    except VerifiedError as problem:
        yield warning(ABOUT, problem.message, problem.mend)
        return
    if heard.last_at is None:
        if file.is_file():
            yield note(ABOUT, f"as documented: nothing is settled in {VERIFIED}.", _VERIFY)
        else:
            message = f"as documented, not yet as heard: there is no {VERIFIED} here."
            yield note(ABOUT, message, _VERIFY)
        return
    when = f"{heard.last_at:%Y-%m-%d %H:%M} UTC"
    settled = f"{len(heard.facts)} of {len(QUESTIONS)}"
    message = f"as heard of {heard.platform} on {when}: {settled} questions are settled."
    if heard.open:
        yield note(ABOUT, f"{message} Open: {', '.join(heard.open)}.", _VERIFY)
    else:
        yield ok(ABOUT, message)
    for name in heard.differing:
        question, answer = QUESTIONS[name], heard.answer(name)
        yield note(
            ABOUT, f"other than assumed: {question.asks} {answer}.", question.answers[answer]
        )
