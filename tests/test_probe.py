"""Probes: only who has the key can ask or answer, and nothing else changes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from serving import FIRST_REPORT, SECRET_KEY, serving

from app import probe
from app.callflow.errors import PlatformError
from app.journal import History
from app.sealing import Seal

OURS = Seal(SECRET_KEY)
THEIRS = Seal("another-secret-key-that-is-long-enough")
PROOF = probe.Proof(refused="", knows_flow=True, journal="j", now=1700000000.25)


def test_a_proof_comes_back_as_it_was_given() -> None:
    word, header = probe.ask(OURS)
    assert probe.asked(OURS, header) == word
    assert probe.read(OURS, word, probe.answer(OURS, word, PROOF)) == PROOF


def test_a_key_that_is_being_changed_still_answers() -> None:
    new = Seal("another-secret-key-that-is-long-enough", SECRET_KEY)
    word, header = probe.ask(OURS)
    assert probe.asked(new, header) == word
    assert probe.read(new, word, probe.answer(OURS, word, PROOF)) == PROOF


@pytest.mark.parametrize("header", ["", "1", "1.ab.cd", "é", "x" * 2000, "2.ab.cd"])
def test_what_was_not_sealed_with_our_key_is_no_probe(header: str) -> None:
    assert probe.asked(OURS, header) == ""
    assert probe.asked(OURS, probe.ask(THEIRS)[1]) == ""


def test_a_sealed_state_of_a_call_is_no_probe() -> None:
    state = OURS.seal({"word": "w"}, provider="callr", call_key="callr:7")
    assert probe.asked(OURS, state) == ""


def test_the_answer_to_another_probe_is_no_proof() -> None:
    word, _ = probe.ask(OURS)
    other, _ = probe.ask(OURS)
    with pytest.raises(PlatformError):
        probe.read(OURS, word, probe.answer(OURS, other, PROOF))
    for told in (None, 7, "", {"refused": ""}):
        with pytest.raises(PlatformError):
            probe.read(OURS, word, told)


def test_a_server_answers_a_probe_and_journals_nothing(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        word, header = probe.ask(OURS)
        about = {"Authorization": server.basic, probe.HEADER: header}
        told = server.request("POST", "/callr/reception", b"{}", about)
        proof = probe.read(OURS, word, told.json["probe"])
        assert replace(proof, now=0.0) == probe.Proof(
            refused="",
            knows_flow=True,
            journal=History(server.database_url).instance_id(),
            now=0.0,
        )
        nowhere = server.request("POST", "/callr/nowhere", b"{}", {probe.HEADER: header})
        proof = probe.read(OURS, word, nowhere.json["probe"])
        assert (proof.refused, proof.knows_flow) == ("no Authorization header.", False)
        assert len(History(server.database_url).calls()) == 0


def test_a_report_with_a_probe_of_another_key_is_an_ordinary_report(tmp_path: Path) -> None:
    _, header = probe.ask(THEIRS)
    body = json.dumps(FIRST_REPORT).encode()
    with serving(tmp_path) as server:
        with_header = server.post("reception", body, **{probe.HEADER: header})
        assert with_header.json["command_id"] == 1
        assert (
            server.request("POST", "/callr/reception", body, {probe.HEADER: header}).status == 401
        )
        assert len(History(server.database_url).calls()) == 1
