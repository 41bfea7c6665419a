"""The four documented shapes of `connect`, and what in one does not fit the type of call.

developer.stringee.com/docs/call-api-overview. What else works is known of app-to-phone only, where
one customer found that an external `from` was needed.
"""

from typing import Final

from app.simulator.stringee.actions import Connect, EndType
from app.simulator.stringee.facts import Kind

SHAPES: Final[dict[Kind, tuple[EndType, EndType]]] = {
    "app-to-app": ("internal", "internal"),
    "app-to-phone": ("internal", "external"),
    "phone-to-app": ("external", "internal"),
    "phone-to-phone": ("external", "external"),
    "callout": ("external", "external"),
}
"""`type` of `from` and of `to`. A callout that connects further does so as a phone's call does."""


def doubts(connect: Connect, kind: Kind, caller: str, number: str) -> list[str]:
    """What of a connect is not as the vendor shows it for a type of call.

    Args:
        connect: the action.
        kind: the type.
        caller: `from` of the call, digits or a user's id.
        number: our number that was called, digits; for an app's call what it shows.
    """
    told = []
    from_type, to_type = SHAPES[kind]
    if connect.from_.type != from_type:
        told.append(f"from.type is {connect.from_.type}; {kind} is documented with {from_type}")
    if connect.to.type != to_type:
        told.append(f"to.type is {connect.to.type}; {kind} is documented with {to_type}")
    if connect.from_.type == connect.to.type == "external":
        told += _shown(connect, caller, number)
    if to_type == "internal" and from_type == "external" and connect.to.alias != number:
        told.append(f"to.alias is {connect.to.alias!r}; the app is shown your number {number}")
    return told


def _shown(connect: Connect, caller: str, number: str) -> list[str]:
    """The alias is what the phone that is rung shows: one of the account's numbers."""
    alias = connect.from_.alias
    if alias == caller and caller != number:
        why = f"from.alias is the caller's own number {alias}; it must be one of yours (r=4)"
        return [why]
    if alias != number:
        return [f"from.alias is {alias!r}: is it one of your numbers? {number} was called"]
    return []
