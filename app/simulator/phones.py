"""Telephones at the simulator: in somebody's hand, or waiting to be called."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from app.simulator.line import check_keys
from app.simulator.live import EventLog, Live
from app.simulator.person import Answer, Handset, Others, Person
from app.simulator.platform import Platform
from app.simulator.ring import A_CALLER
from app.simulator.scripted import Script, Scripted
from app.simulator.stringee.facts import Kind, digits
from app.simulator.stringee.platform import StringeePlatform
from app.simulator.transcript import Ended, Event

MOST_PHONES: Final = 200
GONE_AFTER_S: Final = 60.0
"""Real seconds after which a listening phone that nobody asks for events counts as put away."""


class NoSuchPhoneError(Exception):
    """There is no phone of that id, or not any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds a telephone: the script that it follows, or how a live person's phone behaves.

    Attributes:
        script: followed when given; the other attributes then do not matter.
        answer: what happens when the phone of a live person rings.
        ring_s: simulated seconds until it does.
        others: who is at the numbers that the voice app dials.
        patience_s: real seconds for which the platform stands still where it waits for the live
            person; None lets its own limits run.
    """

    script: Script | None = None
    answer: Answer = Answer.ANSWER
    ring_s: float = 3.0
    others: Others = field(default_factory=Others)
    patience_s: float | None = 600.0

    def person(self) -> Person:
        """The person, for one call."""
        if self.script is not None:
            return Scripted(self.script)
        return Live(
            answer=self.answer,
            ring_s=self.ring_s,
            others=self.others,
            patience_s=self.patience_s,
        )


class HeldPhone:
    """One telephone, for one call or, when it listens, for one after the other."""

    def __init__(self, holder: Holder, *, listens: bool, now: Callable[[], float]) -> None:
        self.log = EventLog()
        self._holder = holder
        self._listens = listens
        self._now = now
        self._lock = threading.Lock()
        self._busy = False
        self._handset: Handset | None = None
        self._asked = now()

    def take(self) -> Person | None:
        """The person for a call that comes in: a busy one during a call, None when all are gone."""
        with self._lock:
            if self._now() - self._asked > GONE_AFTER_S:
                return None
            if self._busy:
                return Scripted(Script(answer=Answer.BUSY))
            self._busy = True
        return _Held(self, self._holder.person())

    def events(self, after: int, *, wait_s: float) -> tuple[tuple[Event, ...], bool]:
        """Events from a number (from 0) on, and whether no more can come."""
        with self._lock:
            self._asked = self._now()
        found = self.log.since(after, wait_s=wait_s)
        with self._lock:
            self._asked = self._now()
        return found

    def press(self, keys: str) -> None:
        """Press keys now; a ValueError names what is none. Between two calls it does nothing."""
        check_keys(keys)
        handset = self._handset
        if handset is not None:
            handset.press(keys)

    def hang_up(self) -> None:
        """Hang up, or decline."""
        handset = self._handset
        if handset is not None:
            handset.hang_up()

    def stay_silent(self) -> None:
        """Let pass what the platform waits for."""
        handset = self._handset
        if handset is not None:
            handset.stay_silent()

    def close(self) -> None:
        """Put it away."""
        self.hang_up()
        self.log.close()

    def met(self, handset: Handset) -> None:
        """A call has begun."""
        self._handset = handset

    def told(self, event: Event) -> None:
        """Something happened. After a call it is free for the next, before anybody reads that."""
        ended = isinstance(event, Ended)
        if ended:
            self._handset = None
            with self._lock:
                self._busy = False
        self.log.add(event)
        if ended and not self._listens:
            self.log.close()


class _Held:
    """A person whose call is followed, and acted upon, through a held phone."""

    def __init__(self, phone: HeldPhone, person: Person) -> None:
        self._phone = phone
        self._person = person
        self.answer = person.answer
        self.ring_s = person.ring_s
        self.others = person.others
        self.patience_s = person.patience_s

    def meet(self, handset: Handset) -> None:
        self._phone.met(handset)
        self._person.meet(handset)

    def notice(self, event: Event) -> None:
        self._person.notice(event)
        self._phone.told(event)


class Phones:
    """All telephones and apps at the platforms that are reached from outside, by id."""

    def __init__(
        self,
        platform: Platform,
        stringee: StringeePlatform,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._platform = platform
        self._stringee = stringee
        self._now = now
        self._lock = threading.Lock()
        self._phones: dict[str, HeldPhone] = {}
        self._numbers: dict[str, str] = {}

    def ring(
        self,
        number: str,
        holder: Holder,
        *,
        caller: str = A_CALLER,
        at: datetime | None = None,
        kind: Kind | None = None,
    ) -> str:
        """Ring one of the accounts' numbers; returns the phone's id.

        Args:
            number: E.164.
            holder: who rings.
            caller: from where.
            at: when, for CALLR, which tells it.
            kind: a type of Stringee's calls; without one, the number tells whose it is.

        Raises:
            UnreachableError: see `ring` of the platforms.
            AllLinesBusyError: too many calls at once.
        """
        phone = HeldPhone(holder, listens=False, now=self._now)
        person = phone.take() or Scripted()
        if kind is not None or self._stringee.store.number_of(digits(number)) is not None:
            told = kind or "phone-to-app"
            self._stringee.ring(number, person=person, caller=caller, kind=told)
        else:
            self._platform.ring(number, person=person, caller=caller, at=at)
        return self._add(phone)

    def call_from_app(
        self, to: str, holder: Holder, *, user: str, kind: Kind, shows: str, custom: str
    ) -> str:
        """Call from an app of Stringee's; returns the phone's id. See `StringeePlatform`.

        Raises:
            UnreachableError: nobody answers apps.
            AllLinesBusyError: too many calls at once.
        """
        phone = HeldPhone(holder, listens=False, now=self._now)
        person = phone.take() or Scripted()
        self._stringee.call_from_app(
            to, person=person, user=user, kind=kind, shows=shows, custom=custom
        )
        return self._add(phone)

    def listen(self, number: str, holder: Holder) -> str:
        """Be at a number for outbound calls, until the phone is put away; returns its id.

        Who listened there before is called no more.
        """
        phone = HeldPhone(holder, listens=True, now=self._now)
        phone_id = self._add(phone)
        self._platform.people.put(number, phone.take)
        with self._lock:
            self._numbers[phone_id] = number
        return phone_id

    def get(self, phone_id: str) -> HeldPhone:
        """The phone of an id.

        Raises:
            NoSuchPhoneError: there is none.
        """
        with self._lock:
            phone = self._phones.get(phone_id)
        if phone is None:
            raise NoSuchPhoneError(f"there is no phone {phone_id!r}; it may have been put away")
        return phone

    def close(self, phone_id: str) -> None:
        """Put a phone away."""
        phone = self.get(phone_id)
        with self._lock:
            del self._phones[phone_id]
            number = self._numbers.pop(phone_id, None)
            taken_over = number in self._numbers.values()
        if number is not None and not taken_over:
            self._platform.people.remove(number)
        phone.close()

    def stop(self) -> None:
        """Put all phones away."""
        with self._lock:
            ids = list(self._phones)
        for phone_id in ids:
            self.close(phone_id)

    def _add(self, phone: HeldPhone) -> str:
        phone_id = secrets.token_hex(8)
        with self._lock:
            if len(self._phones) >= MOST_PHONES:
                oldest = next(iter(self._phones))
                self._numbers.pop(oldest, None)
                self._phones.pop(oldest).close()
            self._phones[phone_id] = phone
        return phone_id
