"""The call that ``offhook callr verify`` makes: its voice app, its turns, and what they tell."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from app.callflow.errors import ApiError, JournalError, OffhookError, SettingsError
from app.callr.api import CallrApi
from app.callr.heard import (
    SIMULATOR,
    Fact,
    Heard,
    VerifiedError,
    heard_in,
    platform_of,
    write_heard,
)
from app.callr.hearing import facts_of
from app.callr.placing import webhook_url
from app.callr.verifying import VERIFY
from app.cli.call import FIRST_REPORT_S, app_is_live, place
from app.cli.exits import CallFailedError
from app.cli.following import POLL_S, follow_one
from app.cli.own_api import OwnApi
from app.cli.same_journal import Need, check_same_journal
from app.cli.shell import Shell
from app.cli.voice_apps import check_reachable, check_server_takes, webhook_of
from app.journal import History, JournalledCall, Wanted
from app.ports import TurnRecord

APP_NAME = "Offhook verify"

QUIET_S = 120.0
"""Seconds without a report after which a call counts as gone; its longest command takes 30."""

END_S = 8.0
"""Seconds to wait for the last report of a call that we hang up."""

READS = Need(
    "The answers are read out of the journal that the app keeps, so it must be known which.",
    "they would not be found.",
    "Set DATABASE_URL as it is where the app runs; `offhook doctor` says whether it runs.",
)


@dataclass(frozen=True, slots=True)
class VerifyCall:
    """A call that was made.

    Attributes:
        key: ours, "" where no report of it came.
        ended: how, for people.
        facts: what was heard in it.
        interrupted: whether by Ctrl-C here.
    """

    key: str
    ended: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    interrupted: bool = False


class Verification:
    """One run.

    Args:
        shell: whose settings, and where it is told.
        file: where the answers are kept.
        quiet: whether the turns are not told as they come.

    Raises:
        SettingsError: the file tells of another platform.
    """

    def __init__(self, shell: Shell, file: Path, *, quiet: bool) -> None:
        self.file = file
        self._shell = shell
        self._quiet = quiet
        self._platform = platform_of(shell.settings.callr_api_url)
        try:
            self._before = heard_in(file)
        except VerifiedError as problem:
            shell.output.warn(problem.message.replace("ignored", "made anew"))
            self._before = Heard()
        _refuse_to_overwrite(file, self._before.platform, self._platform)
        if self._before.platform != self._platform:
            self._before = Heard()

    def run(self, asked: Mapping[str, Any], *, yes: bool) -> VerifyCall:
        """Make the call, and wait for its end.

        Args:
            asked: number, caller_id and ring_s, as in ``CallRequest``.
            yes: not to ask on LIVE.

        Raises:
            OffhookError: it could not be made.
        """
        shell, settings = self._shell, self._shell.settings
        check_reachable(shell)
        if app_is_live(shell):
            shell.output.note(f"CALLR: {shell.whom}; the app at {settings.public_url} dials")
            question = f"Make a voice app at CALLR for it, and call {asked['number']} now?"
            shell.confirm(question, yes=yes)
        with shell.callr() as api, OwnApi(settings.public_url, settings.api_token) as own:
            check_same_journal(shell, own, READS)
            check_server_takes(shell, VERIFY.name)
            with self._voice_app(api) as app_hash:
                what: dict[str, Any] = {"flow": VERIFY.name, "provider": "callr", "app": app_hash}
                what |= {"variables": {}, "field": ""}
                start = place(shell, own, {**asked, **what}, "", yes=True)
                return self._follow(api, start["token"], asked["ring_s"])

    def keep(self, call: VerifyCall) -> Heard:
        """Write what is known now, what the call left open as it was; gives it.

        Raises:
            VerifiedError: it cannot be written.
        """
        heard = Heard(self._platform, {**self._before.facts, **call.facts})
        if call.facts:
            write_heard(self.file, heard)
        return heard

    @contextmanager
    def _voice_app(self, api: CallrApi) -> Iterator[str]:
        """The voice app to call with: one that is there, else one that is deleted afterwards."""
        settings, output = self._shell.settings, self._shell.output
        url, login, password = webhook_of(settings, webhook_url(settings.public_url, VERIFY.name))
        there = [app for app in api.apps() if app.url == url]
        if there:
            api.edit_app(there[0].hash, webhook=(url, login, password))
            yield there[0].hash
            return
        made = api.create_app(APP_NAME, url=url, login=login, password=password)
        output.note(f"Voice app {made.hash} '{APP_NAME}' is made for this call.")
        try:
            yield made.hash
        finally:
            try:
                api.delete_app(made.hash)
                output.note(f"Voice app {made.hash} is deleted.")
            except ApiError as problem:
                mend = f"offhook apps delete {made.hash}"
                output.warn(f"Voice app {made.hash} is not deleted: {problem.message} {mend}")

    def _follow(self, api: CallrApi, token: str, ring_s: int) -> VerifyCall:
        watch = Watch(History(self._shell.settings.database_url), token, ring_s)
        output, interrupted = self._shell.output, False
        try:
            output.note("Your phone rings; do what the voice asks. Ctrl-C ends the call.")
            self._to_the_end(watch)
        except CallFailedError as problem:
            if watch.found is None:
                raise
            output.warn(str(problem))
        except KeyboardInterrupt:
            interrupted = True
            self._hang_up(api, watch)
        return replace(watch.told(), interrupted=interrupted)

    def _to_the_end(self, watch: Watch) -> None:
        pause = threading.Event()
        if self._quiet:
            while (found := watch.find()) is None or not found.row.outcome:
                pause.wait(POLL_S)
        else:
            follow_one(self._shell, watch.find, watch.history, lambda: pause.wait(POLL_S))

    def _hang_up(self, api: CallrApi, watch: Watch) -> None:
        """End the call, and wait a little for its last report; what fails is told."""
        output = self._shell.output
        try:
            found = watch.find()
            if found is None:
                output.warn("The phone may still ring: it cannot be called off before it answers.")
                return
            if not found.row.outcome:
                api.hang_up(int(found.row.platform_id))
                output.note("The call is hung up.")
            until = time.monotonic() + END_S
            while not found.row.outcome and time.monotonic() < until:
                time.sleep(POLL_S)
                found = watch.find() or found
        except (OffhookError, ValueError) as problem:
            output.warn(f"The call may go on: {problem} `offhook calls hangup last` ends it.")


class Watch:
    """Looks for a call in the journal, by the token of its start.

    Args:
        history: the journal.
        token: of the start.
        ring_s: how long it may ring, seconds.
        clock: seconds that only go on.

    Attributes:
        found: as it was seen last, None before its first report.
    """

    def __init__(
        self,
        history: History,
        token: str,
        ring_s: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.history = history
        self.found: JournalledCall | None = None
        self._wanted = Wanted(token=token, tests=True)
        self._clock = clock
        self._deadline = clock() + ring_s + FIRST_REPORT_S

    def find(self) -> JournalledCall | None:
        """The call as it is now.

        Raises:
            CallFailedError: nothing came of it for too long.
        """
        before = self.found.turns if self.found else 0
        self.found = next(iter(self.history.calls(self._wanted, limit=1)), None)
        if self.found is not None and self.found.turns > before:
            self._deadline = self._clock() + QUIET_S
        if self._clock() > self._deadline:
            msg = "No more reports of the call came." if before else "No report of the call came."
            mend = "`offhook doctor` says whether CALLR reaches the app, and with which password."
            raise CallFailedError(msg, mend=mend)
        return self.found

    def told(self) -> VerifyCall:
        """What the journal has of it."""
        if self.found is None:
            return VerifyCall("", "no report of the call came")
        key, outcome = self.found.row.key, self.found.row.outcome
        try:
            turns: Sequence[TurnRecord] = self.history.turns(key)
        except JournalError:
            turns = ()
        return VerifyCall(key, f"the call came to {outcome or 'no end'}", facts_of(turns))


def _refuse_to_overwrite(file: Path, told_of: str, platform: str) -> None:
    """See that what was heard of one platform is not lost to another.

    Raises:
        SettingsError: it would be; what was heard of a simulator may be.
    """
    if told_of in {"", SIMULATOR, platform}:
        return
    msg = f"{file} tells of {told_of}, and CALLR_API_URL is {platform}: it is not overwritten."
    raise SettingsError(msg, mend="Write elsewhere: -o FILE.")
