"""Reading `connect`: who is rung, as whom, and what becomes of it."""

import re
from collections.abc import Mapping
from typing import Any, Final, Literal

from app.simulator.stringee.actions import Connect, End
from app.simulator.stringee.codes import BAD_NUMBER, BAD_SCCO, TO_TYPE, RefusedError
from app.simulator.stringee.options import Options

PHONE: Final = re.compile(r"[1-9][0-9]{1,19}")
"""A number as the platform takes it: digits with the country code, without `+` or a leading 0."""

_DOUBLED: Final = re.compile(r"8484[0-9]{7,}")


def read_connect(options: Options) -> Connect:
    """Read a connect.

    Raises:
        RefusedError: something in it is wrong.
    """
    if options.has("record"):
        options.refuse("record", options.take("record"), "an action of its own before connect")
    for name, why in _IGNORED.items():
        if options.take(name) is not None:
            options.warn(f"{name} {why}")
    connect = Connect(
        from_=_end(options, "from"),
        to=_end(options, "to"),
        custom_data=options.text("customData", ""),
        continue_on_fail=options.flag("continueOnFail", default=False),
        on_fail_event_url=options.url("onFailEventUrl", ""),
        timeout_s=options.number("timeout", 60, least=1),
        max_connect_s=options.number("maxConnectTime", -1),
        peer_to_peer=options.flag("peerToPeerCall", default=True),
    )
    if connect.continue_on_fail and not connect.on_fail_event_url:
        options.warn("continueOnFail without onFailEventUrl: the next action is carried out here")
    return connect


_IGNORED: Final = {
    "eventUrl": "went out of the vendor's samples in 2018; it is ignored",
    "maxConnection": "stands in some types in the place of maxConnectTime; it is ignored",
}


def _end(options: Options, name: str) -> End:
    value = options.take(name)
    if name == "to" and isinstance(value, list) and value:
        options.warn("to is an array; it is documented as one object, and the first is rung")
        value = value[0]
    if not isinstance(value, dict):
        options.refuse(name, value, "an object")
    return read_end(value, f"{options.where}: {name}", name, options.warnings)


def read_end(value: Mapping[str, Any], where: str, name: str, warnings: list[str]) -> End:
    """Read `from` or `to`, of a connect or of a callout.

    Args:
        value: the object.
        where: what it is called in messages.
        name: `from` or `to`.
        warnings: where to put warnings.

    Raises:
        RefusedError: something in it is wrong.
    """
    given = Options(value, where, warnings)
    kind = _type(given, TO_TYPE if name == "to" else BAD_SCCO)
    end = End(
        type=kind,
        number=given.text("number"),
        alias=given.text("alias", ""),
        sip_trunk=given.number("sipTrunkId", 0),
    )
    given.take("is_online")
    given.close()
    if not end.alias:
        given.warn("there is no alias; the other side sees it")
    if kind == "external":
        _check_number(given, end.number)
    return end


def _type(given: Options, r: int) -> Literal["internal", "external"]:
    value = given.take("type")
    if value not in ("internal", "external"):
        given.refuse("type", value, "internal or external", r)
    return "internal" if value == "internal" else "external"


def _check_number(given: Options, number: str) -> None:
    if not PHONE.fullmatch(number):
        why = f"{given.where}: number is {number!r}, expected digits with the country code, no +"
        raise RefusedError(BAD_NUMBER, why)
    if _DOUBLED.fullmatch(number):
        given.warn(f"number {number} begins with the country code twice")
