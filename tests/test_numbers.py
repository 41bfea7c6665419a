"""Numbers as people write them, and which of them may be dialled."""

from __future__ import annotations

import subprocess
import sys

import pytest

from app.callflow.errors import OffhookError
from app.numbers import NumberError, may_dial, read_number

EVERYWHERE = tuple(f"+{digit}" for digit in range(1, 10))


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("+33123456789", "", "+33123456789"),
        (" +33 (0)1 23-45.67 89 ", "", "+33123456789"),
        ("01 23 45 67 89", "FR", "+33123456789"),
        ("01 23 45 67 89", "fr", "+33123456789"),
        ("0033 1 23 45 67 89", "FR", "+33123456789"),
        ("020 7946 0123", "GB", "+442079460123"),
        ("090 123 45 67", "VN", "+84901234567"),
        ("+44 20 7946 0123", "FR", "+442079460123"),
        ("٠١٢٣٤٥٦٧٨٩", "FR", "+33123456789"),
    ],
)
def test_a_number_is_read_as_people_write_it(text: str, country: str, number: str) -> None:
    assert read_number(text, country) == number


def test_a_number_without_plus_needs_a_country_and_the_error_says_so() -> None:
    with pytest.raises(NumberError) as caught:
        read_number("01 23 45 67 89", "")
    assert "COUNTRY is not set" in caught.value.message
    assert "COUNTRY=FR" in caught.value.mend
    assert isinstance(caught.value, OffhookError)


@pytest.mark.parametrize(
    ("text", "country", "why"),
    [
        ("112", "FR", "too short"),
        ("0123456789012345", "FR", "too long"),
        ("+33 1 23 45 67 89;12", "", "no telephone number"),
        ("+33123456789 x12", "", "letters"),
        ("D0000001", "FR", "letters"),
        ("", "FR", "no telephone number"),
        ("+", "", "no telephone number"),
        ("+999123456789", "", "no telephone number"),
        ("+999123456789", "FR", "no telephone number"),
        ("+33123456789#12", "", "extension"),
        ("01 23 45 67 89", "XX", "COUNTRY=XX"),
    ],
)
def test_what_is_no_number_is_an_error_with_its_reason(text: str, country: str, why: str) -> None:
    with pytest.raises(NumberError, match=why) as caught:
        read_number(text, country)
    assert "+33612345678" in caught.value.mend or "COUNTRY=FR" in caught.value.mend


def test_the_error_names_the_country_that_the_number_was_read_with() -> None:
    with pytest.raises(NumberError, match="read with COUNTRY=GB"):
        read_number("12", "GB")


@pytest.mark.parametrize(
    "number", ["+33612345678", "+442079460123", "+84901234567", "+12125550123"]
)
def test_an_ordinary_number_under_an_allowed_prefix_may_be_dialled(number: str) -> None:
    assert may_dial(number, ("+7", number[:3])) is None


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("+33899123456", "premium"),
        ("+33892123456", "premium"),
        ("+33820123456", "shared-cost"),
        ("+441632", "short"),
        ("+33112", "short"),
        ("+333949", "short"),
        ("+999123456789", "no range"),
        ("+447700900123", "no range"),
        ("0612345678", "no E.164"),
        ("", "no E.164"),
    ],
)
def test_premium_short_and_unknown_numbers_are_refused_under_any_prefix(
    number: str, why: str
) -> None:
    refusal = may_dial(number, EVERYWHERE)
    assert refusal is not None
    assert why in refusal
    assert not number or number not in refusal


@pytest.mark.parametrize("allow", [(), ("+34",), ("+331",), ("+336123456789",)])
def test_a_number_under_no_allowed_prefix_is_refused(allow: tuple[str, ...]) -> None:
    refusal = may_dial("+33612345678", allow)
    assert refusal is not None
    assert "DIAL_ALLOW" in refusal


def test_a_refusal_by_prefix_loads_no_tables() -> None:
    check = (
        "import sys; from app.numbers import may_dial; may_dial('+33612345678', ());"
        "sys.exit('phonenumbers' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0  # noqa: S603 -- our own words
