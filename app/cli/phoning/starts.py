"""Outbound calls of a server of one's own: placed as any other, but nobody is dialled for them."""

from __future__ import annotations

from collections.abc import Sequence

import click

from app.bootstrap import Parts, now
from app.dialler import CallRequest, Dialler
from app.ports import Start
from app.simulator import A_CALLER, TEST_APP
from app.simulator.ring import new_hash


class _NobodyDials:
    """Fulfils ``app.ports.Placer``: the phone in hand rings by itself."""

    name = "callr"

    def voice_app(self, flow: str, chosen: str) -> str:  # noqa: ARG002 -- the port's signature
        """The hash that stands for no voice app."""
        return chosen or TEST_APP

    def place(self, start: Start) -> str:  # noqa: ARG002 -- the port's signature
        """The id that the platform would give the request."""
        return new_hash()


def place(parts: Parts, flow: str, variables: Sequence[str], caller: str) -> Start:
    """Write down an outbound call to the phone in hand, so that its first turn finds it.

    Args:
        parts: of the server.
        flow: its name.
        variables: NAME=VALUE each, of those that the flow declares in ``given``.
        caller: our number that the phone shows, E.164; "" for none.

    Raises:
        RequestError: the flow declares no such variable, or a value is too long.
        click.BadParameter: a text is no NAME=VALUE.
    """
    nobody = _NobodyDials()
    dialler = Dialler(
        parts.flows,
        parts.journal,
        {nobody.name: nobody},
        usual=nobody.name,
        country="",
        caller_id=caller,
        clock=now,
        rules=None,
    )
    request = CallRequest(number=A_CALLER, flow=flow, variables=variables_of(variables))
    start, _ = dialler.place(request)
    return start


def variables_of(pairs: Sequence[str]) -> dict[str, str]:
    """The variables of ``--var NAME=VALUE``.

    Raises:
        click.BadParameter: a text is no NAME=VALUE.
    """
    return dict(map(_pair, pairs))


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        msg = f"{text!r} is no NAME=VALUE."
        raise click.BadParameter(msg, param_hint="--var")
    return name, value
