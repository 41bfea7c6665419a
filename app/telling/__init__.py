"""Tells calls in words, for whoever shows them: a terminal or a page."""

from app.telling.bodies import pretty, short_urls, title_of
from app.telling.dialogue import OUTCOMES, Line, Who, began_at, in_order, tell
from app.telling.page import FlowAsItWas, Told, page
from app.telling.sounds import Sounds, is_of_a_sound

__all__ = [
    "OUTCOMES",
    "FlowAsItWas",
    "Line",
    "Sounds",
    "Told",
    "Who",
    "began_at",
    "in_order",
    "is_of_a_sound",
    "page",
    "pretty",
    "short_urls",
    "tell",
    "title_of",
]
