"""Tells calls in words, for whoever shows them: a terminal or a page."""

from app.telling.dialogue import OUTCOMES, Line, Who, pretty, tell
from app.telling.page import FlowAsItWas, Told, page

__all__ = ["OUTCOMES", "FlowAsItWas", "Line", "Told", "Who", "page", "pretty", "tell"]
