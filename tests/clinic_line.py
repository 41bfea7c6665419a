"""A gunicorn that answers a number of a simulated CALLR, with the account's credentials."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from serving import LOGIN, PASSWORD, PATIENCE_S, Server, serving

from app.journal.recordings import Recordings
from app.simulator import Account, Conditions, Script, Scripted, Simulator
from app.sounds import Recording

ACCOUNT = Account(login="acme", password="s3cret-word")
SUNDAY = datetime(2026, 1, 11, 12, 0, tzinfo=UTC)
CALLER = "+33612345678"
FAST = Conditions(speed=1000)

T = TypeVar("T")


def eventually(look: Callable[[], T | None], what: str) -> T:
    """What is there in the end; a job in the background has no reply to wait for."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := look()):
        assert time.monotonic() < deadline, f"waited {PATIENCE_S:.0f} s for {what}"
        time.sleep(0.02)
    return found


@dataclass(frozen=True)
class ClinicLine:
    """A line on which callers leave messages: `reception` on a Sunday."""

    simulator: Simulator
    server: Server

    @property
    def environ(self) -> dict[str, str]:
        """What the command line needs to work on the same account and journal."""
        return {
            "DATABASE_URL": self.server.database_url,
            "CALLR_API_URL": self.simulator.api_url,
            "CALLR_LOGIN": ACCOUNT.login,
            "CALLR_PASSWORD": ACCOUNT.password,
        }

    @property
    def recordings(self) -> Recordings:
        return Recordings(self.server.database_url)

    def leave_message(self, caller: str = CALLER, **does: Any) -> str:
        """Call in, leave a message and hang up; gives the key of the call."""
        person = Scripted(Script(**does))
        number = ACCOUNT.numbers[0]
        call = self.simulator.platform.ring(number, person=person, caller=caller, at=SUNDAY)
        record = call.wait(PATIENCE_S)
        assert record is not None
        assert not record.faults, record.faults
        return f"callr:{call.callid}"

    def recording(self, call_key: str, status: str) -> Recording:
        """The recording of a call, once it has come to this."""

        def look() -> Recording | None:
            found = [one for one in self.recordings.of_call(call_key) if one.status == status]
            return found[0] if found else None

        return eventually(look, f"a recording of {call_key} that is {status}")

    def recording_that_is(self, recording_id: int, status: str) -> Recording:
        """A recording, once it has come to this, whichever call it belongs to by then."""

        def look() -> Recording | None:
            row = self.recordings.get(recording_id)
            return row if row.status == status else None

        return eventually(look, f"recording {recording_id} to be {status}")


@contextmanager
def clinic_line(
    folder: Path, conditions: Conditions = FAST, **variables: str
) -> Iterator[ClinicLine]:
    """Serve until the ``with`` ends; ``variables`` are of the server's environment."""
    with Simulator(ACCOUNT, conditions=conditions) as simulator:
        about: dict[str, Any] = {
            "CALLR_API_URL": simulator.api_url,
            "CALLR_LOGIN": ACCOUNT.login,
            "CALLR_PASSWORD": ACCOUNT.password,
            **variables,
        }
        with serving(folder, **about) as server:
            store = simulator.platform.store
            webhook = {
                "url": f"{server.url}/callr/reception",
                "login": LOGIN,
                "password": PASSWORD,
                "data_format": "JSON",
            }
            app = store.create_app("REALTIME10", "Reception", webhook)
            did = store.did_of(ACCOUNT.numbers[0])
            assert did is not None
            store.assign(did, app)
            yield ClinicLine(simulator, server)
            assert "Traceback" not in server.log()
