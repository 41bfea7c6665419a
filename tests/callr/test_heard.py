"""``callr-verified.json``: what is written is read, and what is wrong with it costs no call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.callr.heard import (
    MAX_BYTES,
    SIMULATOR,
    VERIFIED,
    Fact,
    Heard,
    VerifiedError,
    heard_or_nothing,
    platform_of,
    read_heard,
    write_heard,
)
from app.callr.questions import QUESTIONS
from app.settings import Settings

AT = datetime(2026, 11, 27, 17, 0, 1, 250000, tzinfo=UTC)
CALLR = "api.callr.com"


def heard(platform: str = CALLR, **answers: str) -> Heard:
    return Heard(platform, {name: Fact(answer, "a report", AT) for name, answer in answers.items()})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / VERIFIED


def test_what_is_written_is_read_again(file: Path) -> None:
    everything = heard(**{name: next(iter(one.answers)) for name, one in QUESTIONS.items()})
    write_heard(file, everything)
    assert read_heard(file, CALLR) == everything
    assert [path.name for path in file.parent.iterdir()] == [VERIFIED]


def test_without_a_file_nothing_was_heard(file: Path) -> None:
    assert read_heard(file, CALLR) == Heard()
    assert Heard().open == list(QUESTIONS)
    assert Heard().last_at is None


def test_each_assumed_answer_is_one_and_each_question_has_another() -> None:
    for name, question in QUESTIONS.items():
        assert set(question.assumed) <= question.answers.keys(), name
        assert len(question.answers) > 1, name


def test_what_differs_is_what_is_not_assumed() -> None:
    told = heard(wait_key="both", read_nothing="empty", read_hash="#", keys_kept="yes")
    assert told.differing == ["keys_kept"]
    assert "wait_key" not in told.open
    assert "basic" in told.open


@pytest.mark.parametrize(
    ("answer", "sent"),
    [("seconds", "seconds"), ("wait", "wait"), ("both", "seconds"), ("neither", "seconds")],
)
def test_the_parameter_of_wait_is_the_one_that_was_heard_to_work(answer: str, sent: str) -> None:
    assert heard(wait_key=answer).wait_key == sent
    assert Heard().wait_key == "seconds"


def test_what_was_heard_of_callr_holds_for_a_simulator_and_not_the_other_way_round(
    file: Path,
) -> None:
    write_heard(file, heard(basic="challenged"))
    assert read_heard(file, SIMULATOR).answer("basic") == "challenged"
    with pytest.raises(
        VerifiedError, match=r"heard of api\.callr\.com, not of api\.callr\.example"
    ):
        read_heard(file, "api.callr.example")
    write_heard(file, heard(SIMULATOR, basic="challenged"))
    with pytest.raises(VerifiedError, match=r"heard of simulator, not of api\.callr\.com"):
        read_heard(file, CALLR)


@pytest.mark.parametrize(
    ("url", "platform"),
    [
        (Settings().callr_api_url, CALLR),
        ("http://127.0.0.1:8900/json-rpc/v1.1/", SIMULATOR),
        ("http://localhost:8900/", SIMULATOR),
        ("http://[::1]:8900/", SIMULATOR),
    ],
)
def test_whom_it_tells_of_is_read_from_the_url_of_the_api(url: str, platform: str) -> None:
    assert platform_of(url) == platform


def broken(**changes: Any) -> str:
    fact = {"answer": "unasked", "saw": "", "heard_at": AT.isoformat()}
    told = {"format": 1, "platform": CALLR, "facts": {"basic": fact}, **changes}
    return json.dumps({name: value for name, value in told.items() if value is not ...})


def fact(**changes: Any) -> Mapping[str, Any]:
    return {"basic": {"answer": "unasked", "heard_at": AT.isoformat(), **changes}}


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (b"", "it is no JSON"),
        (b"\xff\xfe", "it is no JSON"),
        (b"[" * 10_000, "it is no JSON"),
        (b" " * (MAX_BYTES + 1), "it is over 65536 bytes"),
        (b"[]", "Invalid input type"),
        (b"null", "Invalid input type"),
        (b"{}", "format: Missing data"),
        (broken(format=2), "format: Must be equal to 1"),
        (broken(format="1"), "format: Not a valid integer"),
        (broken(platform=...), "platform: Missing data"),
        (broken(platform=""), "platform: Length must be between"),
        (broken(facts=...), "facts: Missing data"),
        (broken(facts=[]), "facts: Not a valid mapping"),
        (broken(facts={"basic": "unasked"}), "Invalid input type"),
        (broken(facts=fact(answer="perhaps")), "basic: answer is none of: unasked, challenged"),
        (broken(facts=fact(answer=1)), "answer: Not a valid string"),
        (broken(facts=fact(heard_at="yesterday")), "heard_at: Not a valid datetime"),
    ],
    ids=lambda one: str(one)[:40],
)
def test_a_broken_file_is_told_with_its_mend_and_the_server_goes_on_without(
    file: Path, written: bytes | str, why: str
) -> None:
    file.write_bytes(written.encode() if isinstance(written, str) else written)
    told: list[str] = []
    assert heard_or_nothing(Settings().callr_api_url, told.append, file.parent) == Heard()
    (line,) = told
    assert line.startswith("callr-verified.json is ignored: ")
    assert why in line
    assert line.endswith("`offhook callr verify`; until then all is as documented.")


def test_a_folder_in_its_place_is_told_too(file: Path) -> None:
    file.mkdir()
    with pytest.raises(VerifiedError, match="is ignored: Is a directory"):
        read_heard(file, CALLR)
    with pytest.raises(VerifiedError, match=f"{VERIFIED} cannot be written"):
        write_heard(file, heard(basic="unasked"))
    assert [path.name for path in file.parent.iterdir()] == [VERIFIED]


def test_what_a_later_release_adds_is_passed_over(file: Path) -> None:
    facts = {**fact(), "another": {"answer": 5}}
    file.write_text(broken(facts=facts, more=1))
    assert list(read_heard(file, CALLR).facts) == ["basic"]


def test_a_newer_answer_takes_the_place_of_the_older() -> None:
    older = Fact("unasked", "", AT)
    newer = replace(older, heard_at=AT.replace(hour=18))
    assert Heard(CALLR, {"basic": older, "read_hash": newer}).last_at == newer.heard_at
