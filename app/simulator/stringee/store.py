"""What the simulated Stringee remembers. In memory, locked; forgotten at its end."""

import secrets
import threading
from collections import deque
from dataclasses import replace
from typing import Final

from app.simulator.stringee.account import StringeeAccount
from app.simulator.stringee.facts import Project, letters
from app.simulator.stringee.objects import EndedCall, Greeting, OwnNumber, OwnProject

MOST_ENDED: Final = 10_000
MOST_GREETINGS: Final = 100
_FIRST_NUMBER_ID: Final = 1001


class StringeeStore:
    """The account's things. Each method is one transaction; what it gives back is frozen.

    Args:
        account: whose they are; its first project has its API key, its numbers are of it.
    """

    def __init__(self, account: StringeeAccount) -> None:
        self._account = account
        self._lock = threading.Lock()
        first = OwnProject(
            id=account.project_id,
            name="simulator",
            key_sid=account.key_sid,
            key_secret=account.key_secret,
            signing_key=account.signing_key,
        )
        self._projects = {first.id: first}
        numbers = [
            OwnNumber(id=number_id, number=number, project_id=first.id)
            for number_id, number in enumerate(account.numbers, start=_FIRST_NUMBER_ID)
        ]
        self._numbers = {number.id: number for number in numbers}
        self._greetings: dict[str, Greeting] = {}
        self._ended: deque[EndedCall] = deque(maxlen=MOST_ENDED)
        self._fetched: dict[str, int] = {}

    # -- projects -----------------------------------------------------------------------------

    def projects(self) -> tuple[OwnProject, ...]:
        """All projects, oldest first."""
        with self._lock:
            return tuple(self._projects.values())

    def project(self, project_id: object) -> OwnProject | None:
        """The project of an id."""
        with self._lock:
            return self._projects.get(project_id) if isinstance(project_id, int) else None

    def project_of_key(self, key_sid: object) -> OwnProject | None:
        """The project that an API key is of."""
        return next((one for one in self.projects() if one.key_sid == key_sid), None)

    def create_project(self, name: str, answer_url: str, event_url: str) -> OwnProject:
        """A new project, with a new API key."""
        with self._lock:
            project = OwnProject(
                id=max(self._projects) + 1,
                name=name,
                answer_url=answer_url,
                event_url=event_url,
                key_sid=f"SK.0.{letters()}{letters()}",
                key_secret=secrets.token_urlsafe(32),
                signing_key=secrets.token_urlsafe(32),
            )
            self._projects[project.id] = project
        return project

    def change_project(self, project: OwnProject, **changes: str) -> OwnProject:
        """Change a project's name or URLs."""
        with self._lock:
            changed = replace(self._projects[project.id], **changes)  # type: ignore[arg-type]
            self._projects[project.id] = changed
        return changed

    def identity(self, project: OwnProject) -> Project:
        """The project as calls know it: it may show the numbers that are assigned to it."""
        return Project(
            id=project.id,
            account_id=self._account.account_id,
            account_sid=self._account.account_sid,
            signing_key=project.signing_key,
            numbers=frozenset(one.number for one in self.numbers() if one.project_id == project.id),
        )

    # -- numbers ------------------------------------------------------------------------------

    def numbers(self) -> tuple[OwnNumber, ...]:
        """All numbers."""
        with self._lock:
            return tuple(self._numbers.values())

    def number(self, number_id: int) -> OwnNumber | None:
        """The number of an id."""
        with self._lock:
            return self._numbers.get(number_id)

    def number_of(self, number: str) -> OwnNumber | None:
        """The number with these digits."""
        return next((one for one in self.numbers() if one.number == number), None)

    def change_number(self, number: OwnNumber, **changes: str | int) -> OwnNumber:
        """Change a number's project or URLs."""
        with self._lock:
            changed = replace(self._numbers[number.id], **changes)  # type: ignore[arg-type]
            self._numbers[number.id] = changed
        return changed

    # -- greetings ----------------------------------------------------------------------------

    def add_greeting(self, content: bytes, description: str, ms: int) -> Greeting | None:
        """Keep an uploaded sound; None where there are too many."""
        greeting = Greeting(
            name=f"{letters()}-{ms}.mp3",
            sid=secrets.token_hex(16),
            description=description,
            content=content,
        )
        with self._lock:
            if len(self._greetings) >= MOST_GREETINGS:
                return None
            self._greetings[greeting.name] = greeting
        return greeting

    def greetings(self) -> tuple[Greeting, ...]:
        """All uploaded sounds."""
        with self._lock:
            return tuple(self._greetings.values())

    @property
    def greeting_names(self) -> frozenset[str]:
        """What `play` can play."""
        with self._lock:
            return frozenset(self._greetings)

    # -- calls --------------------------------------------------------------------------------

    def keep(self, call: EndedCall) -> None:
        """A call ended."""
        with self._lock:
            self._ended.append(call)

    def ended(self) -> tuple[EndedCall, ...]:
        """Ended calls, oldest first; the last 10,000."""
        with self._lock:
            return tuple(self._ended)

    def ended_call(self, call_id: str) -> EndedCall | None:
        """The ended call of an id, or that a recording is of."""
        return next(
            (
                call
                for call in self.ended()
                if call.record.facts.call_id == call_id or call.seconds_of(call_id) is not None
            ),
            None,
        )

    def fetch(self, recording: str) -> int:
        """Count that a recording is asked for; gives how often it was before."""
        with self._lock:
            before = self._fetched.get(recording, 0)
            self._fetched[recording] = before + 1
        return before
