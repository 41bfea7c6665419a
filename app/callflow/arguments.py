"""Reads what an author wrote as arguments of a step, and collects what is wrong instead of raising.

So that ``Flow(...)`` can tell all of it at once, with the step's name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from app.callflow.commands import Media, Value
from app.callflow.kinds.base import To
from app.callflow.kinds.silent import LANGUAGE_VARIABLE, MINUTES_A_DAY, Opening
from app.callflow.parties import is_e164
from app.callflow.prompts import (
    LANGUAGE,
    NAME,
    In,
    Prompt,
    PromptLike,
    Template,
    prompt_from,
)

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})\Z")
_ENTRY_KEYS = "0123456789*"
_LEAP_YEAR = 2024


class Arguments:
    """The arguments of one step, as they are read."""

    def __init__(self) -> None:
        self._problems: list[tuple[str, str]] = []

    @property
    def problems(self) -> tuple[tuple[str, str], ...]:
        """What was wrong so far: (argument, what is wrong and what to write instead)."""
        return tuple(self._problems)

    def wrong(self, argument: str, message: str) -> None:
        """Note that an argument is wrong."""
        self._problems.append((argument, message))

    def prompt(self, argument: str, written: object, *, needed: bool = False) -> Prompt:
        """A prompt; empty where it cannot be read."""
        try:
            prompt = prompt_from(written)
        except ValueError as problem:
            self.wrong(argument, str(problem))
            return Prompt()
        if needed and not prompt.pieces:
            self.wrong(argument, "it is empty. Write what is said.")
        return prompt

    def optional_prompt(self, argument: str, written: PromptLike | None) -> Prompt | None:
        """A prompt; None where it was not given."""
        return None if written is None else self.prompt(argument, written)

    def one_piece(self, argument: str, written: PromptLike | None) -> Prompt:
        """A prompt of one text or sound."""
        prompt = self.prompt(argument, written)
        if len(prompt.pieces) > 1:
            self.wrong(argument, "it has several pieces. Write one text or one Media.")
        return prompt

    def exits(self, /, **exits: Any) -> dict[str, To]:
        """The declared exits, by name; those that are None are not declared."""
        read: dict[str, To] = {}
        for label, exit_ in exits.items():
            if exit_ is None:
                continue
            target = To(exit_) if isinstance(exit_, str) else exit_
            if not isinstance(target, To):
                self.wrong(label, f"{exit_!r} is no exit. Write a step's name or to('step', ...).")
                continue
            self._check_exit(label, target)
            read[label] = target
        return read

    def variable(self, argument: str, name: object) -> str:
        """A variable's name."""
        if not isinstance(name, str) or not NAME.match(name):
            self.wrong(argument, f"{name!r} is no name. Write like order_number: a-z, 0-9, _.")
            return "unnamed"
        return name

    def word(self, argument: str, word: str) -> str:
        """A disposition."""
        if word and not NAME.match(word):
            self.wrong(argument, f"{word!r} is no word. Write like call_back: a-z, 0-9, _.")
        return word

    def language(self, argument: str, language: str | None) -> str | None:
        """A language tag, or None."""
        if language is not None and not LANGUAGE.match(language):
            self.wrong(argument, f"{language!r} is no language tag. Write like en-GB or vi.")
            return None
        return language

    def count(self, argument: str, number: object) -> int:
        """A whole number, at least 1."""
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            self.wrong(argument, f"it is {number!r}. Write a whole number, 1 or more.")
            return 1
        return number

    def seconds(self, argument: str, number: object) -> float:
        """A number of seconds, over 0."""
        if isinstance(number, bool) or not isinstance(number, int | float) or not number > 0:
            self.wrong(argument, f"it is {number!r}. Write seconds, over 0.")
            return 1
        return number

    def digits_range(self, min_digits: int, max_digits: int) -> None:
        """The least and the most digits of an entry."""
        self.count("min_digits", min_digits)
        self.count("max_digits", max_digits)
        if not self._problems and min_digits > max_digits:
            self.wrong("min_digits", f"{min_digits} is over max_digits, {max_digits}. Write less.")

    def keys(self, argument: str, keys: str) -> str:
        """The keys that an entry may have."""
        if not keys or any(key not in _ENTRY_KEYS for key in keys):
            self.wrong(argument, f"it is {keys!r}. Write keys out of 0-9 and *; # ends an entry.")
        return keys

    def menu_keys(self, choices: Mapping[Any, Any]) -> tuple[str, ...]:
        """The keys of a menu, all of one length."""
        for key in choices:
            if not isinstance(key, str) or not key or any(one not in _ENTRY_KEYS for one in key):
                self.wrong("choices", f"{key!r} is no key. Write keys out of 0-9 and *, as text.")
        lengths = {len(key) for key in choices if isinstance(key, str)}
        if len(lengths) > 1:
            self.wrong("choices", "its keys differ in length. Write keys of one length.")
        if not choices:
            self.wrong("choices", "there are none. Write at least one key and its exit.")
        return tuple(key for key in choices if isinstance(key, str)) or ("0",)

    def function(self, argument: str, function: Any) -> Any:
        """A function, or None."""
        if function is not None and not callable(function):
            self.wrong(argument, f"{function!r} is no function.")
            return None
        return function

    def template(self, argument: str, text: str) -> Template:
        """A text with placeholders."""
        try:
            return Template.parse(text)
        except (ValueError, TypeError) as problem:
            self.wrong(argument, str(problem))
            return Template(())

    def template_or_function(self, argument: str, written: Any) -> Any:
        """A text with placeholders, or a function of the call."""
        return written if callable(written) else self.template(argument, str(written))

    def number(self, argument: str, number: str | None) -> str | None:
        """An E.164 number, or None."""
        if number is not None and not is_e164(number):
            self.wrong(argument, f"{number!r} is no number. Write it like +33612345678.")
            return None
        return number

    def targets(self, targets: Sequence[Any]) -> tuple[Any, ...]:
        """The targets of a dial."""
        if not targets:
            self.wrong("targets", "there are none. Write at least one number.")
        read = tuple(self.template_or_function("targets", target) for target in targets)
        for target in read:
            if isinstance(target, Template) and not target.placeholders:
                self.number("targets", str(target))
        return read

    def params(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters of a platform's own command."""
        read: dict[str, Any] = {}
        for name, written in params.items():
            if isinstance(written, str):
                read[name] = self.template(name, written)
            elif isinstance(written, In | Media):
                read[name] = self.prompt(name, written)
            else:
                read[name] = written
        return read

    def cases(self, exits: Mapping[Any, Any]) -> list[tuple[Value, str, Any]]:
        """A branch's cases: (value, the exit's name, the exit)."""
        cases = []
        for value, exit_ in exits.items():
            if value is not None and not isinstance(value, str | int):
                self.wrong("exits", f"{value!r} is no value. Write a str, int, bool or None.")
                continue
            label = value if isinstance(value, str) and value != "otherwise" else repr(value)
            cases.append((value, label, exit_))
        if len({label for _, label, _ in cases}) < len(cases):
            self.wrong("exits", "two values read alike. Write each value once, of one type.")
        return cases

    def assigned(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What an ``assign`` sets."""
        if not values:
            self.wrong("values", "there are none. Write assign(name=value, then=...).")
        for name, value in values.items():
            if name == LANGUAGE_VARIABLE:
                if not callable(value):
                    self.language(name, value)
                continue
            self.variable(name, name)
            if value is not None and not isinstance(value, str | int) and not callable(value):
                self.wrong(name, f"it is {value!r}. Write a str, int, bool, None or a function.")
        return dict(values)

    def openings(self, week: Mapping[str, str]) -> tuple[Opening, ...]:
        """Opening hours."""
        return tuple(
            Opening(day, since, until)
            for days, spans in week.items()
            for day in self._weekdays(days)
            for since, until in self._spans(spans)
        )

    def days(self, closed: Any) -> tuple[str, ...]:
        """Days that are closed: MM-DD, or YYYY-MM-DD."""
        if isinstance(closed, str):
            self.wrong("closed", f"{closed!r} is one text. Write a sequence: ({closed!r},).")
            return ()
        for day in closed:
            written = day if day.count("-") > 1 else f"{_LEAP_YEAR}-{day}"
            try:
                date.fromisoformat(written)
            except ValueError:
                self.wrong("closed", f"{day!r} is no day. Write 12-25 or 2026-12-25.")
        return tuple(closed)

    def _check_exit(self, label: str, exit_: To) -> None:
        self.language(label, exit_.language)
        assigned: tuple[tuple[str, object], ...] = exit_.assigned
        for name, value in assigned:
            self.variable(label, name)
            if value is not None and not isinstance(value, str | int):
                self.wrong(label, f"{name} is {value!r}. Write a str, int, bool or None.")

    def _weekdays(self, days: str) -> tuple[int, ...]:
        first, _, last = days.partition("-")
        last = last or first
        if first not in _DAYS or last not in _DAYS:
            self.wrong("week", f"{days!r} is no day. Write mon, tue, wed, thu, fri, sat or sun.")
            return ()
        begin, end = _DAYS.index(first), _DAYS.index(last)
        return tuple(day % len(_DAYS) for day in range(begin, end + 1 + 7 * (end < begin)))

    def _spans(self, spans: str) -> list[tuple[int, int]]:
        read = []
        for span in spans.split():
            match = _SPAN.match(span)
            hours_minutes = [int(part) for part in match.groups()] if match else [24, 1, 0, 0]
            since = hours_minutes[0] * 60 + hours_minutes[1]
            until = hours_minutes[2] * 60 + hours_minutes[3]
            minutes = hours_minutes[1::2]
            if max(since, until) > MINUTES_A_DAY or max(minutes) > 59 or since == until:  # noqa: PLR2004
                self.wrong("week", f"{span!r} are no hours. Write like 09:00-18:00.")
                continue
            read.append((since, until if until > since else until + MINUTES_A_DAY))
        return read
