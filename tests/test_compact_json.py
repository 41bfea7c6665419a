"""JSON on the live path: what the quick library refuses is read and written all the same."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import compact_json

BIG = 2**70
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)
ENCODERS = pytest.mark.parametrize("encode", [compact_json.utf8, compact_json.ascii_only])


@ENCODERS
@given(value=VALUES)
def test_what_is_written_is_read_back_by_anybody(
    encode: Callable[[Any], bytes], value: object
) -> None:
    assert json.loads(encode(value)) == value


@given(VALUES)
def test_ascii_is_what_the_standard_library_writes(value: object) -> None:
    written = compact_json.ascii_only(value)
    assert written.isascii()
    assert json.loads(written) == json.loads(json.dumps(value))


@given(VALUES)
def test_what_others_wrote_is_read(value: object) -> None:
    assert compact_json.loads(json.dumps(value)) == value


def test_it_is_compact_and_keeps_the_order() -> None:
    assert compact_json.utf8({"b": [1, "é"], "a": None}) == '{"b":[1,"é"],"a":null}'.encode()
    assert compact_json.ascii_only({"b": [1, "é"]}) == rb'{"b":[1,"\u00e9"]}'


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[NaN]", math.nan),
        ("[-Infinity]", -math.inf),
        (r'["\ud83d"]', "\ud83d"),
        ('["é"]'.encode("utf-16"), "é"),
        (b'\xef\xbb\xbf["a"]', "a"),
    ],
)
def test_what_is_no_strict_json_is_read_as_ever(text: str | bytes, value: object) -> None:
    [read] = compact_json.loads(text)
    assert repr(read) == repr(value)


@pytest.mark.parametrize("text", ["", "{", "{'a': 1}", b"\xff", "[1,]", '{"a": 1} x'])
def test_what_is_no_json_is_a_value_error(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        compact_json.loads(text)


def test_a_depth_that_exhausts_the_stack_is_an_error_that_callers_know() -> None:
    with pytest.raises((ValueError, RecursionError)):
        compact_json.loads("[" * 100_000 + "]" * 100_000)


def test_a_number_of_any_length_is_written() -> None:
    assert compact_json.utf8({"n": BIG}) == compact_json.ascii_only({"n": BIG}) == b'{"n":%d}' % BIG


def test_a_lone_surrogate_is_escaped_or_replaced() -> None:
    assert compact_json.ascii_only("\ud83dx") == rb'"\ud83dx"'
    assert compact_json.utf8("\ud83dx") == b'"?x"'


@dataclass
class Thing:
    name: str


@ENCODERS
@pytest.mark.parametrize("value", [Thing("x"), datetime(2026, 1, 2, tzinfo=UTC), {1, 2}])
def test_what_json_does_not_know_is_the_callers_to_say(
    encode: Callable[..., bytes], value: object
) -> None:
    with pytest.raises(TypeError):
        encode(value)
    assert encode([value], lambda _: "told") == b'["told"]'
