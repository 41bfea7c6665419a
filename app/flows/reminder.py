"""Reminds somebody of an appointment: an outbound call.

It says no name and no time before a key was pressed: a voicemail or a child may have answered. A
busy or unanswered call ends quietly, with the outcome in the journal.
"""

from app.callflow import Flow, hang_up, menu

reminder = Flow(
    "reminder",
    start="are_you_there",
    language="en-GB",
    given={"name": "", "time": "tomorrow"},
    fallback="sorry",
    steps={
        "are_you_there": menu(
            "Hello. This is a reminder from Acme. To hear it, press 1.",
            {"1": "appointment"},
            tries=3,
            failure="nobody",
        ),
        "appointment": menu(
            "{name}, your appointment is {time}. To confirm, press 1. To be called back, press 2.",
            {"1": "confirmed", "2": "call_back"},
            tries=3,
            failure="no_reply",
        ),
        "confirmed": hang_up("Thank you. See you then.", disposition="confirmed"),
        "call_back": hang_up("Thank you. We will call you back.", disposition="call_back"),
        "no_reply": hang_up("We will try again. Goodbye.", disposition="no_reply"),
        "nobody": hang_up("Goodbye.", disposition="nobody"),
        "sorry": hang_up("Sorry, something went wrong. Goodbye.", disposition="failed"),
    },
)
