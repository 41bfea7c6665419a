"""Stringee's platform, on the same simulated line as CALLR's.

Written from what the vendor published and what its customers' code shows, apart from the rest of
the application. Where neither tells, `StringeeReadings` has a switch. Nothing here talks to
Stringee.
"""

from app.simulator.stringee.codes import Refusal
from app.simulator.stringee.conditions import (
    StringeeConditions,
    StringeeHostility,
    StringeeReadings,
)
from app.simulator.stringee.facts import APP_KINDS, KINDS, PHONE_KINDS, Kind, Project, StringeeFacts
from app.simulator.stringee.records import StringeeRecord
from app.simulator.stringee.ring import ask, call_out, ring_in
from app.simulator.stringee.scco import Scco, read_actions, read_scco
from app.simulator.stringee.signing import HEADER, sign

__all__ = [
    "APP_KINDS",
    "HEADER",
    "KINDS",
    "PHONE_KINDS",
    "Kind",
    "Project",
    "Refusal",
    "Scco",
    "StringeeConditions",
    "StringeeFacts",
    "StringeeHostility",
    "StringeeReadings",
    "StringeeRecord",
    "ask",
    "call_out",
    "read_actions",
    "read_scco",
    "ring_in",
    "sign",
]
