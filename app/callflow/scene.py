"""What a step sees while a turn is taken.

The flow, the call so far, and what was fetched from the world.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.callflow.call import SPOKEN_NAMES, Call
from app.callflow.commands import Media, Play, Say, Spoken, Value
from app.callflow.errors import FlowError
from app.callflow.parties import spell, star
from app.callflow.phrases import shipped_phrase
from app.callflow.prompts import Piece, Placeholder, Prompt, Template, joined, safe_text

if TYPE_CHECKING:
    from app.callflow.flow import Flow

SECRET_CHARS = 4
"""A secret of at least so many keys is looked for in what functions return.

Shorter ones turn up by chance.
"""


@dataclass(frozen=True, slots=True)
class Ask:
    """What must be fetched from the world before the turn can be taken.

    Attributes:
        step: the step that asks.
        function: what is asked, such as ``start`` or ``may_dial``.
        inputs: what it is asked about.
    """

    step: str
    function: str
    inputs: tuple[Value, ...] = ()


class Unanswered(Exception):  # noqa: N818 - it is no error: it carries a question out of a step
    """Carries an Ask out of a step to ``take_turn``, which returns it."""

    def __init__(self, ask: Ask) -> None:
        super().__init__(ask)
        self.ask = ask


@dataclass(slots=True)
class Scene:
    """One turn while it is being taken. The engine moves ``call`` and ``step``; steps read.

    Attributes:
        call: the call so far.
        step: the name of the step that is being run.
        answers: what was fetched, by what was asked.
        incidents: what went not as it should, one sentence each.
    """

    flow: Flow
    call: Call
    step: str = ""
    answers: Mapping[Ask, Any] = field(default_factory=dict)
    incidents: list[str] = field(default_factory=list)

    def ask(self, function: str, *inputs: Value) -> Any:
        """The answer to a question to the world.

        Raises:
            Unanswered: it has not been fetched yet; ``take_turn`` returns the Ask.
        """
        ask = Ask(self.step, function, inputs)
        if ask not in self.answers:
            raise Unanswered(ask)
        return self.answers[ask]

    def incident(self, text: str) -> None:
        """Note that something went not as it should; the call goes on."""
        self.incidents.append(text)

    def run(self, function: Callable[..., Any], *arguments: object) -> Any:
        """Run a function of the flow's author.

        With ``arguments``, or with the call where there are none.

        Raises:
            FlowError: it raised, or gave away a secret; names step, file and line.
        """
        try:
            result = function(*(arguments or (self.call,)))
        except FlowError as problem:
            msg = f"{_where(problem)}: {self._without_secrets(problem.message, arguments)}"
            raise FlowError(msg, mend=problem.mend, step=self.step) from problem
        except Exception as problem:
            told = self._without_secrets(str(problem), arguments)
            msg = f"{_where(problem)}: {type(problem).__name__}: {told}"
            raise FlowError(msg, mend="Mend the function.", step=self.step) from problem
        self._keep_secrets(function, result)
        return result

    def value(self, function: Callable[[Call], Any], place: str) -> Value:
        """Run a function that gives a value for ``place``.

        Raises:
            FlowError: as ``run``, or it gave something that is no str, int, bool or None.
        """
        result = self.run(function)
        if result is None or isinstance(result, str | int):
            return result
        raise self.wrong(function, place, result, "a str, int, bool or None")

    def wrong(
        self, function: Callable[..., Any], place: str, result: object, expected: str
    ) -> FlowError:
        """The error of a function that gave what its place does not take."""
        line = getattr(getattr(function, "__code__", None), "co_firstlineno", "?")
        msg = (
            f"{place}: function {name_of(function)} (line {line}) gave {type(result).__name__}; "
            f"expected {expected}."
        )
        return FlowError(msg, mend="Mend what it returns.", step=self.step)

    def fill(self, template: Template) -> str:
        """A template with its placeholders replaced, once; an unset one is "" with an incident."""
        return "".join(
            part if isinstance(part, str) else self._placed(part) for part in template.parts
        )

    def spoken(
        self, prompt: Prompt, *, language: str | None = None, voice: str | None = None
    ) -> tuple[Spoken, ...]:
        """A prompt as it is said in this call, adjacent texts of one voice joined."""
        return joined(self._one(piece, language, voice) for piece in prompt.pieces)

    def phrase(
        self, name: str, *, language: str | None = None, voice: str | None = None
    ) -> tuple[Spoken, ...]:
        """What Offhook says of its own accord, unless the flow replaces it."""
        if name in self.flow.phrases:
            return self.spoken(self.flow.phrases[name], language=language, voice=voice)
        text, tag = shipped_phrase(name, language or self.call.language)
        return (Say(text, tag, voice),)

    def _one(self, piece: Piece, language: str | None, voice: str | None) -> Spoken:
        if piece.function is not None:
            content: object = self.run(piece.function)
            if not isinstance(content, str | Media):
                raise self.wrong(piece.function, "prompt", content, "a text or a Media")
            tag = language or self.call.language
        else:
            tag, content = self._in_language(piece, language)
        if isinstance(content, Media):
            return Play(content)
        text = self.fill(content) if isinstance(content, Template) else str(content)
        return Say(safe_text(text), tag, voice)

    def _in_language(self, piece: Piece, language: str | None) -> tuple[str, Template | Media]:
        if "" in piece.by_language:
            return language or self.flow.language, piece.by_language[""]
        if piece.alone:
            return next(iter(piece.by_language.items()))
        tag = language or self.call.language
        if tag not in piece.by_language:
            have = ", ".join(piece.by_language)
            msg = f"a prompt has no text in {tag}; it has {have}."
            raise FlowError(msg, mend=f"Write its text in {tag}.", step=self.step)
        return tag, piece.by_language[tag]

    def _placed(self, placeholder: Placeholder) -> str:
        name = placeholder.name
        value = getattr(self.call, name) if name in SPOKEN_NAMES else self.call.get(name)
        if value is None:
            self.incident(f"step '{self.step}': {{{name}}} is not set and was left out.")
            return ""
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return spell(text) if placeholder.digits else text

    def _keep_secrets(self, function: Callable[..., Any], result: object) -> None:
        if not self.flow.secrets or isinstance(result, bool) or result is None:
            return
        shown = str(result)
        for name in self.flow.secrets:
            secret = self.call.get(name)
            if isinstance(secret, str) and len(secret) >= SECRET_CHARS and secret in shown:
                msg = f"function {name_of(function)} returned the secret '{name}'."
                raise FlowError(
                    msg,
                    mend="A secret may be read by functions, never said or sent.",
                    step=self.step,
                )

    def _without_secrets(self, text: str, arguments: tuple[object, ...]) -> str:
        """An error's text with what is secret starred, and what ``valid`` was asked about."""
        hidden = [self.call.get(name) for name in self.flow.secrets]
        for secret in (*hidden, *(arguments if hidden else ())):
            if isinstance(secret, str) and secret:
                text = text.replace(secret, star(secret))
        return text


def name_of(function: Callable[..., Any]) -> str:
    """A function's qualified name; of what is no plain function, that of what it is made of."""
    inner = getattr(function, "func", function)  # a functools.partial's
    name: str = getattr(inner, "__qualname__", type(inner).__qualname__)
    return name


def _where(problem: BaseException) -> str:
    """The file and line where an author's function failed: the frame after ours."""
    frames = traceback.extract_tb(problem.__traceback__)
    frame = frames[1] if len(frames) > 1 else frames[-1]
    return f"{frame.filename.rpartition('/')[2]}, line {frame.lineno}, in {frame.name}"
