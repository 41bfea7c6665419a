"""What can be seen at CALLR: credentials, clock, voice apps, caller ids, voices, its closing."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from app.callflow.errors import ApiError
from app.callr.objects import REALTIME, Did, VoiceApp
from app.callr.verifying import VERIFY
from app.callr.wire import DEFAULT_LANGUAGE, SHIPPED_VOICES, Speller
from app.cli.doctoring.checks import Check, error, failed, note, ok, warning
from app.cli.exits import Exit
from app.cli.finding import numbers_of
from app.cli.voice_apps import Credentials, credentials_of, flow_of, origin_of
from app.settings import Settings

if TYPE_CHECKING:
    from app.callflow.flow import Flow
    from app.callr.api import CallrApi

CLOSES = date(2027, 6, 30)
"""CALLR closes the JSON-RPC API (THECALLR/sdk-python 7a23772); REALTIME10 has no successor."""

CLOCK_TOLERANCE_S = 60.0
"""Clocks that are no further apart are right: seconds."""

_HOUR_S = 3600.0


def closing_check(today: date) -> Check:
    """How long CALLR keeps this API yet."""
    days = (CLOSES - today).days
    mend = "Plan what answers your numbers after it: CALLR's new API has nothing like REALTIME10."
    if days < 0:
        message = "CALLR said that it closes this API on 30 June 2027; that is past."
        return error("closing", message, mend, Exit.REFUSED)
    return warning("closing", f"CALLR closes this API on 30 June 2027, in {days} days.", mend)


def account_checks(
    api: CallrApi, settings: Settings, flows: Mapping[str, Flow], server_ahead_s: float | None
) -> Iterator[Check]:
    """Everything that the account tells.

    Args:
        api: the account.
        settings: what its voice apps should be told.
        flows: those that can be used; none where one is wrong.
        server_ahead_s: how far the server's clock is ahead of this machine's; None where unknown.
    """
    about = "CALLR"
    try:
        theirs, ours = api.timestamp(), time.time()
    except ApiError as problem:
        yield failed(about, problem)
        return
    yield ok(about, "the credentials are taken.")
    yield from clock_checks(ours - theirs, server_ahead_s)
    try:
        apps, dids = api.apps(), api.dids()
        yield from app_checks(apps, settings, flows)
        yield from caller_id_checks(api, dids, settings)
    except ApiError as problem:
        yield failed("voice apps", problem)
    yield from voice_checks(api, settings, flows)


def clock_checks(here_ahead_s: float, server_ahead_s: float | None) -> Iterator[Check]:
    """Whether the clocks of this machine and of the server agree with CALLR's.

    Args:
        here_ahead_s: this machine's, ahead of CALLR's, seconds.
        server_ahead_s: the server's, ahead of this machine's, seconds; None where unknown.
    """
    clocks = {"this machine": here_ahead_s}
    if server_ahead_s is not None:
        clocks["the server"] = here_ahead_s + server_ahead_s
    wrong = {name: ahead for name, ahead in clocks.items() if abs(ahead) > CLOCK_TOLERANCE_S}
    for name, ahead in wrong.items():
        message = f"the clock of {name} is {_off(ahead)} CALLR's."
        mend = "Set it (NTP): opening hours, CALL_HOURS and the journal go by it."
        if abs(ahead) >= _HOUR_S:
            yield error("clock", message, mend, Exit.SETTINGS)
        else:
            yield warning("clock", message, mend)
    if not wrong:
        yield ok("clock", f"{' and '.join(clocks)} and CALLR agree.")


def app_checks(
    apps: list[VoiceApp], settings: Settings, flows: Mapping[str, Flow]
) -> Iterator[Check]:
    """Address, login and password of every voice app of ours against the settings."""
    if not settings.public_url:
        return
    about = "voice apps"
    here = origin_of(settings.public_url)
    looking_so = [app for app in apps if app.kind == REALTIME and flow_of(app.url)]
    ours = [app for app in looking_so if origin_of(app.url) == here]
    for app in looking_so:
        if app not in ours:
            message = f"{_named(app)} posts to {app.url}, another server."
            mend = f"If that was this one: offhook numbers sync --from {origin_of(app.url)}"
            yield note(about, message, mend)
    if not ours:
        message = f"none posts to {settings.public_url}/callr/FLOW, so nobody can call."
        yield warning(about, message, "Run `offhook numbers point NUMBER FLOW`.")
    for app in ours:
        flow = flow_of(app.url)
        if flow == VERIFY.name:
            message = f"{_named(app)} was left by an `offhook callr verify` that broke off."
            yield note(about, message, f"offhook apps delete {app.hash}")
            continue
        if flows and flow not in flows:
            message = f"{_named(app)} posts to flow '{flow}', which is not here."
            mend = f"There are: {', '.join(flows)}. `offhook apps edit {app.hash} --flow FLOW`."
            yield error(about, message, mend, Exit.SETTINGS)
        yield _credentials_check(about, app, credentials_of(app, settings))


def _credentials_check(about: str, app: VoiceApp, told: Credentials) -> Check:
    sync = "Run `offhook numbers sync`."
    match told:
        case Credentials.SAME:
            rung_by = numbers_of(app) or "no number"
            return ok(about, f"{_named(app)}, rung by {rung_by}, posts to {app.url}.")
        case Credentials.OLD:
            return warning(about, f"{_named(app)} still has the password of before.", sync)
        case Credentials.UNTOLD:
            message = f"{_named(app)}: its URL and login are right; CALLR does not tell its "
            message += "password, so that it cannot be compared."
            return note(about, message, "`offhook numbers sync` sets it again.")
        case Credentials.OTHER:
            message = f"{_named(app)} has another login or password than the settings: its calls "
            message += "are refused."
            return error(about, message, sync, Exit.SETTINGS)


def caller_id_checks(api: CallrApi, dids: list[Did], settings: Settings) -> Iterator[Check]:
    """Whether CALLR lets the account show CALLER_ID."""
    about, number = "CALLER_ID", settings.caller_id
    if not number:
        yield note(about, "it is not set: calls that bring no number of ours show none.")
        return
    if any(did.number == number for did in dids):
        yield ok(about, f"{number} is a number of the account.")
        return
    if any(f"+{one.cli.lstrip('+')}" == number for one in api.authorized_clis()):
        yield ok(about, f"CALLR has authorised {number}.")
        return
    message = f"{number} is no number of the account, and CALLR has not authorised it: calls that "
    message += "show it are refused."
    mend = "Write one of `offhook numbers list`, or have CALLR authorise it."
    yield error(about, message, mend, Exit.SETTINGS)


def voice_checks(api: CallrApi, settings: Settings, flows: Mapping[str, Flow]) -> Iterator[Check]:
    """Whether the account has the voices that the flows speak with."""
    about = "voices"
    wanted = _voices_of(settings, flows)
    if not wanted:
        return
    try:
        there = api.voices()
    except ApiError as problem:
        yield warning(about, f"CALLR does not tell them: {problem.message}", problem.mend)
        return
    if not there:
        message = "what CALLR tells of its voices cannot be read, so that they are not compared."
        yield note(about, message)
        return
    missing = {language: voice for language, voice in wanted.items() if voice not in there}
    for language, voice in missing.items():
        message = f"the account has no {voice} ({language}); it has: {', '.join(sorted(there))}."
        yield error(about, message, f"Set OFFHOOK_VOICES=callr/{language}=VOICE.", Exit.SETTINGS)
    if not missing:
        yield ok(about, f"the account has {', '.join(sorted(set(wanted.values())))}.")


def today() -> date:
    """The date, UTC."""
    return datetime.now(UTC).date()


def _voices_of(settings: Settings, flows: Mapping[str, Flow]) -> dict[str, str]:
    """The voice of each language that is spoken."""
    own = {
        name.partition("/")[2]: voice
        for name, voice in settings.voices.items()
        if name.startswith("callr/")
    }
    speller = Speller({**SHIPPED_VOICES, **own}, "")
    languages = {tag for flow in flows.values() for tag in flow.spoken_languages}
    default = speller.voices.of(DEFAULT_LANGUAGE) or ""
    return {tag: speller.voices.of(tag) or default for tag in sorted(languages)}


def _named(app: VoiceApp) -> str:
    return f"'{app.name}' ({app.hash})"


def _off(ahead_s: float) -> str:
    size = abs(ahead_s)
    told = f"{size / _HOUR_S:.1f} h" if size >= _HOUR_S else f"{size:.0f} s"
    return f"{told} {'ahead of' if ahead_s > 0 else 'behind'}"
