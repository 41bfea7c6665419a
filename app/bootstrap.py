"""Puts the parts together: the one module that knows every part."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.call_hours import CallHours
from app.callflow.errors import JournalError
from app.callflow.flow import Flow
from app.callflow.parties import mask
from app.callr.media import has_credentials
from app.callr.placing import CallrPlacer
from app.dial_rules import StartRules, too_many
from app.dialler import Dialler
from app.flowbook import WithOwn
from app.journal.endings import Endings
from app.journal.journal import SqlJournal
from app.journal.leases import Leases
from app.journal.recordings import Recordings
from app.journal.retention import Retention
from app.journal.rows import Version
from app.journal.schema import SchemaStatus, prepare
from app.keeping.background import Background, holder_name
from app.keeping.endings import EndCalls
from app.keeping.libraries import libraries
from app.keeping.recordings import KeepRecordings
from app.keeping.retention import ForgetOldCalls
from app.platforms import (
    OWN_FLOWS,
    all_platforms,
    checked_flows,
    configured,
    stringee_provider,
)
from app.ports import Journal, Placer, Provider, Start, TurnRecord
from app.refusals import Refusals
from app.sealing import Seal
from app.settings import Settings
from app.stringee.calls import has_project_key
from app.stringee.placing import StringeePlacer
from app.switchboard import Switchboard

log = logging.getLogger("offhook")


@dataclass(frozen=True, slots=True)
class Parts:
    """A server's parts, put together.

    Attributes:
        platforms: by name.
        background: what it does besides calls.
        watch: what it does while somebody works at its flows; nothing on a deployed server.
    """

    settings: Settings
    flows: Mapping[str, Flow]
    platforms: Mapping[str, Provider]
    journal: Journal
    switchboard: Switchboard
    refusals: Refusals
    dialler: Dialler
    background: Background
    watch: Background = field(default_factory=lambda: Background(()))

    def start(self) -> None:
        """Start what each process does besides calls; its threads do not survive a fork."""
        self.background.start()
        self.watch.start()

    def close(self) -> None:
        """End that, and write what the journal has in hand."""
        self.watch.close()
        self.background.close()
        self.journal.close()


def build(
    settings: Settings,
    journal: Journal | None = None,
    flows: Mapping[str, Flow] | None = None,
) -> Parts:
    """Put a server together.

    Opens no connection and starts no thread, so that it can be done before a fork.

    Args:
        settings: as loaded.
        journal: another journal than that of the settings.
        flows: checked ones, which may change; None reads and checks those of the settings.

    Raises:
        SettingsError: settings that a server needs are missing.
        FlowError: a flow cannot be used; every finding of every flow.
    """
    settings.require_for_serving()
    if flows is None:
        flows = checked_flows(settings, configured(settings))
    flows = WithOwn(flows, OWN_FLOWS)

    def nudge() -> None:
        background.nudge()  # which is made last: it needs what answers calls

    own = journal is None
    if journal is None:
        journal = sql_journal(settings, flows, on_recording=nudge)
    refusals = Refusals()
    switchboard = make_switchboard(settings, flows, journal, refusals)
    background = make_background(settings, flows, switchboard) if own else Background(())
    platforms = all_platforms(settings, log.warning)
    dialler = make_dialler(settings, flows, journal, switchboard)
    return Parts(settings, flows, platforms, journal, switchboard, refusals, dialler, background)


def make_switchboard(
    settings: Settings, flows: Mapping[str, Flow], journal: Journal, refusals: Refusals
) -> Switchboard:
    """What answers reports, as the settings have it."""
    return Switchboard(
        flows,
        journal,
        Seal(settings.secret_key, settings.secret_key_old),
        fetches(settings, journal),
        refusals,
        now,
    )


def now() -> datetime:
    """The time, UTC."""
    return datetime.now(UTC)


def make_background(
    settings: Settings, flows: Mapping[str, Flow], switchboard: Switchboard
) -> Background:
    """What this server does besides calls; each process that answers calls starts its own."""
    url = settings.database_url
    recordings, retention, leases = Recordings(url), Retention(url), Leases(url)
    endings, stringee = Endings(url), stringee_provider(settings)
    keep = KeepRecordings(recordings, libraries(settings), holder_name)
    forget = ForgetOldCalls(
        retention,
        leases,
        holder_name,
        retention_days=settings.retention_days,
        recording_days=settings.recording_days,
        in_use={version.fingerprint for version in versions_of(flows)},
    )

    end = EndCalls(
        endings,
        provider=stringee.name,
        kinds=stringee.ends,
        reread=stringee.reread,
        note=lambda notice: switchboard.note(stringee, notice),
        clock=now,
    )

    def cut(thread: int) -> None:
        for one in (recordings, retention, leases, endings):
            one.cut(thread)

    jobs = (keep, forget, end) if settings.serves_stringee else (keep, forget)
    return Background(jobs, nudged=(keep,), cut=cut)


def sql_journal(
    settings: Settings,
    flows: Mapping[str, Flow],
    on_recording: Callable[[], None] = lambda: None,
) -> SqlJournal:
    """The journal of the settings, its schema looked after: SQLite's is upgraded here and now.

    A database that cannot be reached or has another schema is told in the log; calls are answered
    all the same.
    """
    try:
        status = prepare(settings.database_url)
        if status is not SchemaStatus.CURRENT:
            log.error("the journal's schema is %s. Run `offhook journal upgrade`.", status)
    except JournalError as problem:
        log.error("%s", problem)  # noqa: TRY400 - the message has the cause and the mend
    journal = SqlJournal(settings.database_url, on_lost=log_lost, on_recording=on_recording)
    journal.remember(versions_of(flows))
    return journal


def versions_of(flows: Mapping[str, Flow]) -> list[Version]:
    """The flows, Offhook's own too, as the journal keeps them: calls are told with theirs."""
    return [
        Version(
            fingerprint=flow.fingerprint,
            flow=flow.name,
            drawing=flow.draw(),
            declared=json.loads(flow.declaration),
            first_seen=now(),
        )
        for flow in (*flows.values(), *OWN_FLOWS.values())
    ]


def make_dialler(
    settings: Settings, flows: Mapping[str, Flow], journal: Journal, switchboard: Switchboard
) -> Dialler:
    """What places calls, as the settings have it."""
    stringee = stringee_provider(settings)

    def begin(start: Start) -> bytes | None:
        """The first list of a call of Stringee's that is about to be placed."""
        reply = switchboard.begin(stringee, stringee.placed_by(start, now()), start.flow)
        return reply.body if reply else None

    def refuse(start: Start) -> None:
        """A call that was begun is not placed: the refusal is told, whatever comes of this."""
        try:
            switchboard.note(stringee, stringee.refused_by(start, now()))
        except JournalError as problem:
            log.warning("a call that was not placed stays open in the journal: %s", problem)

    placers: list[Placer] = [
        CallrPlacer(settings),
        StringeePlacer(settings, begin, refuse),
    ]
    return Dialler(
        WithOwn(flows, OWN_FLOWS),
        journal,
        {placer.name: placer for placer in placers},
        usual=_usual_platform(settings),
        country=settings.country,
        caller_id=settings.caller_id,
        clock=now,
        rules=StartRules(
            per_hour=settings.dial_per_hour,
            hours=CallHours(settings.call_hours, settings.timezone),
            counter=journal,
        ),
    )


def _usual_platform(settings: Settings) -> str:
    """The platform that dials where nobody says which: one that we may ask to, CALLR first."""
    keys = {"callr": has_credentials(settings), "stringee": has_project_key(settings)}
    names = [provider.name for provider in configured(settings)]
    return next((name for name in names if keys[name]), names[0])


def fetches(settings: Settings, journal: Journal) -> dict[str, Any]:
    """What answers a turn's questions to the world, by name."""

    def start(token: str) -> dict[str, Any] | None:
        """The variables and our number of a call that we placed.

        None where they cannot be had in time.
        """
        row = journal.start(token)
        return {"variables": dict(row.variables), "caller_id": row.caller_id} if row else None

    def may_dial(*numbers: str) -> dict[str, str]:
        """For each number that a flow does not itself write, "" or why it is not dialled."""
        # phonenumbers is large, and most flows never dial a number from outside.
        from app.numbers import NumberError, may_dial, read_number  # noqa: PLC0415

        verdicts: dict[str, str] = {}
        for written in numbers:
            try:
                number = read_number(written, settings.country)
            except NumberError:
                verdicts[written] = f"not dialled: {mask(written)} is no number; see COUNTRY."
                continue
            refusal = may_dial(number, settings.dial_allow) or _too_often(settings, journal)
            verdicts[number] = f"not dialled: {refusal}" if refusal else ""
        return verdicts

    return {"start": start, "may_dial": may_dial}


def _too_often(settings: Settings, journal: Journal) -> str:
    """Why a flow may not dial one more number from outside now; "" where it may.

    What cannot be counted is not dialled: a fault of the journal must not open the purse.
    """
    try:
        allowed = journal.take_dial("flow", settings.dial_per_hour, now())
    except JournalError as problem:
        return f"it cannot be counted for DIAL_PER_HOUR: {problem.message}"
    return "" if allowed else too_many(settings.dial_per_hour)


def log_lost(turn: TurnRecord, why: str) -> None:
    """Say in the log what the journal could not take: no state, no secret, no number."""
    log.error(
        "the journal did not take a turn (%s): call %s turn %s step %s trail %s commands %s",
        why,
        turn.call_key,
        turn.turn,
        turn.step_after or turn.step_before,
        " ".join(f"{step}:{exit_}" for step, exit_ in turn.trail) or "-",
        ",".join(command["is"] for command in turn.commands) or "-",
    )
