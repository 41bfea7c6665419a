"""The seal: nobody reads, forges or swaps the state of a call."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.callflow.errors import FlowError, PlatformError
from app.sealing import MAX_SEALED_BYTES, Seal

KEY, OLD, NEW = "k" * 40, "o" * 40, "n" * 40
STATE: dict[str, Any] = {"f": "line", "t": 3, "s": "ask", "y": {"pin": "471199", "name": "Zoë 👋"}}
ROOT = Path(__file__).parents[1]


def sealed(key: str = KEY, *, provider: str = "callr", call_key: str = "callr:1") -> str:
    return Seal(key).seal(STATE, provider=provider, call_key=call_key)


def unsealed(
    text: str, seal: Seal | None = None, *, provider: str = "callr", call_key: str = "callr:1"
) -> dict[str, Any]:
    return (seal or Seal(KEY)).unseal(text, provider=provider, call_key=call_key)


def refusal(text: str, *, provider: str = "callr", call_key: str = "callr:1") -> str:
    with pytest.raises(PlatformError) as caught:
        unsealed(text, provider=provider, call_key=call_key)
    assert "471199" not in str(caught.value)
    return caught.value.message


CHANGED = "the state that came back was changed, or is another call's."
UNKNOWN_KEY = "the state that came back was sealed with a key that is not known here."


def test_a_state_is_read_back() -> None:
    assert unsealed(sealed()) == STATE


def test_a_whole_number_of_any_length_comes_back_as_one() -> None:
    seal = Seal(KEY)
    state = {"y": {"n": 2**70, "m": -(2**63) - 1}}
    text = seal.seal(state, provider="callr", call_key="callr:1")
    assert unsealed(text, seal) == state


def test_a_sealed_state_shows_nothing_of_it_and_can_stand_in_a_url() -> None:
    text = sealed()
    version, key_id, data = text.split(".")
    assert version == "1"
    assert len(key_id) == 8
    assert set(data) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert "471199" not in text


def test_the_same_state_is_sealed_the_same_in_every_process() -> None:
    code = (
        "from app.sealing import Seal\n"
        f"print(Seal({KEY!r}).seal({STATE!r}, provider='callr', call_key='callr:1'))"
    )
    run = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == sealed()


def test_every_call_and_provider_and_key_has_a_seal_of_its_own() -> None:
    assert len({sealed(), sealed(call_key="callr:2"), sealed(provider="x"), sealed(NEW)}) == 4


@pytest.mark.parametrize("where", [{"call_key": "callr:2"}, {"provider": "stringee"}])
def test_the_state_of_another_call_is_refused(where: dict[str, str]) -> None:
    assert refusal(sealed(), **where) == CHANGED


def test_a_state_that_was_changed_anywhere_is_refused() -> None:
    text = sealed()
    start = text.rindex(".") + 1
    for at in range(start, len(text)):
        other = "A" if text[at] != "A" else "B"
        changed = text[:at] + other + text[at + 1 :]
        if at == len(text) - 1 and len(text[start:]) % 4:
            continue  # the last letter has bits to spare
        assert refusal(changed) == CHANGED


@pytest.mark.parametrize("cut", [0, 1, 2, 10, 30])
def test_a_state_that_was_cut_is_refused(cut: int) -> None:
    text = sealed()
    assert refusal(text[: text.rindex(".") + 1 + cut]) == CHANGED


def test_the_key_before_is_still_read_and_the_new_one_seals() -> None:
    both = Seal(NEW, OLD)
    assert unsealed(sealed(OLD), both) == STATE
    assert unsealed(sealed(NEW), both) == STATE
    assert both.seal(STATE, provider="callr", call_key="callr:1") == sealed(NEW)


def test_a_key_that_is_not_known_says_so() -> None:
    with pytest.raises(PlatformError, match="a key that is not known") as caught:
        unsealed(sealed(OLD))
    assert caught.value.mend == "Set SECRET_KEY_OLD while SECRET_KEY is changed."


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "unknown format"),
        ("0.abcd.x", "unknown format"),
        ("x.abcd.x", "unknown format"),
        ("-2.abcd.x", "unknown format"),
        ("2.abcd.x", "newer format"),
        ("10.abcd.x", "newer format"),
        ("9" * 5000 + ".abcd.x", "newer format"),
        ("\u0662.abcd.x", "unknown format"),
        ("1", "a key that is not known"),
        ("1..", "a key that is not known"),
        ("1.zzzz.x", "a key that is not known"),
    ],
)
def test_a_state_of_another_format_or_key_is_refused(text: str, told: str) -> None:
    assert told in refusal(text)


@given(st.text(max_size=40))
def test_nonsense_is_refused_and_raises_nothing_else(text: str) -> None:
    key_id = sealed().split(".")[1]
    for nonsense in (text, f"1.{text}", f"1.{key_id}.{text}", f"1.{key_id}.{text}\ud800"):
        refusal(nonsense)


def test_what_is_too_large_names_the_largest_variable() -> None:
    state = {**STATE, "y": {"small": "x", "essay": "é" * 900, "note": "y" * 400}}
    with pytest.raises(FlowError) as caught:
        Seal(KEY).seal(state, provider="callr", call_key="callr:1")
    assert caught.value.step == "ask"
    assert "at most 1500 ride with a call" in caught.value.message
    assert "The largest variable is 'essay' with 900 characters." in caught.value.message
    assert caught.value.mend == "Keep less in variables."


def test_what_is_too_large_without_variables_says_so_too() -> None:
    with pytest.raises(FlowError, match="the call's state is"):
        Seal(KEY).seal({"e": "x" * 2000}, provider="callr", call_key="callr:1")


def test_up_to_the_limit_a_state_is_sealed() -> None:
    lengths = [
        len(Seal(KEY).seal({"y": {"x": "x" * size}}, provider="callr", call_key="callr:1"))
        for size in range(1000, 1080)
    ]
    assert max(lengths) <= MAX_SEALED_BYTES
    with pytest.raises(FlowError):
        Seal(KEY).seal({"y": {"x": "x" * 1200}}, provider="callr", call_key="callr:1")


def test_a_repeat_is_recognised_by_those_who_have_the_key_alone() -> None:
    assert Seal(KEY).digest(b"1") == Seal(KEY, OLD).digest(b"1")
    assert len({Seal(KEY).digest(b"1"), Seal(KEY).digest(b"2"), Seal(NEW).digest(b"1")}) == 3


def test_a_digest_is_that_of_every_release_before() -> None:
    """A repeat may come to a server that was deployed since."""
    seal = Seal("a-secret-key-of-tests-that-is-long-enough")
    for _ in range(2):
        assert seal.digest(b"") == "d6c03ffda94d5993bfd9fb9274927ecb"
        assert seal.digest(b'{"callid":1}') == "0987d57ea5ca46c864ce8f65d7e608b6"
    assert Seal(KEY).digest(b"") != seal.digest(b"")
