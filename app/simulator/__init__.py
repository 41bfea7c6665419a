"""The other side of the wire: a CALLR platform to try voice apps on, and telephones on it.

Written from what the vendor published, apart from the rest of the application and sharing no code
with it, so that the two readings of the protocol check each other. Where the vendor is silent,
`Readings` has a switch. Nothing here talks to CALLR.
"""

from app.simulator.call import CallRecord
from app.simulator.commands import COMMANDS
from app.simulator.exchange import Exchange
from app.simulator.person import (
    Answer,
    EventLog,
    Handset,
    Live,
    Others,
    Person,
    Phone,
    Script,
    Scripted,
)
from app.simulator.readings import Conditions, Hostility, Readings
from app.simulator.reports import CallFacts
from app.simulator.ring import A_CALLER, A_NUMBER, TEST_APP, ring, ring_out

__all__ = [
    "A_CALLER",
    "A_NUMBER",
    "COMMANDS",
    "TEST_APP",
    "Answer",
    "CallFacts",
    "CallRecord",
    "Conditions",
    "EventLog",
    "Exchange",
    "Handset",
    "Hostility",
    "Live",
    "Others",
    "Person",
    "Phone",
    "Readings",
    "Script",
    "Scripted",
    "ring",
    "ring_out",
]
