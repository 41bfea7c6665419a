"""The file that ``offhook flows new`` writes: a call flow that works, commented to go on from."""

from __future__ import annotations

import keyword
from pathlib import Path
from string import Template

_TEMPLATE = Template('''\
"""Answers calls: says hello, takes an order number or a message.

Try it on a phone in the terminal: offhook phone $name
"""

from app.callflow import Flow, collect, hang_up, menu, record, say

$variable = Flow(
    "$name",
    # The step that a call begins with.
    start="welcome",
    # The language of its texts. A text can be in several: {"en-GB": "Hello.", "fr-FR": "Bonjour."}.
    language="en-GB",
    # Where a call is taken when something fails that no exit is declared for.
    fallback="sorry",
    # Each step has a name, does something, and says by name which step comes next.
    steps={
        "welcome": say("Thanks for calling.", then="choose"),
        # A menu has an exit for each key, and failure for whoever presses none of them three times.
        "choose": menu(
            "To give your order number, press 1. To leave a message, press 2.",
            {"1": "order", "2": "message"},
            tries=3,
            timeout_s=5,
            failure="message",
        ),
        # What is typed goes into a variable, as text: "018" stays "018".
        "order": collect(
            "Type the six digits of your order number.",
            into="order",
            min_digits=6,
            max_digits=6,
            then="read_back",
            failure="message",
        ),
        # {order} says the variable; {order:digits} says it digit by digit.
        "read_back": say("Your order number is {order:digits}.", then="goodbye"),
        "message": record(
            "Leave a message after the tone.", into="recording", max_s=120, then="thanks"
        ),
        # A call ends at a hang_up; its disposition is what the call came to, in your own words.
        "thanks": hang_up("Thank you. Goodbye.", disposition="message"),
        "goodbye": hang_up("We will call you back. Goodbye.", disposition="order"),
        "sorry": hang_up("Sorry, something went wrong. Goodbye.", disposition="failed"),
    },
)
''')
_TAKEN = frozenset({"collect", "hang_up", "menu", "record", "say"})


def source(name: str) -> str:
    """The text of the file of a flow with this name."""
    taken = name in _TAKEN or keyword.iskeyword(name)
    return _TEMPLATE.substitute(name=name, variable=f"{name}_flow" if taken else name)


def write(name: str, folder: Path) -> Path:
    """Write the file of a new flow; the folder is made where there is none.

    Returns:
        where it stands.

    Raises:
        FileExistsError: the file is there already; it is left as it is.
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.py"
    with file.open("x", encoding="utf-8") as out:
        out.write(source(name))
    return file
