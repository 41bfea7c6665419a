"""The options of one JSON object, taken out one by one and checked on the way."""

import re
from collections.abc import Mapping
from typing import Any, Final, Never

from app.simulator.stringee.codes import BAD_SCCO, RefusedError

_WHOLE: Final = re.compile(r"-?[0-9]{1,18}")
_FLAGS: Final = {"true": True, "false": False}
_URL: Final = re.compile(r"https?://[^\s/?#]+\S*")
_EXCERPT: Final = 60


class Options:
    """Takes options out of an object; what is null counts as absent.

    Numbers and booleans written as strings are taken, with a warning: the vendor's own samples
    send some so.

    Args:
        data: the object.
        where: what it is called in messages, such as `action 2 (talk)`.
        warnings: where to put warnings.
    """

    def __init__(self, data: Mapping[str, Any], where: str, warnings: list[str]) -> None:
        self.where = where
        self._data = data
        self._left = dict.fromkeys(data)
        self.warnings = warnings

    def has(self, name: str) -> bool:
        """Whether an option is there and not null."""
        return self._data.get(name) is not None

    def take(self, name: str) -> Any:
        """The value as it stands; None where it is absent."""
        self._left.pop(name, None)
        return self._data.get(name)

    def text(self, name: str, default: str | None = None) -> str:
        """A string. Without a default it must be there, and not empty.

        Raises:
            RefusedError: it is missing, or no string.
        """
        value = self.take(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or (not value and default is None):
            expected = "a string" if default is not None else "a string that is not empty"
            self.refuse(name, value, expected)
        return value

    def one_of(self, name: str, default: str, *known: str) -> str:
        """One of some strings.

        Raises:
            RefusedError: it is another.
        """
        value = self.text(name, default)
        if value not in known:
            self.refuse(name, value, " or ".join(known))
        return value

    def url(self, name: str, default: str | None = None) -> str:
        """A URL; only what is not empty is looked at, and another scheme warns."""
        value = self.text(name, default)
        if value and not _URL.fullmatch(value):
            self.warn(f"{name} {_excerpt(value)} is no http(s) URL")
        return value

    def number(
        self, name: str, default: int, *, least: int | None = None, most: int | None = None
    ) -> int:
        """An integer, or its default; see `whole`."""
        value = self.whole(name, least=least, most=most)
        return default if value is None else value

    def whole(self, name: str, *, least: int | None = None, most: int | None = None) -> int | None:
        """An integer; None where it is absent.

        Raises:
            RefusedError: it is none, or outside of its range.
        """
        value = self.take(name)
        if value is None:
            return None
        if isinstance(value, str) and _WHOLE.fullmatch(value):
            self.warn(f"{name} is the string {value!r}; write a number")
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            self.refuse(name, value, "an integer")
        if (least is not None and value < least) or (most is not None and value > most):
            allowed = f"{least} to {most}" if most is not None else f"{least} or more"
            self.refuse(name, value, allowed)
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """A boolean.

        Raises:
            RefusedError: it is none.
        """
        value = self.take(name)
        if value is None:
            return default
        if isinstance(value, str) and value in _FLAGS:
            self.warn(f"{name} is the string {value!r}; write a boolean")
            return _FLAGS[value]
        if not isinstance(value, bool):
            self.refuse(name, value, "true or false")
        return value

    def close(self) -> None:
        """Warn of what nobody took."""
        for name in self._left:
            self.warn(f"nobody documents {name!r}; it is ignored")

    def warn(self, text: str) -> None:
        """Put a warning on the list."""
        self.warnings.append(f"{self.where}: {text}")

    def refuse(self, name: str, value: object, expected: str, r: int = BAD_SCCO) -> Never:
        """Refuse a value.

        Raises:
            RefusedError: always.
        """
        found = "missing" if value is None else _excerpt(value)
        raise RefusedError(r, f"{self.where}: {name} is {found}, expected {expected}")


def _excerpt(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _EXCERPT else text[:_EXCERPT] + "..."
