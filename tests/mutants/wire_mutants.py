"""Changed copies of the wire: what CALLR would not understand, or we would not understand of it.

A key that our own check of ranges knows is renamed there too, so that it is the simulator, the
second reading of the protocol, that has to notice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

WIRE = "app/callr/wire.py"
PROVIDER = "app/callr/provider.py"
READING = "app/callr/reading.py"
WRITING = (WIRE, "app/callr/ranges.py", "app/callr/check.py")


@dataclass(frozen=True)
class Mutant:
    """One change.

    Attributes:
        name: what is wrong with it.
        old, new: a piece of code and what stands in its place, everywhere in ``files``.
        files: where; the first is the one that must hold it.
    """

    name: str
    old: str
    new: str
    files: tuple[str, ...] = (WIRE,)

    @property
    def platform(self) -> str:
        """Whose adapter it changes."""
        return self.files[0].split("/")[1]

    def apply(self, root: Path) -> None:
        """Change a copy of the tree.

        Raises:
            LookupError: the code is not there any more: the mutant must follow it.
        """
        for path in self.files:
            file = root / path
            before = file.read_text()
            if path == self.files[0] and self.old not in before:
                msg = f"{path} has no {self.old!r}. Write what stands there now."
                raise LookupError(msg)
            file.write_text(before.replace(self.old, self.new))


def renamed(token: str, files: tuple[str, ...] = (WIRE,)) -> Mutant:
    """A quoted word under another name."""
    return Mutant(f"{token} renamed", f'"{token}"', f'"{token}_"', files)


COMMANDS = [
    Mutant("play renamed", 'return "play"', 'return "playback"'),
    Mutant("read renamed", 'return "read"', 'return "gather"'),
    renamed("dialout", (*WRITING, PROVIDER, READING)),
    renamed("conference", WRITING),
    renamed("hangup", (*WRITING, PROVIDER, READING)),
]

KEYS_WRITTEN = [
    Mutant("media_id of play", '"media_id": self.media(command)}', '"media": self.media(command)}'),
    Mutant("media_id of read", '"media_id": self.media(command.prompt)', '"media": 0'),
    *(renamed(key) for key in ("max_digits", "attempts", "timeout_ms")),
    *(
        renamed(key, WRITING)
        for key in (
            "max_duration",
            "silence",
            "targets",
            "number",
            "timeout",
            "cli",
            "ringtone",
            "whisper",
            "id",
            "welcome",
            "pin_code",
            "pin_max_tries",
            "auto_leave_when_alone",
        )
    ),
]

UNITS = [
    Mutant("timeouts in seconds", "command.timeout_s * 1000", "command.timeout_s"),
    Mutant("timeouts in tenths", "command.timeout_s * 1000", "command.timeout_s * 100"),
    Mutant("the platform counts tries", '"attempts": 1', '"attempts": 2'),
    Mutant("rings in milliseconds", '"timeout": dial.ring_s', '"timeout": dial.ring_s * 1000'),
    Mutant("records for minutes", "command.max_s,", "command.max_s // 60,"),
    Mutant("ring tones in small letters", "dial.ringtone.upper()", "dial.ringtone"),
    Mutant("no TTS", 'f"TTS|', 'f"TTS:', WRITING),
    Mutant("another English voice", "TTS_EN-GB_SERENA", "TTS-EN-GB_SERENA"),
    Mutant("another French voice", "TTS_FR-FR_AUDREY", "TTS_FR_AUDREY"),
    Mutant("a room's name as text", "return int(room) if is_number else room", "return room"),
]

STATUSES = [
    Mutant(f"{status} renamed", f'= "{status}"', f'= "{status}_"')
    for status in ("INCOMING_CALL", "UP", "HANGUP")
] + [renamed(status) for status in ("BUSY", "NOANSWER", "CONGESTION", "REJECTED")]

RESULTS = [
    Mutant("an answered dial", '"ANSWER": "answered"', '"ANSWERED": "answered"'),
    Mutant(
        "a busy dial", '"BUSY": "busy",\n    "CONGESTION"', '"BUSY_": "busy",\n    "CONGESTION"'
    ),
    Mutant("silence", 'NOTHING_ENTERED = {"TIMEOUT"', 'NOTHING_ENTERED = {"TIMED_OUT"'),
    Mutant("-1 at a hang-up", '"-1"', '"-2"'),
    Mutant("the app of tests", "OFFHOOK0", "OFFHOOK1"),
    Mutant("the first report", "FIRST = (0,", "FIRST = (1,"),
]

FIELDS_READ = [
    Mutant("callid", "callid = CallId", "call_id = CallId"),
    Mutant("call_status", "call_status = fields", "status = fields"),
    *(
        renamed(field, (READING,))
        for field in (
            "request_hash",
            "cli_number",
            "number",
            "date_started",
            "command",
            "command_id",
            "command_result",
            "cdr_field",
            "variables",
            "app",
        )
    ),
]

MUTANTS: Mapping[str, Mutant] = {
    mutant.name if mutant.files[0] == WIRE else f"{mutant.name} on reading": mutant
    for mutant in (*COMMANDS, *KEYS_WRITTEN, *UNITS, *STATUSES, *RESULTS, *FIELDS_READ)
}
