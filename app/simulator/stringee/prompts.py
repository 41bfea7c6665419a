"""What the platform does for talk, play, stream and input: prompts, and keys during and after."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from app.simulator.line import Key, Line, Quiet
from app.simulator.media import Sound, Speech
from app.simulator.stringee.actions import Input, Prompt
from app.simulator.stringee.leg import Leg, Next, Step
from app.simulator.stringee.replies import obey_reply
from app.simulator.transcript import KeysWanted, Played, Pressed, Said, Warned

TOLD_ROUNDS: Final = 5
"""Of a prompt that is heard over and over, so many rounds are told; the rest passes in one."""

_PER_SPEED: Final = 0.12


def seconds_of(prompt: Prompt) -> float:
    """How long a prompt is heard once; this simulator's own estimate, as for CALLR's."""
    if prompt.action != "talk":
        return Sound(prompt.content).seconds
    return Speech(prompt.voice, prompt.content).seconds / (1 + _PER_SPEED * prompt.speed)


def play(leg: Leg, step: Step, prompt: Prompt) -> None:
    """Play a prompt to its end, or only begin it where the next action goes on meanwhile."""
    leg.begin(step)
    if prompt.answer_call:
        leg.answer()
    for seconds in _rounds(leg, prompt):
        if prompt.goes_on:
            break
        leg.line.wait(seconds)


@dataclass(frozen=True, slots=True)
class Asked:
    """An `input`, and the prompts right before it that keys may end."""

    prompts: tuple[tuple[Step, Prompt], ...]
    step: Step
    input: Input


def asked_for(steps: Sequence[Step]) -> Asked | None:
    """The input that these steps begin with, prompts before it included; None where they do not."""
    prompts = []
    for step in steps:
        match step.action:
            case Prompt(barge_in=True, goes_on=False) as prompt:
                prompts.append((step, prompt))
            case Input() as wanted:
                return Asked(tuple(prompts), step, wanted)
            case _:
                return None
    return None


def collect(leg: Leg, asked: Asked) -> Next:
    """Play the prompts until a key is pressed, collect keys, post them, and take the reply."""
    leg.line.forget(Key, Quiet)
    entry = _Entry(leg, asked)
    keys, timed_out = entry.run()
    if keys:
        leg.line.tell(Pressed, keys=keys, used=True)
    wanted = asked.input
    if timed_out and keys and leg.readings.partial_entry == "entry":
        timed_out = False
    body = {
        "time": str(leg.now_ms),
        "dtmf": keys.removesuffix("#") if wanted.submit_on_hash else keys,
        "call_id": leg.facts.call_id,
        "customField": wanted.custom_field,
        "timeout": timed_out,
    }
    return obey_reply(leg, "eventUrl", leg.webhooks.post("eventUrl", wanted.event_url, body))


class _Entry:
    """The collecting of keys for one input."""

    def __init__(self, leg: Leg, asked: Asked) -> None:
        self._leg = leg
        self._line = leg.line
        self._asked = asked
        self._wanted = asked.input
        self._keys = ""
        self._silent = False
        once = sum(seconds_of(prompt) for _, prompt in asked.prompts)
        rounds = sum(
            seconds_of(prompt) * prompt.loop + prompt.silence_ms / 1000 * (prompt.loop - 1)
            for _, prompt in asked.prompts
        )
        self._once_s = once
        first = 0.0 if leg.readings.input_from == "at once" else rounds
        self._end = self._line.now + first + self._wanted.timeout_s

    def run(self) -> tuple[str, bool]:
        """The keys, with a closing `#`, and whether the time limit ended them."""
        for step, prompt in self._asked.prompts:
            self._leg.begin(step, listening=True)
            if prompt.answer_call:
                self._leg.answer()
            for number, seconds in enumerate(_rounds(self._leg, prompt)):
                if not number and step is self._asked.prompts[0][0]:
                    self._say_that_keys_are_wanted()
                self._listen(min(seconds, self._end - self._line.now))
                if self._keys or self._silent:
                    break
            if self._keys or self._silent:
                break
        self._leg.begin(self._asked.step, listening=True)
        self._leg.answer()
        if not self._asked.prompts:
            self._say_that_keys_are_wanted()
        while not self._complete and not self._silent and self._line.now < self._end:
            self._listen(self._end - self._line.now, patient=True)
        if not self._complete:
            self._line.count(max(0.0, self._end - self._line.now))
        return self._keys, not self._complete

    @property
    def _complete(self) -> bool:
        if self._wanted.submit_on_hash and self._keys.endswith("#"):
            return True
        return self._wanted.max_digits is not None and len(self._keys) >= self._wanted.max_digits

    def _listen(self, seconds: float, *, patient: bool = False) -> None:
        act = self._line.wait(max(0.0, seconds), Key, Quiet, patient=patient)
        if isinstance(act, Quiet):
            self._silent = True
        elif isinstance(act, Key):
            if not self._keys or self._leg.readings.input_time == "each key":
                self._end = self._line.now + self._wanted.timeout_s
            self._keys += act.key
        elif patient:
            self._silent = True

    def _say_that_keys_are_wanted(self) -> None:
        self._line.tell(
            KeysWanted,
            what="input",
            attempt=1,
            max_digits=self._wanted.max_digits or 0,
            prompt_s=round(self._once_s, 3),
            timeout_s=self._wanted.timeout_s,
        )


def _tell(line: Line, prompt: Prompt) -> None:
    if prompt.action == "talk":
        line.tell(Said, text=prompt.content, voice=prompt.voice)
    else:
        line.tell(Played, media=prompt.content)


def _is_there(leg: Leg, prompt: Prompt) -> bool:
    """Whether there is something to hear; what the platform does without is unknown."""
    if prompt.action != "play" or leg.files is None or prompt.content in leg.files():
        return True
    text = f"there is no greeting file {prompt.content!r}; nothing is heard of it here"
    leg.line.tell(Warned, text=text)
    return False


def _rounds(leg: Leg, prompt: Prompt) -> Iterator[float]:
    """Begin each round of a prompt; gives the seconds to wait for it, and for pauses between."""
    once, pause = seconds_of(prompt), prompt.silence_ms / 1000
    if not _is_there(leg, prompt):
        yield 0.0
        return
    for number in range(1, min(prompt.loop, TOLD_ROUNDS) + 1):
        _tell(leg.line, prompt)
        yield once
        if pause and number < prompt.loop:
            yield pause
    if prompt.loop > TOLD_ROUNDS:
        yield (once + pause) * (prompt.loop - TOLD_ROUNDS) - pause
