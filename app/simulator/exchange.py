"""What the calls of one platform share: rooms, recordings, and each other's lines."""

import threading
from dataclasses import dataclass, field

from app.simulator.line import Line


@dataclass(slots=True)
class _Room:
    members: list[Line] = field(default_factory=list)
    left: int = 0


class Exchange:
    """Rooms by id, recordings by file name, lines by callid. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rooms: dict[str, _Room] = {}
        self._recordings: dict[str, float] = {}
        self._lines: dict[int, Line] = {}

    def connect(self, callid: int, line: Line) -> None:
        """A call begins."""
        with self._lock:
            self._lines[callid] = line

    def disconnect(self, callid: int) -> None:
        """A call is over."""
        with self._lock:
            self._lines.pop(callid, None)

    def hang_up(self, callid: int, *, by: str) -> bool:
        """Hang up a call in progress; False when there is none of that id."""
        with self._lock:
            line = self._lines.get(callid)
        if line is not None:
            line.hang_up(by=by)
        return line is not None

    def break_command(self, callid: int) -> bool:
        """End the command that a call is in; False when there is no such call."""
        with self._lock:
            line = self._lines.get(callid)
        if line is not None:
            line.break_command()
        return line is not None

    def hang_up_all(self, *, by: str) -> None:
        """Hang up every call."""
        with self._lock:
            lines = list(self._lines.values())
        for line in lines:
            line.hang_up(by=by)

    def keep_recording(self, file: str, seconds: float) -> None:
        """A recording of a caller exists from now on."""
        with self._lock:
            self._recordings[file] = seconds

    def recording(self, file: str) -> float | None:
        """How long a recording is, in seconds; None for a name that nothing was recorded under."""
        with self._lock:
            return self._recordings.get(file)

    def enter(self, room: str, line: Line) -> None:
        """Come into a room, which is made when it is not there. The others are told."""
        with self._lock:
            members = self._rooms.setdefault(room, _Room()).members
            others = list(members)
            members.append(line)
        for other in others:
            other.nudge()

    def leave(self, room: str, line: Line) -> None:
        """Go out of a room, which is closed when it is empty. The others are told."""
        with self._lock:
            there = self._rooms[room]
            there.members.remove(line)
            there.left += 1
            others = list(there.members)
            if not others:
                del self._rooms[room]
        for other in others:
            other.nudge()

    def others(self, room: str) -> tuple[int, int]:
        """How many others are in the room that one is in, and how many have left it so far."""
        with self._lock:
            there = self._rooms[room]
            return len(there.members) - 1, there.left
