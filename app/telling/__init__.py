"""Tells calls in words, for whoever shows them: a terminal or a page."""

from app.telling.dialogue import OUTCOMES, Line, Who, pretty, tell

__all__ = ["OUTCOMES", "Line", "Who", "pretty", "tell"]
