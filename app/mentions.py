"""Where somebody's telephone number stands in what was said, pressed and sent, and blanking it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

BETWEEN = r"(?:[ .\-/()\u00a0\u202f]|\\u00a0|\\u202f|\\/){0,3}"
"""What people write between the digits of a number, also as JSON writes it."""

_SEALED_IN_URL = re.compile(r"(?<=[?&]state=)[\w.%=-]+")


class Mentions:
    """One number, in the spellings that people give it.

    Args:
        number: E.164.
        country: ISO 3166, of numbers without +, which then count as well; "" for none.
    """

    def __init__(self, number: str, country: str) -> None:
        self.number = number
        self.alone = frozenset(_digits_alone(number, country))
        """How it stands where there is nothing but it."""

        self._pattern = _pattern(number, country)

    def stands_in(self, text: str) -> bool:
        """Whether it stands in a text, or in JSON as text."""
        return self._pattern.search(text) is not None

    def blanked(self, value: Any) -> Any:
        """A JSON value in which asterisks stand for it."""
        if isinstance(value, str):
            return self._pattern.sub(lambda found: "*" * len(found[0]), value)
        if isinstance(value, Mapping):
            return {self.blanked(name): self.blanked(part) for name, part in value.items()}
        if isinstance(value, list | tuple):
            return [self.blanked(part) for part in value]
        if isinstance(value, int) and not isinstance(value, bool):
            shown = str(value)
            return "*" * len(shown) if self.stands_in(shown) else value
        return value

    def places(self, value: Any, path: str = "") -> Iterator[tuple[str, str]]:
        """Where it stands in a JSON value: (path, text), such as ("variables.phone", "06 12")."""
        if isinstance(value, Mapping):
            for name, part in value.items():
                if self.stands_in(str(name)):
                    yield path, str(name)
                yield from self.places(part, f"{path}.{name}" if path else str(name))
        elif isinstance(value, list | tuple):
            for place, part in enumerate(value):
                yield from self.places(part, f"{path}.{place}")
        elif isinstance(value, str | int) and self.stands_in(str(value)):
            yield path, str(value)


def blanked_body(mentions: Mentions, body: bytes) -> bytes:
    """A report or a reply in which asterisks stand for a number, and nothing for sealed state.

    Sealed state may hold the number, and whoever has the key can read it.
    """
    text = body.decode("utf-8", "surrogateescape")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        unsealed = _SEALED_IN_URL.sub("", text)
        return str(mentions.blanked(unsealed)).encode("utf-8", "surrogateescape")
    if isinstance(data, dict) and isinstance(data.get("variables"), dict):
        data["variables"] = dict.fromkeys(data["variables"], "")
    blanked = json.dumps(mentions.blanked(data), separators=(",", ":"))
    return _SEALED_IN_URL.sub("", blanked).encode()


def _parsed(number: str, country: str) -> tuple[str, str, str]:
    """Country code and national part of a number, and how it is dialled at home, "" if abroad."""
    import phonenumbers  # noqa: PLC0415 -- large, and for no live call

    parsed = phonenumbers.parse(number)
    code = str(parsed.country_code)
    at_home = ""
    if phonenumbers.country_code_for_region(country.upper()) == parsed.country_code:
        shown = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
        at_home = re.sub(r"[^0-9]", "", shown)
    return code, number.removeprefix(f"+{code}"), at_home


def _digits_alone(number: str, country: str) -> Iterator[str]:
    _, _, at_home = _parsed(number, country)
    digits = number.removeprefix("+")
    yield from (number, digits, f"00{digits}")
    if at_home:
        yield at_home


def _pattern(number: str, country: str) -> re.Pattern[str]:
    code, national, at_home = _parsed(number, country)
    trunk = rf"(?:\(0\){BETWEEN})?"  # +33 (0)6 12 34 56 78
    forms = [rf"(?:\+|00)?{_spaced(code)}{BETWEEN}{trunk}{_spaced(national)}"]
    if at_home:
        forms.append(_spaced(at_home))
    return re.compile(rf"(?<![0-9])(?:{'|'.join(forms)})(?![0-9])")


def _spaced(digits: str) -> str:
    return BETWEEN.join(digits)
