"""A telephone number, found in whatever spelling, and nothing that is none."""

from __future__ import annotations

import json

import pytest

from app.mentions import Mentions, blanked_body

FRENCH = Mentions("+33612345678", "FR")


@pytest.mark.parametrize(
    "text",
    [
        "+33612345678",
        "33612345678",
        "0033612345678",
        "0612345678",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "06-12-34-56-78",
        "+33 6 12 34 56 78",
        "+33 (0)6 12 34 56 78",
        "+33 (0) 6 12 34 56 78",
        "00 33 6 12 34 56 78",
        "(06) 12 34 56 78",
        "06\u00a012\u00a034\u00a056\u00a078",
        '{"phone":"06\\u00a012\\u00a034\\u00a056\\u00a078"}',
        "call me at 0612345678, please",
        '{"cli_number":"+33612345678"}',
        "not dialled: +33612345678.",
    ],
)
def test_a_number_is_found_as_people_write_it(text: str) -> None:
    assert FRENCH.stands_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+33612345679",
        "+336123456789",
        "10612345678",
        "133612345678",
        "06123456780",
        "612345678",
        "+44612345678",
        "06 12 34 56",
        "+336******78",
    ],
)
def test_another_number_is_left_alone(text: str) -> None:
    assert not FRENCH.stands_in(text)


def test_how_it_is_dialled_at_home_counts_at_home_only() -> None:
    assert not Mentions("+33612345678", "GB").stands_in("0612345678")
    assert not Mentions("+33612345678", "").stands_in("0612345678")
    assert Mentions("+33612345678", "GB").stands_in("+33 6 12 34 56 78")
    assert "0612345678" in FRENCH.alone
    assert Mentions("+14155550123", "US").stands_in("(415) 555-0123")


def test_asterisks_take_its_place_in_json_of_any_shape() -> None:
    value = {
        "phone": "06 12 34 56 78",
        "list": [1, True, None, 33612345678, "x"],
        "may_dial(+33612345678)": {"deep": "so: +33612345678!"},
    }
    blanked = FRENCH.blanked(value)
    assert blanked == {
        "phone": "*" * 14,
        "list": [1, True, None, "*" * 11, "x"],
        f"may_dial({'*' * 12})": {"deep": f"so: {'*' * 12}!"},
    }
    assert not FRENCH.stands_in(json.dumps(blanked))


def test_its_places_are_told_with_their_path() -> None:
    value = {"phone": "0612345678", "all": ["x", "+33612345678"], "n": 33612345678}
    assert list(FRENCH.places(value, "variables")) == [
        ("variables.phone", "0612345678"),
        ("variables.all.1", "+33612345678"),
        ("variables.n", "33612345678"),
    ]
    assert list(FRENCH.places({"+33612345678": 1}, "x")) == [("x", "+33612345678")]


def test_a_report_without_the_number_and_its_sealed_state_is_still_a_report() -> None:
    report = {"cli_number": "+33612345678", "variables": {"offhook": "1.k.sealed"}, "callid": 7}
    assert json.loads(blanked_body(FRENCH, json.dumps(report).encode())) == {
        "cli_number": "*" * 12,
        "variables": {"offhook": ""},
        "callid": 7,
    }


@pytest.mark.parametrize(
    ("body", "blanked"),
    [
        (
            b'[{"action":"input","eventUrl":"https://h/i?turn=1&state=1.k.aB-_%3D&x=33612345678"}]',
            b'[{"action":"input","eventUrl":"https://h/i?turn=1&state=&x=***********"}]',
        ),
        (b"/i?from=%2B33612345678&state=1.k.aB", b"/i?from=%2B***********&state="),
    ],
)
def test_state_in_addresses_is_taken_out_with_the_number(body: bytes, blanked: bytes) -> None:
    assert blanked_body(FRENCH, body) == blanked


@pytest.mark.parametrize("body", [b"", b"[", b"\xff\xfe", b"[" * 20_000, b'"+33612345678'])
def test_what_is_no_report_is_blanked_as_text(body: bytes) -> None:
    assert blanked_body(FRENCH, body) == body.replace(b"+33612345678", b"*" * 12)
