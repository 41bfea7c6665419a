"""A room to wait in."""

from app.callflow import Flow, conference, hang_up

lounge = Flow(
    "lounge",
    start="room",
    language="en-GB",
    steps={"room": conference("lounge", then="end"), "end": hang_up()},
)
