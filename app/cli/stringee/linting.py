"""Reads an SCCO as Stringee does, tells what it comes to, and compares a flow with it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import unified_diff
from pathlib import Path
from typing import Any

from app.cli.exits import CallFailedError, NotFoundError
from app.cli.phoning.own_server import own_server
from app.cli.phoning.stopping import signals_interrupt, whole
from app.cli.phoning.webhooks import signing_key_of
from app.cli.shell import Shell
from app.cli.stringee.told import tell_action, tell_parts
from app.simulator.deadline import ServerFaultError
from app.simulator.stringee import (
    APP_KINDS,
    Kind,
    Project,
    Refusal,
    Scco,
    ask,
    read_actions,
    read_scco,
)
from app.simulator.stringee.actions import Connect
from app.simulator.stringee.codes import NAMES
from app.simulator.stringee.facts import digits
from app.simulator.stringee.json_text import load, strip
from app.simulator.stringee.ring import A_NUMBER, A_PHONE, A_USER
from app.simulator.stringee.shapes import doubts
from app.stringee.urls import answer_url

MOST_BYTES = 1_000_000
_SUCCESS = 2
_KEY = "signs-what-a-flow-is-asked-here"
_ADDRESS = re.compile(r"https?://[^\s,;]*[^\s,;.]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The options of ``offhook stringee lint``; None where one was not given."""

    kind: Kind | None = None
    caller: str | None = None
    called: str | None = None
    user: str | None = None
    custom: str | None = None
    against: str | None = None

    @property
    def as_kind(self) -> Kind:
        """The type of call, also where it was not said."""
        return self.kind or "phone-to-app"


def lint(shell: Shell, source: str, asked: Asked) -> None:
    """Tell what an SCCO comes to; see the subcommand.

    Raises:
        CallFailedError: Stringee would not carry it out, or there was no answer.
        NotFoundError: there is no such file, or no such flow.
    """
    if "://" in source:
        body, content_type = _fetched(shell, source, asked)
        asked = replace(asked, kind=asked.as_kind)
    else:
        body, content_type = _read_file(source), "application/json"
    scco, data = _read(body, content_type)
    _tell(shell, scco, asked)
    if data is not None:
        shell.output.json(data)
    if asked.against is not None:
        _compare(shell, scco, asked.against, asked)
    if scco.refusal is not None:
        msg = f"Stringee would not carry it out: {scco.refusal}."
        raise CallFailedError(msg, mend=_mend(scco))


def _read(body: bytes, content_type: str) -> tuple[Scco, Any]:
    """The SCCO as it stands, else without comments and trailing commas; and its JSON.

    A bare object, a frequent mistake, is told and printed in an array.
    """
    scco, data = read_scco(body, content_type=content_type), _json(body)
    if data is None:
        try:
            data = _json(strip(body)[0])
        except ValueError:
            return scco, None
        if data is None:
            return scco, None
        scco = read_scco(body, content_type=content_type, lenient=True)
    if isinstance(data, dict):
        data = [data]
        scco = replace(scco, parts=read_actions(data).parts)
    return scco, data


def _json(body: bytes) -> Any:
    try:
        return load(body)[0]
    except ValueError:
        return None


def _tell(shell: Shell, scco: Scco, asked: Asked) -> None:
    output = shell.output
    for line in tell_parts(scco.parts, ends=scco.refusal is None):
        output.note(line)
    for text in scco.warnings:
        output.warn(f"{text}.")
    if asked.kind is not None:
        for text in _doubts(scco, asked):
            output.warn(f"{text}.")


def _doubts(scco: Scco, asked: Asked) -> Iterator[str]:
    """What is not as the vendor shows it for this type of call."""
    kind = asked.as_kind
    from_app = kind in APP_KINDS
    caller = digits(asked.caller or (A_USER if from_app else A_PHONE))
    number = digits(asked.called or A_NUMBER) if not from_app else caller
    for at, action in enumerate(scco.parts, start=1):
        if isinstance(action, Connect):
            for text in doubts(action, kind, caller, number):
                yield f"action {at} (connect): {text}"


def _mend(scco: Scco) -> str:
    of_an_action = scco.refusal in scco.parts
    return "" if of_an_action else "An SCCO is a JSON array of actions, and nothing else."


def _fetched(shell: Shell, url: str, asked: Asked) -> tuple[bytes, str]:
    """What an answer_url answers.

    Raises:
        CallFailedError: nothing, or not in time, or with another status than 200.
    """
    project_id, key = signing_key_of(shell.settings, url)
    usual = Project()
    project = Project(id=int(project_id) if project_id else usual.id, signing_key=key)
    shell.output.note(f"Asking {url} as for {asked.as_kind} ...")
    return _asked(url, asked, project)


def _asked(url: str, asked: Asked, project: Project) -> tuple[bytes, str]:
    """The body and content type of an answer_url's answer.

    Raises:
        CallFailedError: there is none, or one with another status than 2xx.
    """
    try:
        answered = ask(
            url,
            kind=asked.as_kind,
            caller=asked.caller or "",
            called=asked.called or "",
            user_id=asked.user or "",
            custom=asked.custom or "",
            project=project,
        )
    except ServerFaultError as fault:
        msg = f"{url} does not answer Stringee (r=18 {NAMES[18]}): {fault}."
        raise CallFailedError(msg) from None
    if answered.status // 100 != _SUCCESS:
        msg = f"{url} answers with HTTP {answered.status}; to Stringee that is r=18 {NAMES[18]}."
        raise CallFailedError(msg, mend="It has to answer GET with 200 and an SCCO.")
    return answered.body, answered.content_type


def _read_file(source: str) -> bytes:
    """What a file, or stdin, has.

    Raises:
        NotFoundError: it cannot be read.
    """
    try:
        if source == "-":
            return sys.stdin.buffer.read(MOST_BYTES)
        with Path(source).open("rb") as opened:
            return opened.read(MOST_BYTES)
    except OSError as problem:
        msg = f"{source} cannot be read: {problem.strerror}."
        raise NotFoundError(msg) from None


def _compare(shell: Shell, scco: Scco, flow: str, asked: Asked) -> None:
    """Show where a flow's first answer is another.

    Raises:
        NotFoundError: there is no such flow.
        FlowError: it cannot be used.
        CallFailedError: the flow does not answer.
    """
    answered = _answer_of(shell, flow, asked)
    theirs, ours = _comparable(scco), _comparable(read_scco(answered))
    lines = list(unified_diff(theirs, ours, lineterm="", n=max(len(theirs), len(ours))))[3:]
    if not lines:
        shell.output.note(f"Flow '{flow}' answers the same ({asked.as_kind}).")
        return
    shell.output.note(f"Flow '{flow}' answers otherwise ({asked.as_kind}; + is the flow):")
    for line in lines:
        shell.output.note(f"{line[0]} {line[1:]}")


def _answer_of(shell: Shell, flow: str, asked: Asked) -> bytes:
    """What a flow answers first, on a server of its own."""
    serving = own_server(
        shell.settings,
        flow,
        lambda _: None,  # what else is in its log is of other flows, or of its check
        callr_webhook_login="",
        callr_webhook_password="",
        stringee_signing_key=_KEY,
        caller_id=shell.settings.caller_id or f"+{A_NUMBER}",
    )
    with signals_interrupt(), whole(serving) as server:
        if flow not in server.parts.flows:
            msg = f"There is no flow '{flow}'."
            raise NotFoundError(msg, mend=f"There are: {', '.join(server.parts.flows) or 'none'}.")
        return _asked(answer_url(server.origin, flow), asked, Project(signing_key=_KEY))[0]


def _comparable(scco: Scco) -> Sequence[str]:
    """Each action in words, every address alike: they are of two servers."""
    told = [str(part) if isinstance(part, Refusal) else tell_action(part) for part in scco.parts]
    return [_ADDRESS.sub("(its address)", line) for line in told]
