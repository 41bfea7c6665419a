"""What Offhook says of its own accord, in English, French and Vietnamese.

``Flow(phrases=...)`` replaces it.
"""

from __future__ import annotations

from collections.abc import Mapping

INVALID = "invalid"
NO_INPUT = "no_input"
AFTER_THE_TONE = "after_the_tone"
APOLOGY = "apology"

PHRASES: Mapping[str, Mapping[str, str]] = {
    INVALID: {
        "en-GB": "Sorry, I did not understand that.",
        "fr-FR": "Désolé, je n'ai pas compris.",
        "vi-VN": "Xin lỗi, tôi không hiểu.",
    },
    NO_INPUT: {
        "en-GB": "I did not hear any keys.",
        "fr-FR": "Je n'ai reçu aucune touche.",
        "vi-VN": "Tôi không nhận được phím nào.",
    },
    AFTER_THE_TONE: {
        "en-GB": "Please leave a message after the tone.",
        "fr-FR": "Laissez un message après le signal sonore.",
        "vi-VN": "Vui lòng để lại tin nhắn sau tiếng bíp.",
    },
    APOLOGY: {
        "en-GB": "We are sorry, something went wrong on our side.",
        "fr-FR": "Nous sommes désolés, un problème est survenu de notre côté.",
        "vi-VN": "Chúng tôi rất tiếc, đã xảy ra sự cố từ phía chúng tôi.",
    },
}


def shipped_phrase(name: str, language: str) -> tuple[str, str]:
    """The shipped phrase for a language, by its primary tag; English where there is none.

    Returns:
        the text, and the language that it is in: ``language`` itself where it was found.
    """
    primary = language.partition("-")[0]
    for tag, text in PHRASES[name].items():
        if tag.partition("-")[0] == primary:
            return text, language
    return PHRASES[name]["en-GB"], "en-GB"
