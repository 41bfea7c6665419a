"""Reading an SCCO as strictly as the platform does: bytes in, actions or an `r` code out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from app.simulator.stringee.actions import (
    Action,
    Connect,
    Input,
    Prompt,
    Record,
    RecordMessage,
)
from app.simulator.stringee.codes import BAD_SCCO, Refusal, RefusedError
from app.simulator.stringee.connects import read_connect
from app.simulator.stringee.json_text import load, strip
from app.simulator.stringee.options import Options

JSON: Final = "application/json"
MOST_ACTIONS: Final = 1000
"""Actions in one SCCO; this simulator's own bound, the vendor names none."""

VOICES: Final = (
    "female",
    "male",
    "hatieumai",
    "ngoclam",
    "banmai",
    "leminh",
    "myan",
    "lannhi",
    "sg_male_xuankien_vdts_48k-hsmm",
    "sg_female_xuanhong_vdts_48k-hsmm",
    "hn_male_xuantin_vdts_48k-hsmm",
    "hn_female_thutrang_phrase_48k-hsmm",
)
"""The voices that types derived from the vendor's pages list."""

_FORMATS: Final = ("mp3", "wav", "mp4")
_EXCERPT: Final = 80


@dataclass(frozen=True, slots=True)
class Scco:
    """An SCCO as it was read.

    Attributes:
        actions: in order; empty where it is refused.
        given: the object that each action was read from.
        warnings: what works here, but is promised by nobody.
        refusal: why the platform does not carry it out; None when it does.
        parts: each action, or what is wrong with it, also where the whole is refused.
    """

    actions: tuple[Action, ...] = ()
    given: tuple[Mapping[str, Any], ...] = ()
    warnings: tuple[str, ...] = ()
    refusal: Refusal | None = None
    parts: tuple[Action | Refusal, ...] = ()


def read_scco(
    body: bytes,
    *,
    content_type: str = JSON,
    lenient: bool = False,
    unknown_actions: Literal["refuse", "skip"] = "refuse",
) -> Scco:
    """Read the body of a reply. Never raises.

    Args:
        body: as it came.
        content_type: of the reply; another than JSON only warns.
        lenient: take out comments and trailing commas, with a warning.
        unknown_actions: what to do with an action of an unknown name.
    """
    warnings: list[str] = []
    if content_type.partition(";")[0].strip().lower() != JSON:
        warnings.append(f"the content type is {content_type!r}, not {JSON}")
    try:
        data = _parse(body, lenient=lenient, warnings=warnings)
        return read_actions(data, warnings, unknown_actions=unknown_actions)
    except RefusedError as refused:
        return Scco(warnings=tuple(warnings), refusal=refused.refusal)


def read_actions(
    data: object,
    warnings: list[str] | None = None,
    *,
    unknown_actions: Literal["refuse", "skip"] = "refuse",
) -> Scco:
    """Read an SCCO that is JSON already, such as `actions` of a callout. Never raises."""
    warnings = [] if warnings is None else warnings
    parts: list[Action | Refusal] = []
    given: list[Mapping[str, Any]] = []
    try:
        for number, one in enumerate(_array(data), start=1):
            part = _part(number, one, warnings, unknown_actions)
            if part is not None:
                parts.append(part)
                given.append(one)
    except RefusedError as refused:
        return Scco(warnings=tuple(warnings), refusal=refused.refusal)
    actions = [part for part in parts if not isinstance(part, Refusal)]
    refusals = [part for part in parts if isinstance(part, Refusal)]
    if refusals:
        return Scco(warnings=tuple(warnings), refusal=refusals[0], parts=tuple(parts))
    _look_at_the_order(actions, warnings)
    return Scco(tuple(actions), tuple(given), tuple(warnings), None, tuple(parts))


def _parse(body: bytes, *, lenient: bool, warnings: list[str]) -> object:
    try:
        if lenient:
            body, found = strip(body)
            warnings += found
        data, doubts = load(body)
    except ValueError as error:
        excerpt = repr(body[:_EXCERPT].decode(errors="replace"))
        raise RefusedError(BAD_SCCO, f"no JSON: {error}: {excerpt}") from error
    warnings += doubts
    return data


def _array(data: object) -> list[Any]:
    if isinstance(data, dict):
        raise RefusedError(BAD_SCCO, "it is one object, expected an array: write [ ] around it")
    if not isinstance(data, list):
        raise RefusedError(
            BAD_SCCO, f"it is {str(data)[:_EXCERPT]!r}, expected an array of actions"
        )
    if len(data) > MOST_ACTIONS:
        raise RefusedError(BAD_SCCO, f"it has {len(data)} actions; {MOST_ACTIONS} are taken here")
    return data


def _part(
    number: int, one: object, warnings: list[str], unknown: Literal["refuse", "skip"]
) -> Action | Refusal | None:
    try:
        return _read(number, one, warnings, unknown)
    except RefusedError as refused:
        return refused.refusal


def _read(
    number: int, one: object, warnings: list[str], unknown: Literal["refuse", "skip"]
) -> Action | None:
    if not isinstance(one, dict):
        raise RefusedError(BAD_SCCO, f"action {number} is {str(one)[:_EXCERPT]!r}, no object")
    name = one.get("action")
    read = _READERS.get(name) if isinstance(name, str) else None
    if read is None:
        why = f"action {number}: there is no action {name!r}; there are {', '.join(_READERS)}"
        if unknown == "refuse":
            raise RefusedError(BAD_SCCO, why)
        warnings.append(f"{why}. It is skipped")
        return None
    options = Options(one, f"action {number} ({name})", warnings)
    options.take("action")
    action = read(options)
    options.close()
    return action


def _record(options: Options) -> Record:
    if options.take("record_type") is not None:
        options.warn("record_type is documented nowhere")
    return Record(
        event_url=options.url("eventUrl", ""),
        format=options.one_of("format", "mp3", *_FORMATS),  # type: ignore[arg-type]  # is checked
        stereo=options.flag("recordStereo", default=False),
    )


def _record_message(options: Options) -> RecordMessage:
    return RecordMessage(
        event_url=options.url("eventUrl", ""),
        format=options.one_of("format", "mp3", *_FORMATS),  # type: ignore[arg-type]  # is checked
        end_on_key=options.text("endOnKey", "#"),
        timeout_ms=options.whole("timeout", least=0),
        beep=options.flag("beepStart", default=False),
        silence_threshold=options.whole("silenceThresh", least=0, most=100),
        silence_ms=options.whole("silenceTimeout", least=0),
    )


def _talk(options: Options) -> Prompt:
    voice = options.text("voice", "female")
    if voice not in VOICES:
        options.warn(f"no voice {voice!r} is documented; there are {', '.join(VOICES)}")
    return _prompt(
        options,
        "talk",
        options.text("text"),
        voice=voice,
        speed=options.number("speed", 0, least=-3, most=3),
    )


def _play(options: Options) -> Prompt:
    name = options.text("fileName")
    if "://" in name:
        options.warn("fileName is a URL; `play` takes the name of an uploaded file, `stream` a URL")
    return _prompt(options, "play", name)


def _stream(options: Options) -> Prompt:
    return _prompt(options, "stream", options.url("fileName"))


def _prompt(
    options: Options,
    action: Literal["talk", "play", "stream"],
    content: str,
    *,
    voice: str = "",
    speed: int = 0,
) -> Prompt:
    return Prompt(
        action=action,
        content=content,
        voice=voice,
        speed=speed,
        barge_in=options.flag("bargeIn", default=True),
        loop=options.number("loop", 1, least=1),
        silence_ms=options.number("silenceTime", 0, least=0),
        answer_call=options.flag("answerCall", default=True),
        goes_on=options.flag("continueWhilePlay", default=False),
    )


def _input(options: Options) -> Input:
    older = options.whole("timeout", least=1)
    newer = options.whole("timeOut", least=1)
    if older is not None and newer is not None and older != newer:
        options.warn(f"timeOut is {newer} and timeout is {older}; which counts is unknown")
    return Input(
        event_url=options.url("eventUrl"),
        timeout_s=newer or older or 5,
        submit_on_hash=options.flag("submitOnHash", default=False),
        max_digits=options.whole("maxDigits", least=1),
        custom_field=options.text("customField", ""),
    )


_READERS: Final[Mapping[str, Callable[[Options], Action]]] = {
    "connect": read_connect,
    "record": _record,
    "recordMessage": _record_message,
    "talk": _talk,
    "play": _play,
    "stream": _stream,
    "input": _input,
}


def _look_at_the_order(actions: list[Action], warnings: list[str]) -> None:
    """Warn of a recording that would have nothing in it."""
    connected = False
    recorded = False
    for number, action in enumerate(actions, start=1):
        match action:
            case Connect():
                inside = action.from_.type == action.to.type == "internal"
                if recorded and inside and action.peer_to_peer:
                    warnings.append(
                        f"action {number} (connect): between apps, peerToPeerCall must be false "
                        "for the recording"
                    )
                connected = True
            case Record():
                if connected:
                    warnings.append(f"action {number} (record): it must stand before connect")
                recorded = True
            case _:
                pass
