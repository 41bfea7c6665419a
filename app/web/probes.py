"""Answers ``offhook doctor``'s probes at the webhooks' own addresses; see ``app.probe``."""

from __future__ import annotations

import json
from collections.abc import Callable, Container
from datetime import datetime

from app import probe
from app.callflow.errors import JournalError, SettingsError, UnauthorizedError
from app.ports import Journal, Provider, WireReply, WireRequest
from app.sealing import Seal


class Probes:
    """Answers probes.

    Args:
        seal: with the server's own keys.
        flows: the names of its flows.
        journal: the one that it keeps.
        clock: the time, UTC.
    """

    def __init__(
        self,
        seal: Seal,
        flows: Container[str],
        journal: Journal,
        clock: Callable[[], datetime],
    ) -> None:
        self._seal = seal
        self._flows = flows
        self._journal = journal
        self._clock = clock

    def answer(self, provider: Provider, request: WireRequest, header: str) -> WireReply | None:
        """The proof; None where the probe was sealed with another key, so that it is no probe."""
        word = probe.asked(self._seal, header)
        if not word:
            return None
        proof = probe.Proof(
            refused=_refused(provider, request),
            knows_flow=request.flow in self._flows,
            journal=self._journal_id(),
            now=self._clock().timestamp(),
        )
        told = probe.answer(self._seal, word, proof)
        return WireReply(json.dumps({"probe": told}).encode())

    def _journal_id(self) -> str:
        try:
            return self._journal.instance_id()
        except JournalError:
            return ""


def _refused(provider: Provider, request: WireRequest) -> str:
    try:
        provider.authenticate(request)
    except (SettingsError, UnauthorizedError) as problem:
        return problem.message
    return ""
