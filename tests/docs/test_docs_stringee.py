"""What the pages on Stringee show: the hooks do what they say, two languages say the same."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Any

import pytest
from pages import DOCS, blocks
from rest_server import Answer, RestServer, told

from app.stringee.token_desk import Hook, TokenRequest

TICKETS = "a-key-of-tickets"


def hook(number: int) -> Hook:
    """The hook of a block on the page, the first or the second."""
    shown = [one for one in blocks((DOCS / "stringee.md").read_text()) if one.language == "python"]
    names: dict[str, Any] = {}
    exec(shown[number].text, names)  # noqa: S102 - our own page
    found: Hook = names["who_is_it"]
    return found


def asked(ticket: str = "", session: str = "") -> TokenRequest:
    cookies = {"session": session} if session else {}
    return TokenRequest(headers={"authorization": f"Bearer {ticket}"}, cookies=cookies, body={})


def ticket(user: str, until: int | str, key: str = TICKETS) -> str:
    signed = f"{user}:{until}"
    signature = hmac.new(key.encode(), signed.encode(), hashlib.sha256).hexdigest()
    return f"{signed}:{signature}"


def test_a_ticket_of_our_own_site_is_taken_while_it_is_good(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TICKETS", TICKETS)
    soon, past = int(time.time()) + 60, int(time.time()) - 1
    who_is_it = hook(0)
    assert who_is_it(asked(ticket("user_1", soon))) == "user_1"
    for wrong in (
        "",
        ticket("user_1", past),
        ticket("user_1", "soon"),
        ticket("user_1", soon, "another-key"),
        ticket("user_1", soon).replace("user_1", "user_2"),
    ):
        assert who_is_it(asked(wrong)) is None


def test_our_own_site_says_whose_session_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    who_is_it = hook(1)
    with RestServer(told(id=7), Answer(b"", 401)) as site:
        monkeypatch.setenv("SITE", site.url)
        assert who_is_it(asked(session="s1")) == "7"
        assert who_is_it(asked(session="s2")) is None
        assert who_is_it(asked()) is None
    assert [seen.headers["Cookie"] for seen in site.seen] == ["session=s1", "session=s2"]


def test_the_page_in_vietnamese_shows_the_same_code_as_that_in_english() -> None:
    english, vietnamese = (
        [
            (one.language, one.text)
            for one in blocks((DOCS / f"from-stringee-php{end}.md").read_text())
        ]
        for end in ("", ".vi")
    )
    assert english == vietnamese
    assert len(english) > 4


def test_the_page_in_vietnamese_has_as_many_parts_and_rows() -> None:
    pages = [(DOCS / f"from-stringee-php{end}.md").read_text() for end in ("", ".vi")]
    for start in ("## ", "| ", "- "):
        one, other = (
            [line for line in page.splitlines() if line.startswith(start)] for page in pages
        )
        assert len(one) == len(other)
