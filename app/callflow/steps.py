"""What flow authors write steps with.

Each function makes one step; exits are names of steps, or ``to(...)``.

Nothing here talks to a platform, and nothing raises: what is wrong with the arguments is told by
``Flow(...)``, all of it at once, with the flow's and the step's name. Ranges are the platform's,
and are checked when a server starts or by ``offhook flows check``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from app.callflow.arguments import Arguments
from app.callflow.call import Call
from app.callflow.commands import Media, Value
from app.callflow.kinds.asking import CollectStep, MenuStep
from app.callflow.kinds.base import Step, To
from app.callflow.kinds.doing import (
    ConferenceStep,
    DialStep,
    HangUpStep,
    NativeStep,
    RecordStep,
    SayStep,
    SendDigitsStep,
    WaitStep,
)
from app.callflow.kinds.silent import AssignStep, AtMostStep, BranchStep, HoursStep
from app.callflow.parties import Client
from app.callflow.prompts import PromptLike

Exit = str | To


def to(step: str, *, language: str | None = None, **assigned: Value) -> To:
    """An exit that sets variables on the way: ``to("team", team="sales")``.

    Args:
        step: the step that it leads to.
        language: the language that the call goes on in, BCP 47.
        assigned: variables and their values; text is taken as written, never as a template.
    """
    return To(step, tuple(assigned.items()), language)


def say(
    prompt: PromptLike,
    *,
    then: Exit,
    failure: Exit | None = None,
    language: str | None = None,
    voice: str | None = None,
) -> Step:
    """Say a prompt, then go on. Keys pressed meanwhile are lost.

    Args:
        prompt: what is said.
        then: after it was said; also where the platform could not say it and there is no
            ``failure``.
        failure: the platform could not say it.
        language: speaks the prompt's plain texts in this language.
        voice: the platform's own name of a voice.
    """
    read = Arguments()
    return SayStep(
        prompt=read.prompt("prompt", prompt, needed=True),
        language=read.language("language", language),
        voice=read.voice(voice),
        exits=read.exits(then=then, failure=failure),
        problems=read.problems,
    )


def play(media: Media | Sequence[Media], *, then: Exit, failure: Exit | None = None) -> Step:
    """Play one or several sounds that the platform has, then go on; see ``say``."""
    return say(media, then=then, failure=failure)


def menu(
    prompt: PromptLike,
    choices: Mapping[str, Exit],
    *,
    failure: Exit,
    tries: int = 3,
    timeout_s: float = 5,
    invalid: PromptLike | None = None,
    no_input: PromptLike | None = None,
    language: str | None = None,
    voice: str | None = None,
) -> Step:
    """Offer choices; the caller presses the key of one, also while the prompt is heard.

    Args:
        prompt: what is offered; only its last piece can be interrupted by keys.
        choices: the exit of each key; keys are 0-9 and *, and all have one length.
        failure: no match within ``tries``.
        tries: how often it is asked; wrong and empty entries count alike.
        timeout_s: how long to wait for keys, seconds. CALLR takes 0.1 to 30.
        invalid: said before the next try after a wrong key; None says the shipped phrase, ""
            nothing.
        no_input: the same, after no key.
        language: speaks the prompt's plain texts in this language.
        voice: the platform's own name of a voice.
    """
    read = Arguments()
    by_key = read.choices(choices)
    return MenuStep(
        prompt=read.prompt("prompt", prompt),
        keys=tuple(by_key),
        tries=read.count("tries", tries),
        timeout_s=read.seconds("timeout_s", timeout_s),
        invalid=read.optional_prompt("invalid", invalid),
        no_input=read.optional_prompt("no_input", no_input),
        language=read.language("language", language),
        voice=read.voice(voice),
        exits=read.exits(by_key, failure=failure),
        problems=read.problems,
    )


def collect(
    prompt: PromptLike,
    into: str,
    *,
    then: Exit,
    failure: Exit,
    min_digits: int = 1,
    max_digits: int = 20,
    accept: str = "0123456789",
    valid: Callable[[str], bool] | None = None,
    secret: bool = False,
    tries: int = 3,
    timeout_s: float = 5,
    invalid: PromptLike | None = None,
    no_input: PromptLike | None = None,
    language: str | None = None,
    voice: str | None = None,
) -> Step:
    """Ask for digits and keep them, as text: "018" stays "018". # ends the entry.

    Args:
        prompt: what is asked; only its last piece can be interrupted by keys.
        into: the variable that the entry goes to, on ``then`` only.
        then: the entry is there and valid.
        failure: no valid entry within ``tries``.
        min_digits: fewer are a wrong entry.
        max_digits: so many complete the entry. CALLR takes 1 to 20.
        accept: the keys that an entry may have, out of 0-9 and *.
        valid: a function of the entry that says whether it is right: True or False.
        secret: keep it out of everything that is stored or said; only functions can read it.
        tries: how often it is asked; wrong and empty entries count alike.
        timeout_s: how long to wait for keys, seconds. CALLR takes 0.1 to 30.
        invalid: said before the next try after a wrong entry; None says the shipped phrase, ""
            nothing.
        no_input: the same, after no entry.
        language: speaks the prompt's plain texts in this language.
        voice: the platform's own name of a voice.
    """
    read = Arguments()
    return CollectStep(
        prompt=read.prompt("prompt", prompt),
        into=read.variable("into", into),
        **read.digits_range(min_digits, max_digits),
        accept=read.keys("accept", accept),
        valid=read.function("valid", valid),
        secret=read.flag("secret", secret),
        tries=read.count("tries", tries),
        timeout_s=read.seconds("timeout_s", timeout_s),
        invalid=read.optional_prompt("invalid", invalid),
        no_input=read.optional_prompt("no_input", no_input),
        language=read.language("language", language),
        voice=read.voice(voice),
        exits=read.exits(then=then, failure=failure),
        problems=read.problems,
    )


def record(
    prompt: PromptLike | None = None,
    *,
    into: str,
    then: Exit,
    nothing: Exit | None = None,
    failure: Exit | None = None,
    max_s: int = 120,
    silence_s: int = 5,
    language: str | None = None,
    voice: str | None = None,
) -> Step:
    """Say a prompt, then record the caller until #, silence or the longest time.

    Args:
        prompt: said before; None says the shipped "after the tone", "" nothing.
        into: the variable that the platform's name of the recording goes to; "" where there is
            none.
        then: after the recording.
        nothing: nothing was recorded; ``then`` where it is not declared.
        failure: the platform could not record; else as for nothing.
        max_s: at most so many seconds, 0 for no limit. CALLR takes 0 to 300.
        silence_s: so many seconds of silence end it, 0 for never. CALLR takes 0 to 20.
        language: speaks the prompt's plain texts in this language.
        voice: the platform's own name of a voice.
    """
    read = Arguments()
    return RecordStep(
        prompt=read.optional_prompt("prompt", prompt),
        into=read.variable("into", into),
        max_s=read.count("max_s", max_s, least=0),
        silence_s=read.count("silence_s", silence_s, least=0),
        language=read.language("language", language),
        voice=read.voice(voice),
        exits=read.exits(then=then, nothing=nothing, failure=failure),
        problems=read.problems,
    )


def dial(
    *targets: str | Client | Callable[[Call], Any],
    no_answer: Exit,
    busy: Exit | None = None,
    failure: Exit | None = None,
    ring_s: int = 30,
    whisper: PromptLike | None = None,
    ringtone: Literal["ring", "music"] = "ring",
    caller_id: str | None = None,
    withheld: bool = False,
) -> Step:
    """Ring others, one after the other.

    The first that answers is connected, and the call ends with that.

    Args:
        targets: E.164 numbers, texts with placeholders, users of an app on the platform
            (``Client("user_1")``, on Stringee), or functions of the call that give one or several
            of these. Numbers that the flow does not itself write must match DIAL_ALLOW.
        no_answer: nobody answered, for whatever reason has no exit of its own.
        busy: the platform says that the last one was busy.
        failure: it could not be dialled.
        ring_s: how long each is rung, seconds. CALLR takes 5 to 300.
        whisper: what the dialled party hears before being connected: one text or sound.
        ringtone: what the caller hears meanwhile.
        caller_id: our number to show, E.164; else our number in this call, else CALLER_ID.
        withheld: show no number.
    """
    read = Arguments()
    return DialStep(
        targets=read.targets(targets),
        ring_s=read.count("ring_s", ring_s),
        whisper=read.one_piece("whisper", whisper),
        ringtone=read.ringtone(ringtone),
        caller_id=read.number("caller_id", caller_id),
        withheld=read.flag("withheld", withheld),
        exits=read.exits(no_answer=no_answer, busy=busy, failure=failure),
        problems=read.problems,
    )


def conference(
    room: str | Callable[[Call], Any],
    *,
    then: Exit,
    failure: Exit | None = None,
    shared: bool = False,
    auto_leave_when_alone: bool = False,
    welcome: PromptLike | None = None,
    waiting: PromptLike | None = None,
    pin_code: str = "",
    pin_tries: int = 3,
    pin_wait_s: int = 5,
    pin_prompt: PromptLike | None = None,
    pin_error: PromptLike | None = None,
) -> Step:
    """Bring the caller into a room, made when it is first entered; they leave it with *.

    Args:
        room: its name, a text with placeholders or a function of the call.
        then: they left it, or it was closed.
        failure: the platform could not bring them in.
        shared: the name is the platform's own id and is sent as written; otherwise it is this
            flow's.
        auto_leave_when_alone: the last one is put out when another leaves.
        welcome: said on entering: one text or sound, as all prompts here.
        waiting: played over and over while nobody else is there.
        pin_code: digits that open the room, "" for none.
        pin_tries: how often the PIN is asked. CALLR takes 1 to 10.
        pin_wait_s: how long to wait for it, seconds. CALLR takes 0 to 30.
        pin_prompt: asks for the PIN.
        pin_error: said when it is wrong.
    """
    read = Arguments()
    return ConferenceStep(
        room=read.template_or_function("room", room),
        shared=read.flag("shared", shared),
        auto_leave_when_alone=read.flag("auto_leave_when_alone", auto_leave_when_alone),
        welcome=read.one_piece("welcome", welcome),
        waiting=read.one_piece("waiting", waiting),
        pin_code=read.text("pin_code", pin_code),
        pin_tries=read.count("pin_tries", pin_tries),
        pin_wait_s=read.count("pin_wait_s", pin_wait_s, least=0),
        pin_prompt=read.one_piece("pin_prompt", pin_prompt),
        pin_error=read.one_piece("pin_error", pin_error),
        exits=read.exits(then=then, failure=failure),
        problems=read.problems,
    )


def wait(seconds: int, *, then: Exit, failure: Exit | None = None) -> Step:
    """Stay silent. CALLR takes 1 to 30 seconds."""
    read = Arguments()
    return WaitStep(
        seconds=read.count("seconds", seconds),
        exits=read.exits(then=then, failure=failure),
        problems=read.problems,
    )


def send_digits(
    digits: str, *, then: Exit, failure: Exit | None = None, tone_ms: int = 500, gap_ms: int = 500
) -> Step:
    """Send DTMF tones.

    Args:
        digits: keys out of 0-9, * and #; placeholders are filled.
        then: after the tones; also where the platform could not send them and there is no
            ``failure``.
        failure: the platform could not send them.
        tone_ms: how long each lasts, milliseconds. CALLR takes 1 to 5000.
        gap_ms: the silence between them, milliseconds. CALLR takes 0 to 10000.
    """
    read = Arguments()
    return SendDigitsStep(
        digits=read.template("digits", digits),
        tone_ms=read.count("tone_ms", tone_ms),
        gap_ms=read.count("gap_ms", gap_ms, least=0),
        exits=read.exits(then=then, failure=failure),
        problems=read.problems,
    )


def command(
    name: str,
    params: Mapping[str, Any] | None = None,
    *,
    then: Exit,
    failure: Exit | None = None,
    into: str | None = None,
) -> Step:
    """A command that the platform has and this vocabulary lacks, by the platform's own names.

    Args:
        name: such as ``play_record``.
        params: by the platform's names. Texts are filled; ``In(language, text)`` and ``Media(...)``
            become the platform's media; functions of the call give a value.
        then: it was done.
        failure: the platform could not do it, or it asked for keys and none came. Not declared, the
            latter is ``then`` with "", and the former the flow's fallback.
        into: the variable that its result goes to, as the platform's text.
    """
    read = Arguments()
    return NativeStep(
        name=read.text("name", name),
        params=read.params({} if params is None else params),
        into=read.variable("into", into) if into is not None else None,
        exits=read.exits(then=then, failure=failure),
        problems=read.problems,
    )


def hang_up(
    prompt: PromptLike | None = None,
    *,
    disposition: str = "",
    language: str | None = None,
    voice: str | None = None,
) -> Step:
    """Say a last prompt and end the call.

    Args:
        prompt: said before; None says nothing.
        disposition: what the call came to, in the flow's own words, such as ``confirmed``.
        language: speaks the prompt's plain texts in this language.
        voice: the platform's own name of a voice.
    """
    read = Arguments()
    return HangUpStep(
        prompt=read.prompt("prompt", prompt),
        disposition=read.word("disposition", disposition),
        language=read.language("language", language),
        voice=read.voice(voice),
        problems=read.problems,
    )


def branch(
    on: str | Callable[[Call], Value], exits: Mapping[Value, Exit], *, otherwise: Exit
) -> Step:
    """Go where a value says.

    Args:
        on: a variable's name, ``direction``, ``language``, ``result``, ``caller`` or ``called``, or
            a function of the call.
        exits: by value; digits are text: ``{"1": ...}``.
        otherwise: any other value, and a variable that is not set.
    """
    read = Arguments()
    cases = read.cases(exits)
    return BranchStep(
        on=read.subject(on),
        cases=tuple((value, label) for value, label, _ in cases),
        exits=read.exits({label: exit_ for _, label, exit_ in cases}, otherwise=otherwise),
        problems=read.problems,
    )


def assign(*, then: Exit, **values: Value | Callable[[Call], Value]) -> Step:
    """Set variables to values, or to what functions of the call give.

    ``language=`` sets the call's.
    """
    read = Arguments()
    return AssignStep(
        values=read.assigned(values), exits=read.exits(then=then), problems=read.problems
    )


def at_most(times: int, *, then: Exit, failure: Exit) -> Step:
    """Let the call pass so many times to ``then``, counted for the whole call.

    Afterwards to ``failure``.
    """
    read = Arguments()
    return AtMostStep(
        times=read.count("times", times),
        exits=read.exits(then=then, failure=failure),
        problems=read.problems,
    )


def hours(
    week: Mapping[str, str],
    *,
    open: Exit,  # noqa: A002 - it reads as the exit that it is
    closed_step: Exit,
    closed: Sequence[str] = (),
) -> Step:
    """Go where the time says at which the call began, in the flow's ``timezone``.

    Args:
        week: opening hours by day or days: ``{"mon-fri": "08:30-12:30 14:00-18:30", "sat":
            "09:00-12:00"}``; ``22:00-06:00`` goes on past midnight, ``24:00`` is the day's end.
        open: it is open.
        closed_step: it is not.
        closed: days that are closed all day: ``12-25`` of every year, or ``2026-12-25``.
    """
    read = Arguments()
    return HoursStep(
        openings=read.openings(week),
        closed=read.days(closed),
        exits=read.exits(open=open, closed=closed_step),
        problems=read.problems,
    )
