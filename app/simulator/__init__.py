"""The other side of the wire: a CALLR platform to try voice apps on, and telephones on it.

Written from what the vendor published, apart from the rest of the application and sharing no code
with it, so that the two readings of the protocol check each other. Where the vendor is silent,
`Readings` has a switch. Nothing here talks to CALLR.
"""

from app.simulator.account import Account
from app.simulator.call import CallRecord
from app.simulator.client import RemotePhone, SimulatorClient, SimulatorError
from app.simulator.commands import COMMANDS
from app.simulator.exchange import Exchange
from app.simulator.heard import readings_heard
from app.simulator.in_progress import AllLinesBusyError
from app.simulator.live import EventLog, Live
from app.simulator.person import Answer, Handset, Others, Person, Phone
from app.simulator.phones import Holder
from app.simulator.platform import Platform, RunningCall, UnreachableError
from app.simulator.readings import Conditions, Hostility, Readings
from app.simulator.record import Facts, Record
from app.simulator.reports import CallFacts
from app.simulator.ring import A_CALLER, A_NUMBER, TEST_APP, ring, ring_out
from app.simulator.scripted import Script, Scripted
from app.simulator.server import Simulator
from app.simulator.transcript import Event

__all__ = [
    "A_CALLER",
    "A_NUMBER",
    "COMMANDS",
    "TEST_APP",
    "Account",
    "AllLinesBusyError",
    "Answer",
    "CallFacts",
    "CallRecord",
    "Conditions",
    "Event",
    "EventLog",
    "Exchange",
    "Facts",
    "Handset",
    "Holder",
    "Hostility",
    "Live",
    "Others",
    "Person",
    "Phone",
    "Platform",
    "Readings",
    "Record",
    "RemotePhone",
    "RunningCall",
    "Script",
    "Scripted",
    "Simulator",
    "SimulatorClient",
    "SimulatorError",
    "UnreachableError",
    "readings_heard",
    "ring",
    "ring_out",
]
