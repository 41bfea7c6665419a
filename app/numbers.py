"""Telephone numbers as people write them, and which of them may be dialled.

The ``phonenumbers`` library (a port of Google's libphonenumber) is loaded when a function here is
called, not before: a live call must not wait for its tables, unless it dials a number that came
from outside its flow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.callflow.errors import OffhookError
from app.callflow.parties import is_e164, mask

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

_WITH_PLUS = "Write it with + and the country's code, such as +33612345678"


class NumberError(OffhookError):
    """A text is no telephone number, or its country is not known."""

    status = 400


def read_number(text: str, country: str) -> str:
    """Read a number as people of ``country`` write it, such as ``01 23 45 67 89``.

    Args:
        text: the number, with + or 00 and the country's code, or as written at home.
        country: ISO 3166, such as FR, for numbers without +; "" for none.

    Returns:
        the number in E.164. It has the length of a number; nobody may have it all the same.

    Raises:
        NumberError: it is no number, or ``country`` is needed or is none.
    """
    import phonenumbers  # noqa: PLC0415 -- see the module's docstring

    region = read_country(country)
    if any(char.isalpha() for char in text):
        msg = f"{text!r} is no telephone number: it has letters."
        raise NumberError(msg, mend=f"{_WITH_PLUS}.")
    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException as error:
        raise _unread(text, region, error) from None
    found = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if number.extension or not phonenumbers.is_possible_number(number) or not is_e164(found):
        msg = f"{text!r} is no telephone number: {_why_not(number)}{_read_as(region, text)}."
        raise NumberError(msg, mend=f"{_WITH_PLUS}, or look at COUNTRY.")
    return found


def read_country(country: str) -> str:
    """Read a country, ISO 3166 in any case; "" for none.

    Raises:
        NumberError: nobody numbers telephones in it.
    """
    import phonenumbers  # noqa: PLC0415 -- see the module's docstring

    region = country.upper()
    if region and region not in phonenumbers.SUPPORTED_REGIONS:
        msg = f"COUNTRY={country} is no country whose numbers are known."
        raise NumberError(msg, mend="Write it as ISO 3166, such as COUNTRY=FR.")
    return region


def may_dial(number: str, allow: tuple[str, ...]) -> str | None:
    """Why a number that is not written in a flow may not be dialled; None where it may.

    Args:
        number: what is to be dialled.
        allow: the E.164 prefixes of ``DIAL_ALLOW``.

    Returns:
        one sentence, the number masked.
    """
    if not is_e164(number):
        return "what is to be dialled is no E.164 number."
    if not any(number.startswith(prefix) for prefix in allow):
        return f"DIAL_ALLOW has no prefix of {mask(number)}."
    return never_dialled(number) or None


def never_dialled(number: str) -> str:
    """Why an E.164 number is never dialled, whatever the settings say; "" where it may be.

    A number in no range that its country has given out is refused as well: that is where calls
    are led which somebody is paid for.

    Returns:
        one sentence, the number masked.
    """
    import phonenumbers  # noqa: PLC0415 -- see the module's docstring

    kinds = phonenumbers.PhoneNumberType
    try:
        kind = phonenumbers.number_type(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        kind = kinds.UNKNOWN
    never = {
        kinds.PREMIUM_RATE: "is a premium-rate number, and those are never dialled.",
        kinds.SHARED_COST: "is a shared-cost number, and those are never dialled.",
        kinds.UNKNOWN: "is short, or in no range that its country has given out.",
    }
    return f"{mask(number)} {never[kind]}" if kind in never else ""


def _unread(text: str, region: str, error: Exception) -> NumberError:
    import phonenumbers  # noqa: PLC0415 -- see the module's docstring

    kind = getattr(error, "error_type", None)
    no_country = kind == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE
    if no_country and not region and not text.strip().startswith("+"):
        msg = f"{text!r} has no country code, and COUNTRY is not set."
        mend = f"{_WITH_PLUS}, or set COUNTRY, such as COUNTRY=FR, to write numbers as at home."
        return NumberError(msg, mend=mend)
    return NumberError(
        f"{text!r} is no telephone number{_read_as(region, text)}.",
        mend=f"{_WITH_PLUS}, or look at COUNTRY.",
    )


def _why_not(number: PhoneNumber) -> str:
    import phonenumbers  # noqa: PLC0415 -- see the module's docstring

    if number.extension:
        return "it has an extension, which cannot be dialled"
    match phonenumbers.is_possible_number_with_reason(number):
        case phonenumbers.ValidationResult.TOO_SHORT:
            return "it is too short"
        case phonenumbers.ValidationResult.TOO_LONG:
            return "it is too long"
        case _:
            return "its length fits no number of its country"


def _read_as(region: str, text: str) -> str:
    """Under which setting it was read, where that matters."""
    return f" (read with COUNTRY={region})" if region and not text.strip().startswith("+") else ""
