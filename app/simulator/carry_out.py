"""What the platform does for each command but dial-outs and conferences.

Each function waits on the line as long as the command takes and gives its outcome. The results of
`read` and `record`, and "0" for `play`, are seen in vendor samples; "0" for the rest is assumed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from app.simulator.commands import Params
from app.simulator.exchange import Exchange
from app.simulator.line import Key, Line, Quiet
from app.simulator.media import Media, Sound, Speech
from app.simulator.person import Person
from app.simulator.readings import Readings
from app.simulator.transcript import (
    KeysWanted,
    Played,
    Pressed,
    Recorded,
    Recording,
    Said,
    Silent,
    Tone,
    Warned,
)

DONE: Final = "0"
TIMEOUT: Final = "TIMEOUT"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command came to. `ends` means that the call is over with it, by whom `by` says."""

    result: str | None = DONE
    error: str = ""
    ends: bool = False
    by: str = "platform"


@dataclass(slots=True)
class Leg:
    """The call that a command is carried out on.

    Attributes:
        so_far: what the running command would give if it ended now.
        settled: a result that stands even if the line goes while the command runs.
        early: keys that were pressed while a sound was played and count for the next `read`.
    """

    callid: int
    line: Line
    person: Person
    exchange: Exchange
    readings: Readings
    so_far: str = ""
    settled: str = ""
    early: str = ""
    recordings: int = 0
    recording_call: bool = False


def tell_media(leg: Leg, media: Media) -> float:
    """Begin to play something; returns how many seconds it takes, without waiting for them."""
    match media:
        case Speech():
            leg.line.tell(Said, text=media.text, voice=media.voice)
            return media.seconds
        case Sound():
            leg.line.tell(Played, media=media.name)
            return media.seconds
        case None:
            return 0.0


def hear(leg: Leg, media: Media) -> None:
    """Play something to its end."""
    leg.line.wait(tell_media(leg, media))


def _play_out(leg: Leg, media: Media) -> Outcome:
    """Play something to its end, or until a key where keys stop it."""
    line, readings = leg.line, leg.readings
    end = line.now + tell_media(leg, media)
    wanted = (Key,) if readings.keys_stop_play or readings.keys_kept else ()
    while isinstance(act := line.wait(max(0.0, end - line.now), *wanted), Key):
        if readings.keys_kept:
            leg.early += act.key
        else:
            line.tell(Pressed, keys=act.key, used=True)
        if readings.keys_stop_play:
            break
    return Outcome()


def collect(
    leg: Leg,
    prompt: Media,
    *,
    what: Literal["read", "pin"],
    attempt: int,
    max_digits: int,
    timeout_s: float,
) -> str | None:
    """Collect keys once, during a prompt and after it.

    Ends with `#`, with as many keys as fit, or when no key comes for `timeout_s`. Keys that were
    kept from before come first.

    Returns:
        The keys without `#`; "" for a bare `#`; None when no key came.
    """
    line = leg.line
    line.forget(Key, Quiet)
    prompt_s = tell_media(leg, prompt)
    line.tell(
        KeysWanted,
        what=what,
        attempt=attempt,
        max_digits=max_digits,
        prompt_s=round(prompt_s, 3),
        timeout_s=timeout_s,
    )
    keys, limit = "", prompt_s + timeout_s
    early, leg.early = [*leg.early], ""
    while len(keys) < max_digits:
        end = line.now + limit
        act = Key(early.pop(0)) if early else line.wait(limit, Key, Quiet, patient=True)
        if not isinstance(act, Key):
            line.count(max(0.0, end - line.now))
            break
        keys, limit = keys + act.key, timeout_s
        leg.so_far = keys.removesuffix("#")
        if act.key == "#":
            break
    if keys:
        line.tell(Pressed, keys=keys, used=True)
    return keys.removesuffix("#") if keys else None


def _play(leg: Leg, params: Params) -> Outcome:
    return _play_out(leg, params["media_id"])


def _play_record(leg: Leg, params: Params) -> Outcome:
    seconds = leg.exchange.recording(params["media_file"])
    if seconds is None:
        return Outcome("", "PROPERTY_VALUE_ERROR [media_file]")
    return _play_out(leg, Sound(params["media_file"], seconds))


def _play_wav_data(leg: Leg, params: Params) -> Outcome:
    return _play_out(leg, params["audio_data"])


def _play_talk_detect(leg: Leg, params: Params) -> Outcome:
    """Play to the end: nobody on a simulated line talks into a prompt."""
    hear(leg, params["media_id"])
    return Outcome(leg.readings.talk_detect_result)


def _read(leg: Leg, params: Params) -> Outcome:
    for attempt in range(1, params["attempts"] + 1):
        keys = collect(
            leg,
            params["media_id"],
            what="read",
            attempt=attempt,
            max_digits=params["max_digits"],
            timeout_s=params["timeout_ms"] / 1000,
        )
        if keys is not None:
            return Outcome(keys or leg.readings.bare_hash_result)
    match leg.readings.read_timeout:
        case "TIMEOUT":
            return Outcome(TIMEOUT)
        case "empty":
            return Outcome("")
        case "null":
            return Outcome(None)
        case "error":
            return Outcome("", TIMEOUT)


def _record(leg: Leg, params: Params) -> Outcome:
    """Record until `#`, silence or the longest duration. Where neither is set, until `#`."""
    line = leg.line
    if leg.readings.record_beeps:
        line.tell(Tone, name="beep")
    leg.recordings += 1
    file = leg.so_far = f"rt-{leg.callid}-{leg.recordings}"
    longest = float(params["max_duration"] or leg.readings.longest_call_s)
    began = line.now
    line.forget(Key, Quiet)
    line.tell(Recording, max_s=params["max_duration"], silence_s=params["silence"])
    try:
        _listen(leg, longest, params)
    finally:
        seconds = round(min(longest, line.now - began), 3)
        leg.exchange.keep_recording(file, seconds)
        line.tell(Recorded, file=file, seconds=seconds)
    return Outcome(file)


def _listen(leg: Leg, longest: float, params: Params) -> None:
    """Wait for the end of a recording. A person who falls silent is not waited for in real time."""
    line, end = leg.line, leg.line.now + longest
    while line.now < end:
        act = line.wait(end - line.now, Key, Quiet, patient=True)
        if isinstance(act, Key):
            line.tell(Pressed, keys=act.key, used=act.key == "#")
        if act is None or act == Key("#"):
            return
        if isinstance(act, Quiet) and (params["silence"] or params["max_duration"]):
            rest = max(0.0, end - line.now)
            line.count(min(params["silence"] or rest, rest))
            return


def _send_dtmf(leg: Leg, params: Params) -> Outcome:
    each = (params["duration_ms"] + params["timeout_ms"]) / 1000
    for key in params["digits"]:
        leg.line.tell(Tone, name=f"DTMF {key}")
    leg.line.wait(each * len(params["digits"]))
    return Outcome()


def _wait(leg: Leg, params: Params) -> Outcome:
    leg.line.tell(Silent, seconds=params["seconds"])
    leg.line.wait(params["seconds"])
    return Outcome()


def _wait_for_silence(leg: Leg, params: Params) -> Outcome:
    """Nobody on a simulated line talks, so silence comes as soon as it can.

    The results are those of Asterisk's WaitForSilence, which the parameters resemble.
    """
    needed = params["silence_ms"] / 1000 * params["iterations"]
    timeout = params["timeout"]
    leg.line.tell(Silent, seconds=needed)
    if timeout and timeout < needed:
        leg.line.wait(timeout)
        return Outcome(TIMEOUT)
    leg.line.wait(needed)
    return Outcome("SILENCE")


def _start_call_recording(leg: Leg, params: Params) -> Outcome:
    hear(leg, params["announce"])
    leg.recording_call = True
    return Outcome()


def _stop_call_recording(leg: Leg, params: Params) -> Outcome:
    if not leg.recording_call:
        leg.line.tell(Warned, text="stop_call_recording: this call is not being recorded")
    hear(leg, params["announce"])
    leg.recording_call = False
    return Outcome()


def _hangup(_leg: Leg, _params: Params) -> Outcome:
    return Outcome("", ends=True, by="voice app")


def _hangup_callid(leg: Leg, params: Params) -> Outcome:
    if params["callid"] == leg.callid:
        return Outcome(ends=True, by="voice app")
    if not leg.exchange.hang_up(params["callid"], by="another call"):
        return Outcome("", "PROPERTY_VALUE_ERROR [callid]")
    return Outcome()


SIMPLE: Final[dict[str, Callable[[Leg, Params], Outcome]]] = {
    "play": _play,
    "play_record": _play_record,
    "play_wav_data": _play_wav_data,
    "play_talk_detect": _play_talk_detect,
    "read": _read,
    "record": _record,
    "send_dtmf": _send_dtmf,
    "wait": _wait,
    "wait_for_silence": _wait_for_silence,
    "start_call_recording": _start_call_recording,
    "stop_call_recording": _stop_call_recording,
    "hangup": _hangup,
    "hangup_callid": _hangup_callid,
}
