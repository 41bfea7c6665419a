"""What a flow says.

Texts with placeholders, in one language or several, sounds, and sequences of these.

A prompt is written as a text, ``{language: text}``, ``Media(...)``, ``In("fr", text)``, a function
of the call that returns one text or one Media, or a sequence of these. ``prompt_from`` reads all of
them into one form. A placeholder is ``{name}`` or ``{name:digits}``; it is replaced once, and a
value is never read as a template.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.callflow.call import Call
from app.callflow.commands import Media, Say, Spoken

NAME = re.compile(r"[a-z][a-z0-9_]{0,31}\Z")
"""What a step, a flow's variable or a language-free name looks like."""

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?\Z")
"""A BCP 47 tag of language, script and region, such as ``en-GB`` or ``vi``."""

_BRACES = re.compile(r"\{([^{}]*)\}")
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A variable's place in a text; ``digits`` says it key by key."""

    name: str
    digits: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """A text, cut at its placeholders when the flow is defined."""

    parts: tuple[str | Placeholder, ...]

    @classmethod
    def parse(cls, text: str) -> Template:
        """Read a text.

        Raises:
            ValueError: braces that are no placeholder.
        """
        parts: list[str | Placeholder] = []
        for index, part in enumerate(_BRACES.split(text)):
            if index % 2 == 0:
                if "{" in part or "}" in part:
                    msg = (
                        f"a brace stands alone in {text!r}. Write {{name}} or leave the brace out."
                    )
                    raise ValueError(msg)
                if part:
                    parts.append(part)
                continue
            name, colon, how = part.partition(":")
            if not NAME.match(name) or (colon and how != "digits"):
                msg = f"{{{part}}} is no placeholder. Write {{name}} or {{name:digits}}."
                raise ValueError(msg)
            parts.append(Placeholder(name, digits=bool(colon)))
        return cls(tuple(parts))

    @property
    def placeholders(self) -> tuple[Placeholder, ...]:
        """The placeholders, in order."""
        return tuple(part for part in self.parts if isinstance(part, Placeholder))

    def __str__(self) -> str:
        return "".join(
            part if isinstance(part, str) else f"{{{part.name}{':digits' * part.digits}}}"
            for part in self.parts
        )


@dataclass(frozen=True, slots=True)
class In:
    """A text in a language of its own, whatever language the call is in.

    ``In("fr-FR", "Tapez 2.")``.
    """

    language: str
    text: str


Returned = str | Media
Function = Callable[[Call], Returned]
Simple = str | Media | In | Function
PromptLike = Simple | Mapping[str, str | Media | Sequence[str | Media]] | Sequence["PromptLike"]
"""What a flow's author writes."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a prompt, in every language that it is written in.

    Attributes:
        by_language: its text or sound by language; the key "" stands for the flow's own language.
        function: gives the text or sound instead, from the call.
        alone: it is ``In(...)``: said in its one language, whatever language the call is in.
    """

    by_language: Mapping[str, Template | Media] = field(default_factory=dict)
    function: Function | None = None
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt in its one form: pieces, said one after the other."""

    pieces: tuple[Piece, ...] = ()

    @property
    def placeholders(self) -> tuple[Placeholder, ...]:
        """Every placeholder in every language."""
        return tuple(
            placeholder
            for piece in self.pieces
            for content in piece.by_language.values()
            if isinstance(content, Template)
            for placeholder in content.placeholders
        )

    @property
    def translations(self) -> tuple[frozenset[str], ...]:
        """For each piece that is written by language: in which ones."""
        return tuple(
            frozenset(piece.by_language)
            for piece in self.pieces
            if piece.by_language and not piece.alone and "" not in piece.by_language
        )

    @property
    def languages(self) -> frozenset[str]:
        """Every language that a piece names."""
        return frozenset(tag for piece in self.pieces for tag in piece.by_language if tag)

    def plain(self, language: str) -> str:
        """The prompt as text that needs no call; "" where a piece is another kind or has places."""
        texts = [
            piece.by_language.get(language, piece.by_language.get("")) for piece in self.pieces
        ]
        if all(isinstance(text, Template) and not text.placeholders for text in texts):
            return " ".join(map(str, texts))
        return ""

    def __str__(self) -> str:
        return " ".join(_shown(piece) for piece in self.pieces)


def prompt_from(written: object) -> Prompt:
    """Read what an author wrote; None is a prompt that says nothing.

    Raises:
        ValueError: it is none of the forms, a language is no BCP 47 tag, or languages differ in
            their pieces.
    """
    match written:
        case None | "":
            pieces: tuple[Piece, ...] = ()
        case str():
            pieces = (Piece({"": Template.parse(written)}),)
        case Media():
            pieces = (Piece({"": written}),)
        case In(language, text):
            pieces = (Piece({_tag(language): _content(text)}, alone=True),)
        case Mapping():
            pieces = _translated(written)
        case Sequence():
            pieces = tuple(piece for part in written for piece in prompt_from(part).pieces)
        case _ if callable(written):
            pieces = (Piece(function=written),)
        case _:
            msg = (
                f"{written!r} is no prompt. Write a text, {{language: text}}, Media(...), "
                "In(language, text), a function of the call, or a sequence of these."
            )
            raise ValueError(msg)
    return Prompt(pieces)


def safe_text(text: str) -> str:
    """Take out what no platform should be asked to say: ``printable``, and CALLR's separator."""
    return printable(text.replace("|", ",")) if text else text


def printable(text: str) -> str:
    """Take out control characters, and lone surrogates, which UTF-8 cannot carry."""
    return text if text.isprintable() else _UNSAFE.sub(" ", text)


def json_size(text: str) -> int:
    """How many bytes of UTF-8 a text has in JSON, without its quotation marks."""
    return len(json.dumps(text, ensure_ascii=False).encode()) - 2


def within(text: str, room: int) -> str:
    """As much of the beginning of a text as has room in so many bytes; see ``json_size``."""
    while (size := json_size(text)) > room:
        text = text[: len(text) * room // size]
    return text


def joined(spoken: Iterable[Spoken]) -> tuple[Spoken, ...]:
    """Join adjacent texts of one voice, so that they are one command; empty texts are left out."""
    result: list[Spoken] = []
    for one in spoken:
        before = result[-1] if result else None
        if isinstance(one, Say) and not one.text.strip():
            continue
        if (
            isinstance(one, Say)
            and isinstance(before, Say)
            and (before.language, before.voice) == (one.language, one.voice)
        ):
            result[-1] = Say(f"{before.text} {one.text}", one.language, one.voice)
        else:
            result.append(one)
    return tuple(result)


def _translated(written: Mapping[str, str | Media | Sequence[str | Media]]) -> tuple[Piece, ...]:
    columns: dict[str, tuple[Template | Media, ...]] = {}
    for language, content in written.items():
        parts: tuple[object, ...] = (content,)
        if isinstance(content, Sequence) and not isinstance(content, str):
            parts = tuple(content)
        columns[_tag(language)] = tuple(_content(part) for part in parts)
    lengths = {language: len(parts) for language, parts in columns.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{language} {count}" for language, count in lengths.items())
        msg = f"the languages differ in how many pieces they have ({told}). Write equally many."
        raise ValueError(msg)
    pieces = []
    for at in range(next(iter(lengths.values()), 0)):
        row = {language: parts[at] for language, parts in columns.items()}
        if len({type(content) for content in row.values()}) > 1:
            msg = f"piece {at + 1} is a text in one language and a sound in another. Use one kind."
            raise ValueError(msg)
        pieces.append(Piece(row))
    return tuple(pieces)


def _content(written: object) -> Template | Media:
    if isinstance(written, str):
        return Template.parse(written)
    if not isinstance(written, Media):
        msg = f"{written!r} is neither a text nor a sound. Write a text or Media(...)."
        raise ValueError(msg)  # noqa: TRY004 - told with the other findings, as a ValueError
    return written


def _tag(language: object) -> str:
    if not isinstance(language, str) or not LANGUAGE.match(language):
        msg = f"{language!r} is no language tag. Write one like en-GB, fr-FR or vi."
        raise ValueError(msg)
    return language


def _shown(piece: Piece) -> str:
    if piece.function is not None:
        return f"({getattr(piece.function, '__name__', 'function')})"
    content = next(iter(piece.by_language.values()))
    return str(content) if isinstance(content, Template) else content.says or "(sound)"
