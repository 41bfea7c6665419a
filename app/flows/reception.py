"""A firm's reception: sales and support by key, a message when nobody is there."""

from app.callflow import Flow, collect, dial, hang_up, hours, menu, record, say, to

reception = Flow(
    "reception",
    start="open_now",
    language="en-GB",
    timezone="Europe/London",
    steps={
        "open_now": hours(
            {"mon-fri": "09:00-18:00"},
            closed=("12-25", "01-01"),
            open="welcome",
            closed_step="voicemail",
        ),
        "welcome": say("Thanks for calling Acme.", then="choose"),
        "choose": menu(
            "For sales, press 1. For support, press 2.",
            {"1": to("team", team="sales"), "2": "order"},
            tries=3,
            timeout_s=5,
            invalid="That is not a choice.",
            failure="voicemail",
        ),
        "order": collect(
            "Type your order number.",
            into="order",
            min_digits=6,
            max_digits=6,
            then=to("team", team="support"),
            failure="voicemail",
        ),
        "team": dial(
            "+33123456789", "+33123456780", ring_s=20, whisper="{team}", no_answer="sorry"
        ),
        "sorry": say("Nobody is free at the moment.", then="voicemail"),
        "voicemail": record(
            "Leave a message after the tone.", into="message", max_s=120, then="goodbye"
        ),
        "goodbye": hang_up("Goodbye.", disposition="message"),
    },
)
