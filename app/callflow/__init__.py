"""Call flows: what a call can do, as checked data.

What a flow's author needs is here: ``from app.callflow import Flow, menu, say, hang_up``. Standard
library only; no I/O, no clock, no randomness, no threads.
"""

from app.callflow.call import Call
from app.callflow.commands import Media
from app.callflow.errors import FlowError
from app.callflow.flow import Flow
from app.callflow.parties import Client
from app.callflow.prompts import In
from app.callflow.steps import (
    assign,
    at_most,
    branch,
    collect,
    command,
    conference,
    dial,
    hang_up,
    hours,
    menu,
    play,
    record,
    say,
    send_digits,
    to,
    wait,
)

__all__ = [
    "Call",
    "Client",
    "Flow",
    "FlowError",
    "In",
    "Media",
    "assign",
    "at_most",
    "branch",
    "collect",
    "command",
    "conference",
    "dial",
    "hang_up",
    "hours",
    "menu",
    "play",
    "record",
    "say",
    "send_digits",
    "to",
    "wait",
]
