"""Who stands at an end of a call, and the digits that they press."""

from __future__ import annotations

import pytest

from app.callflow.parties import (
    Client,
    Other,
    Party,
    Phone,
    entry_fits,
    is_e164,
    mask,
    party_from,
    party_from_state,
    party_to_state,
    spell,
    star,
)

NO_NUMBERS = [
    "",
    "33612345678",
    "+0612345678",
    "+1",
    "+",
    "+336 12",
    "+33612345678\n",
    "+" + "1" * 16,
]


@pytest.mark.parametrize("number", ["+33612345678", "+12", "+123456789012345"])
def test_e164_numbers_are_phones(number: str) -> None:
    assert is_e164(number)
    assert party_from(number) == Phone(number)
    assert str(Phone(number)) == number


@pytest.mark.parametrize("number", [*NO_NUMBERS, "+\uff13\uff13\uff16"])
def test_what_is_not_e164_is_no_phone(number: str) -> None:
    assert not is_e164(number)
    assert not isinstance(party_from(number), Phone)
    with pytest.raises(ValueError, match=r"is no E\.164 number"):
        Phone(number)


def test_what_a_platform_says_of_nobody_is_nobody() -> None:
    assert party_from("") is None
    assert party_from("1110001013") == Other("1110001013")
    assert str(Other("1110001013")) == "1110001013"
    assert str(Client("user_1")) == "user_1"


@pytest.mark.parametrize("party", [None, Phone("+33612345678"), Client("user_1"), Other("42")])
def test_a_party_comes_back_out_of_a_state(party: Party) -> None:
    assert party_from_state(party_to_state(party)) == party


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("+33612345678", "+336******78"),
        ("+331234", "+331*34"),
        ("12345", "*****"),
        ("123456", "******"),
        ("1234567", "1234*67"),
        ("", ""),
    ],
)
def test_the_middle_of_a_number_is_hidden(number: str, masked: str) -> None:
    assert mask(number) == masked


def test_an_entry_is_starred_key_by_key() -> None:
    assert star("4711") == "****"
    assert star("") == ""


@pytest.mark.parametrize(
    ("entry", "fits"),
    [("12", True), ("1234", True), ("1", False), ("12345", False), ("1*", False), ("1a", False)],
)
def test_an_entry_fits_by_length_and_keys(entry: str, *, fits: bool) -> None:
    assert entry_fits(entry, accept="1234567890", min_digits=2, max_digits=4) is fits


@pytest.mark.parametrize(
    ("text", "spelled"), [("018", "0, 1, 8"), ("+33", "3, 3"), ("1 2", "1, 2"), ("", "")]
)
def test_digits_are_spelled(text: str, spelled: str) -> None:
    assert spell(text) == spelled
