"""Reads what an author wrote as arguments of a step, and collects what is wrong instead of raising.

So that ``Flow(...)`` can tell all of it at once, with the step's name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from app.callflow.commands import Media, Value
from app.callflow.kinds.base import To
from app.callflow.kinds.doing import ClientTarget
from app.callflow.kinds.silent import LANGUAGE_VARIABLE, Opening
from app.callflow.parties import Client, is_e164
from app.callflow.prompts import (
    LANGUAGE,
    NAME,
    In,
    Prompt,
    PromptLike,
    Template,
    prompt_from,
)
from app.callflow.week import read_days, read_week

_ENTRY_KEYS = "0123456789*"
_VOICE = re.compile(r"[^|\x00-\x20\x7f\ud800-\udfff]+\Z")


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

    def exits(self, of: Mapping[str, Any] | None = None, /, **exits: Any) -> dict[str, To]:
        """The declared exits, by name; those that are None are not declared."""
        read: dict[str, To] = {}
        for label, exit_ in {**(of or {}), **exits}.items():
            if exit_ is None:
                continue
            target = To(exit_) if isinstance(exit_, str) else exit_
            if not isinstance(target, To):
                self.wrong(label, f"{exit_!r} is no exit. Write a step's name or to('step', ...).")
                continue
            read[label] = self._checked(label, target)
        return read

    def variable(self, argument: str, name: object) -> str:
        """A variable's name."""
        if not isinstance(name, str) or not NAME.match(name):
            self.wrong(argument, f"{name!r} is no name. Write like order_number: a-z, 0-9, _.")
            return "unnamed"
        return name

    def word(self, argument: str, word: object) -> str:
        """A disposition."""
        if word in ("", None):
            return ""
        if not isinstance(word, str) or not NAME.match(word):
            self.wrong(argument, f"{word!r} is no word. Write like call_back: a-z, 0-9, _.")
        return str(word)

    def text(self, argument: str, text: object) -> str:
        """A text that is sent as it is written."""
        if not isinstance(text, str):
            self.wrong(argument, f"{text!r} is no text.")
            return ""
        return text

    def voice(self, voice: object) -> str | None:
        """A platform's own name of a voice, or None."""
        if voice is not None and (not isinstance(voice, str) or not _VOICE.match(voice)):
            self.wrong("voice", f"{voice!r} is no voice. Write a name, such as TTS_EN-GB_SERENA.")
            return None
        return voice

    def flag(self, argument: str, flag: object) -> bool:
        """True or False."""
        if not isinstance(flag, bool):
            self.wrong(argument, f"it is {flag!r}. Write True or False.")
        return bool(flag)

    def ringtone(self, ringtone: object) -> Literal["ring", "music"]:
        """What a caller hears while others are rung."""
        if ringtone not in ("ring", "music"):
            self.wrong("ringtone", f'it is {ringtone!r}. Write "ring" or "music".')
        return "music" if ringtone == "music" else "ring"

    def language(self, argument: str, language: object) -> str | None:
        """A language tag, or None."""
        if language is None:
            return None
        if not isinstance(language, str) or not LANGUAGE.match(language):
            self.wrong(argument, f"{language!r} is no language tag. Write like en-GB or vi.")
            return None
        return language

    def count(self, argument: str, number: object, *, least: int = 1) -> int:
        """A whole number, at least ``least``; the platform says how many at most."""
        if isinstance(number, bool) or not isinstance(number, int) or number < least:
            self.wrong(argument, f"it is {number!r}. Write a whole number, {least} or more.")
            return least
        return number

    def seconds(self, argument: str, number: object) -> float:
        """A number of seconds, over 0."""
        if isinstance(number, bool) or not isinstance(number, int | float) or not number > 0:
            self.wrong(argument, f"it is {number!r}. Write seconds, over 0.")
            return 1
        return number

    def digits_range(self, least: object, most: object) -> dict[str, int]:
        """The least and the most digits of an entry."""
        min_digits, max_digits = self.count("min_digits", least), self.count("max_digits", most)
        if not self._problems and min_digits > max_digits:
            self.wrong("min_digits", f"{min_digits} is over max_digits, {max_digits}. Write less.")
        return {"min_digits": min_digits, "max_digits": max_digits}

    def keys(self, argument: str, keys: object) -> str:
        """The keys that an entry may have."""
        if not isinstance(keys, str) or not keys or any(key not in _ENTRY_KEYS for key in keys):
            self.wrong(argument, f"it is {keys!r}. Write keys out of 0-9 and *; # ends an entry.")
            return _ENTRY_KEYS
        return keys

    def choices(self, written: object) -> dict[str, Any]:
        """The keys of a menu, all of one length, and their exits."""
        choices = self._mapping("choices", written, "Write each key and its exit.")
        for key in choices:
            if not isinstance(key, str) or not key or any(one not in _ENTRY_KEYS for one in key):
                self.wrong("choices", f"{key!r} is no key. Write keys out of 0-9 and *, as text.")
        lengths = {len(key) for key in choices if isinstance(key, str)}
        if len(lengths) > 1:
            self.wrong("choices", "its keys differ in length. Write keys of one length.")
        if not choices:
            self.wrong("choices", "there are none. Write at least one key and its exit.")
        return {key: exit_ for key, exit_ in choices.items() if isinstance(key, str)} or {"0": None}

    def function(self, argument: str, function: Any) -> Any:
        """A function, or None."""
        if function is not None and not callable(function):
            self.wrong(argument, f"{function!r} is no function.")
            return None
        return function

    def template(self, argument: str, text: object) -> Template:
        """A text with placeholders."""
        try:
            return Template.parse(self.text(argument, text))
        except ValueError as problem:
            self.wrong(argument, str(problem))
            return Template(())

    def template_or_function(self, argument: str, written: Any) -> Any:
        """A text with placeholders, or a function of the call."""
        return written if callable(written) else self.template(argument, written)

    def number(self, argument: str, number: object) -> str | None:
        """An E.164 number, or None."""
        if number is None:
            return None
        if not isinstance(number, str) or not is_e164(number):
            self.wrong(argument, f"{number!r} is no number. Write it like +33612345678.")
            return None
        return number

    def targets(self, targets: Sequence[Any]) -> tuple[Any, ...]:
        """The targets of a dial."""
        if not targets:
            self.wrong("targets", "there are none. Write at least one number.")
        read = tuple(self._target(target) for target in targets)
        for target in read:
            if isinstance(target, Template) and not target.placeholders:
                self.number("targets", str(target))
        return read

    def _target(self, target: Any) -> Any:
        if isinstance(target, Client):
            return ClientTarget(self.template("targets", target.user))
        return self.template_or_function("targets", target)

    def params(self, params: object) -> dict[str, Any]:
        """The parameters of a platform's own command."""
        read: dict[str, Any] = {}
        for name, written in self._mapping("params", params, "Write {name: value}.").items():
            if isinstance(written, str):
                read[name] = self.template(name, written)
            elif isinstance(written, In | Media):
                read[name] = self.prompt(name, written)
            elif isinstance(name, str) and (callable(written) or _is_json(written)):
                read[name] = written
            else:
                self.wrong(str(name), f"{written!r} is no value. Write what JSON has.")
        return read

    def subject(self, on: object) -> Any:
        """What a branch looks at: a variable's name, or a function of the call."""
        return on if callable(on) else self.text("on", on)

    def cases(self, exits: object) -> list[tuple[Value, str, Any]]:
        """A branch's cases: (value, the exit's name, the exit)."""
        cases = []
        for value, exit_ in self._mapping("exits", exits, "Write {value: exit}.").items():
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
                if value is None:
                    self.wrong(name, "None is no language tag. Write like en-GB or vi.")
                elif not callable(value):
                    self.language(name, value)
                continue
            self.variable(name, name)
            if value is not None and not isinstance(value, str | int) and not callable(value):
                self.wrong(name, f"it is {value!r}. Write a str, int, bool, None or a function.")
        return dict(values)

    def openings(self, week: object) -> tuple[Opening, ...]:
        """Opening hours."""
        openings, problems = read_week(week)
        for problem in problems:
            self.wrong("week", problem)
        return tuple(openings)

    def days(self, closed: object) -> tuple[str, ...]:
        """Days that are closed: MM-DD, or YYYY-MM-DD."""
        days, problems = read_days(closed)
        for problem in problems:
            self.wrong("closed", problem)
        return days

    def _mapping(self, argument: str, written: object, mend: str) -> Mapping[Any, Any]:
        if isinstance(written, Mapping):
            return written
        self.wrong(argument, f"it is {written!r}. {mend}")
        return {}

    def _checked(self, label: str, exit_: To) -> To:
        """An exit, without what is wrong with it."""
        step: object = exit_.step
        if not isinstance(step, str):
            self.wrong(label, f"{step!r} is no step's name. Write it as text.")
        assigned: tuple[tuple[str, object], ...] = exit_.assigned
        kept: list[tuple[str, Value]] = []
        for name, value in assigned:
            self.variable(label, name)
            if value is None or isinstance(value, str | int):
                kept.append((name, value))
            else:
                self.wrong(label, f"{name} is {value!r}. Write a str, int, bool or None.")
        return To(str(step), tuple(kept), self.language(label, exit_.language))


def _is_json(value: object) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True
