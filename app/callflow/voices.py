"""What lets a flow be heard on a platform: a voice for each language, and a file for each sound."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from app.callflow.checks import phrase_argument
from app.callflow.commands import Media
from app.callflow.errors import Finding, Level
from app.callflow.flow import Flow
from app.callflow.prompts import Prompt


class Voices:
    """A platform's voices.

    Args:
        by_language: the voice of each language, such as ``{"en-GB": "TTS_EN-GB_SERENA"}``.
    """

    def __init__(self, by_language: Mapping[str, str]) -> None:
        self._by_language = by_language
        self._by_primary_tag = {tag.partition("-")[0]: one for tag, one in by_language.items()}

    def of(self, language: str) -> str | None:
        """The voice of a language, by its tag or its primary tag; None where there is none."""
        primary = language.partition("-")[0]
        return self._by_language.get(language) or self._by_primary_tag.get(primary)


def unvoiced(flow: Flow, voices: Voices, *, platform: str, reader: str) -> Iterator[Finding]:
    """Warnings of the languages that a flow speaks and the platform has no voice for.

    Args:
        flow: which speaks.
        voices: the platform's.
        platform: the platform's name, as people write it.
        reader: which voice reads such a text, in words.
    """
    for language in sorted(flow.spoken_languages):
        if voices.of(language) is None:
            message = f"{platform} has no voice for {language} here; {reader} reads it."
            mend = f"Set OFFHOOK_VOICES={platform.lower()}/{language}=VOICE."
            yield Finding(flow.name, "", "language", message, mend, Level.WARNING)


def unplayable(
    flow: Flow, has: Callable[[Media], object], lacks: tuple[str, str]
) -> Iterator[Finding]:
    """The sounds of a flow that the platform does not have.

    Args:
        flow: which plays.
        has: what a sound is called there; nothing where it is not there.
        lacks: what is wrong then, and what to write.
    """
    texts = [
        (name, argument, text)
        for name, step in flow.steps.items()
        for argument, text in step.texts()
        if isinstance(text, Prompt)
    ]
    texts += [("", phrase_argument(phrase), prompt) for phrase, prompt in flow.phrases.items()]
    for name, argument, prompt in texts:
        for piece in prompt.pieces:
            for content in piece.by_language.values():
                if isinstance(content, Media) and not has(content):
                    yield Finding(flow.name, name, argument, *lacks)
