"""Mistakes in flows, for docs/errors.md: each as it is written, for what it is found out.

A test holds them against the code: every message that a check can give is given by one of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import app.callflow
from app.callflow import Flow, hang_up
from app.callflow.errors import Finding, FlowError
from app.callflow.kinds.base import Step
from app.callr.provider import CallrProvider
from app.flowbook import find_flows
from app.ports import Provider
from app.stringee.provider import StringeeProvider
from app.stringee.signatures import Signatures

CALLR = CallrProvider(login="callr", passwords=["x"])
WITHOUT_A_TONE = CallrProvider(login="callr", passwords=["x"], record_tone=False)
STRINGEE = StringeeProvider(signatures=Signatures((), ""), public_url="https://line.example.com")

_NAMES = {name: getattr(app.callflow, name) for name in app.callflow.__all__}


@dataclass(frozen=True)
class Mistake:
    """A flow that is wrong.

    Attributes:
        written: the part that is wrong: the arguments of ``Flow``, or one step.
        others: further steps by name, so that nothing else is wrong.
        options: arguments of ``Flow``.
        platform: whose check finds it.
    """

    written: str
    others: Mapping[str, str] = field(default_factory=dict)
    options: str = ""
    platform: Provider = field(default_factory=lambda: CALLR)

    def findings(self) -> Sequence[Finding]:
        """What the two checks find."""
        try:
            flow = self._flow()
        except FlowError as problem:
            return problem.findings
        return self.platform.check(flow)

    def _flow(self) -> Flow:
        written = self.options or self.written
        options = dict(_run(f"dict({written})")) if _is_options(written) else {}
        first = self.written if not _is_options(self.written) else 'say("Hello.", then="bye")'
        others = {name: _run(source) for name, source in self.others.items()}
        steps: dict[str, Step] = {"first": _run(first), **others}
        if '"bye"' in f"{first} {self.options} {self.others}":
            steps["bye"] = hang_up()
        return Flow(**{"name": "line", "start": "first", "steps": steps, **options})


STRUCTURE = (
    Mistake('start="frist"'),
    Mistake('say("Hello.", then="by")'),
    Mistake('say("Hello.", then="bye")', {"sales": 'say("Sales.", then="bye")'}),
    Mistake('menu("Press 1.", {"1": "first"}, failure="first")', {}, 'fallback="bye"'),
    Mistake('dial("+33123456789", no_answer="sorry")', {"sorry": 'say("Busy.", then="first")'}),
    Mistake('say("You typed {order}.", then="bye")'),
    Mistake(
        'collect("Your order?", "order", then="told", failure="told")',
        {"told": 'hang_up("You typed {order}.")'},
    ),
    Mistake(
        'collect("PIN?", "pin", secret=True, then="told", failure="bye")',
        {"told": 'hang_up("{pin}")'},
    ),
    Mistake(
        'collect("PIN?", "pin", secret=True, then="again", failure="bye")',
        {"again": 'collect("PIN?", "pin", then="bye", failure="bye")'},
    ),
    Mistake('branch("team", {"sales": "bye"}, otherwise="bye")'),
    Mistake('hours({"mon-fri": "09:00-18:00"}, open="bye", closed_step="bye")'),
    Mistake('say({"en-GB": "Hello.", "fr-FR": "Bonjour."}, then="bye")', {}, 'language="vi"'),
    Mistake('name="My line"'),
    Mistake('language="english"'),
    Mistake('hang_up("Bye.")', {"First step": 'say("Hello.", then="first")'}, 'start="First step"'),
    Mistake('timezone="Paris"'),
    Mistake('given={"name": None}'),
    Mistake('given={"caller": ""}'),
    Mistake('phrases={"sorry": "Sorry."}'),
    Mistake('phrases={"apology": "Sorry, {caller}."}'),
    Mistake(
        'collect("Order?", "order", then="bye", failure="bye")',
        {},
        'phrases={"invalid": "Not {order}."}',
    ),
)
"""What ``Flow(...)`` finds about the flow as a whole."""

ARGUMENTS = (
    Mistake('say("Hello.", then=["bye"])'),
    Mistake('say("Hello.", then=to(42))'),
    Mistake('say("", then="bye")'),
    Mistake('say("Hello {name", then="bye")'),
    Mistake('say("Hello {Name}.", then="bye")', {}, 'given={"name": ""}'),
    Mistake('say({"english": "Hello."}, then="bye")'),
    Mistake('say({"en-GB": ["One.", "Two."], "fr-FR": "Un."}, then="bye")'),
    Mistake('say({"en-GB": "One.", "fr-FR": Media(callr=42)}, then="bye")'),
    Mistake('say({"en-GB": 42}, then="bye")'),
    Mistake('say(42, then="bye")'),
    Mistake('say("Hello.", language="english", then="bye")'),
    Mistake('say("Hello.", voice="Serena|", then="bye")'),
    Mistake('menu("Press #.", {"#": "bye"}, failure="bye")'),
    Mistake('menu("Press.", {"1": "bye", "10": "bye"}, failure="bye")'),
    Mistake('menu("Press.", {}, failure="bye")'),
    Mistake('menu("Press 1.", {"1": "bye"}, tries=0, failure="bye")'),
    Mistake('menu("Press 1.", {"1": "bye"}, timeout_s=0, failure="bye")'),
    Mistake('collect("Order?", "Order", then="bye", failure="bye")'),
    Mistake('collect("Order?", "order", min_digits=9, max_digits=6, then="bye", failure="bye")'),
    Mistake('collect("Order?", "order", accept="0-9", then="bye", failure="bye")'),
    Mistake('collect("Order?", "order", valid=6, then="bye", failure="bye")'),
    Mistake('dial(no_answer="bye")'),
    Mistake('dial("01 23 45 67 89", no_answer="bye")'),
    Mistake('dial("+33123456789", whisper=["Sales.", "Go."], no_answer="bye")'),
    Mistake('dial("+33123456789", ringtone="loud", no_answer="bye")'),
    Mistake('dial("+33123456789", withheld="yes", no_answer="bye")'),
    Mistake('conference("team", pin_code=1234, then="bye")'),
    Mistake('branch(42, {"1": "bye"}, otherwise="bye")'),
    Mistake('branch("direction", ["inbound"], otherwise="bye")'),
    Mistake('branch("direction", {1.5: "bye"}, otherwise="bye")'),
    Mistake(
        'branch("direction", {"1": "bye", 1: "bye", "True": "bye", True: "bye"}, otherwise="bye")'
    ),
    Mistake('assign(then="bye")'),
    Mistake('assign(price=1.5, then="bye")'),
    Mistake('assign(language=None, then="bye")'),
    Mistake('command("play", {"media_id": {1, 2}}, then="bye")'),
    Mistake('say("Hello.", then=to("bye", price=1.5))'),
    Mistake('hang_up("Goodbye.", disposition="Call back")'),
    Mistake(
        'hours({"monday": "09:00-18:00"}, open="bye", closed_step="bye")', {}, 'timezone="UTC"'
    ),
    Mistake('hours("09:00-18:00", open="bye", closed_step="bye")', {}, 'timezone="UTC"'),
    Mistake('hours({"mon": "9-18"}, open="bye", closed_step="bye")', {}, 'timezone="UTC"'),
    Mistake(
        'hours({"mon": "09:00-18:00"}, closed=("25/12",), open="bye", closed_step="bye")',
        {},
        'timezone="UTC"',
    ),
    Mistake(
        'hours({"mon": "09:00-18:00"}, closed={"12-25"}, open="bye", closed_step="bye")',
        {},
        'timezone="UTC"',
    ),
    Mistake(
        'hours({"mon": "09:00-18:00"}, closed="12-25", open="bye", closed_step="bye")',
        {},
        'timezone="UTC"',
    ),
)
"""What ``Flow(...)`` finds about one argument."""

PLATFORM = (
    Mistake('menu("Press 1.", {"1": "bye"}, timeout_s=50, failure="bye")'),
    Mistake('collect("Order?", "order", max_digits=99, then="bye", failure="bye")'),
    Mistake('dial("+33123456789", ring_s=2, no_answer="bye")'),
    Mistake('dial("+3312", no_answer="bye")'),
    Mistake('dial(Client("user_1"), no_answer="bye")'),
    Mistake('menu("", {"1": "bye"}, failure="bye")'),
    Mistake('conference("team", pin_code="12 34", then="bye")'),
    Mistake('send_digits("12A", then="bye")'),
    Mistake('play(Media(stringee="welcome.mp3"), then="bye")'),
    Mistake('command("playback", then="bye")'),
    Mistake('command("play", {"media": 42}, then="bye")'),
    Mistake('command("play", then="bye")'),
    Mistake('command("wait", {"seconds": 99}, then="bye")'),
    Mistake('language="vi-VN"'),
    Mistake('record(None, into="message", then="bye")', platform=WITHOUT_A_TONE),
)
"""What CALLR does not take."""

ON_STRINGEE = (
    Mistake('conference("team", then="bye")', platform=STRINGEE),
    Mistake('send_digits("12", then="bye")', platform=STRINGEE),
    Mistake('record("Speak.", into="message", then="bye", nothing="bye")', platform=STRINGEE),
    Mistake('dial("+33123456789", withheld=True, no_answer="bye")', platform=STRINGEE),
    Mistake('dial("+33123456789", ring_s=100000, no_answer="bye")', platform=STRINGEE),
    Mistake('dial("+33123456789", whisper="Sales.", no_answer="bye")', platform=STRINGEE),
    Mistake('dial("+33123456789", ringtone="music", no_answer="bye")', platform=STRINGEE),
    Mistake(
        'record("Speak.", into="message", then="told")',
        {"told": 'hang_up("You left {message}.")'},
        platform=STRINGEE,
    ),
    Mistake('command("play_record", {"media_file": "x"}, then="bye")', platform=STRINGEE),
    Mistake('command("talk", {"text": "Hello.", "speed": 9}, then="bye")', platform=STRINGEE),
    Mistake('play(Media(callr=42), then="bye")', platform=STRINGEE),
    Mistake('language="en-GB"', platform=STRINGEE),
)
"""What Stringee does not take."""


def findings_of_files() -> Iterator[tuple[str, Finding]]:
    """What is found of files that hold flows: (what is wrong with them, the finding)."""
    line = (
        "from app.callflow import Flow, hang_up\n"
        'line = Flow("line", start="bye", steps={"bye": hang_up()})\n'
    )
    wrong = {
        "two files define a flow of one name": {"one.py": line, "two.py": line},
        "a file cannot be imported": {"line.py": "import no_such_library\n"},
        "a step does not take what it is given": {
            "line.py": 'from app.callflow import hang_up\nhang_up(promt="Goodbye.")\n'
        },
        "a place of `OFFHOOK_FLOWS` has no flow": {"words.py": 'HELLO = "Hello."\n'},
    }
    for told, files in wrong.items():
        with TemporaryDirectory() as folder:
            for name, text in files.items():
                (Path(folder) / name).write_text(text)
            for found in find_flows(folder)[1]:
                yield told, _without(found, folder)
    for found in find_flows("no/flows")[1]:
        yield "a place of `OFFHOOK_FLOWS` is not there", found


def _without(found: Finding, folder: str) -> Finding:
    message = found.message.replace(folder, "flows")
    return Finding(found.flow, found.step, found.field, message, found.mend, found.level)


def _run(source: str) -> Any:
    return eval(source, dict(_NAMES))  # noqa: S307 - the sources stand above


def _is_options(written: str) -> bool:
    """Whether it is arguments of ``Flow`` and not a step."""
    return "(" not in written.partition("=")[0]
