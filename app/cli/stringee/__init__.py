"""``offhook stringee``: what only Stringee has."""

from __future__ import annotations

import click


@click.group()
def stringee() -> None:
    """Stringee: its tokens, calls, projects and SCCOs."""
