"""Lists of Stringee's REST API, page by page, whichever way they are paged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.fates import Fate
from app.stringee.refusals import StringeeError, unexpected
from app.stringee.rest import Rest

PAGE = 100
"""So many things a page: the most that Stringee gives."""

MAX_PAGES = 10_000
"""A list that goes on for longer goes round in circles."""

_OLDEST_FIRST = {"sort_by": "start_time", "sort_order": "asc", "order_by": "asc"}
"""The order has two names, of the newer and of the older call log."""


def each_page(rest: Rest, what: str) -> Iterator[dict[str, Any]]:
    """Everything of a list of the account's, each thing once.

    Args:
        rest: by the account's key.
        what: ``number`` or ``project``.

    Raises:
        StringeeError: as ever.
    """
    seen: set[str] = set()
    for page in range(1, MAX_PAGES):
        answer = rest.get(f"/v1/{what}", {"page": page, "limit": PAGE})
        fresh = _fresh(listed(f"GET {what}", answer, f"{what}s"), seen)
        yield from fresh
        if not fresh or _is_last(answer, page):
            return


def log_pages(rest: Rest, filters: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """Calls of the log, the oldest first, each once.

    The newer log goes on after the last call of a page (``search_after[]``: its start_time and its
    id), the older one by the page's number. The newer is asked for, and the older used where that
    answers or where the newer is refused.

    Args:
        rest: by the project's key.
        filters: what is asked for, such as ``from_start_time`` in milliseconds.

    Raises:
        StringeeError: as ever.
    """
    seen: set[str] = set()
    newer, after = True, list[str]()
    page = 1
    while page < MAX_PAGES:
        place: dict[str, Any] = {"version": 2} if newer else {"version": 1, "page": page}
        if newer and after:
            place["search_after[]"] = after
        try:
            answer = rest.get("/v1/call/log", {**filters, **_OLDEST_FIRST, **place, "limit": PAGE})
        except StringeeError as problem:
            if page > 1 or not newer or problem.fate is not Fate.REFUSED or problem.unauthorized:
                raise
            newer = False
            continue
        newer = newer and "currentPage" not in (answer.get("data") or {})
        fresh = _fresh(listed("GET log", answer, "calls"), seen)
        yield from fresh
        if not fresh or (not newer and _is_last(answer, page)):
            return
        after = [str(fresh[-1].get("start_time", "")), str(fresh[-1].get("id", ""))]
        page += 1


def listed(asked: str, answer: Mapping[str, Any], *names: str) -> list[dict[str, Any]]:
    """The things of an answer's list, under one of these names or as the data itself.

    Raises:
        StringeeError: there is no list.
    """
    told: Any = answer.get("data")
    if isinstance(told, dict):
        told = next((told[name] for name in names if name in told), None)
    if told is None:
        told = next((answer[name] for name in names if name in answer), None)
    if isinstance(told, dict):  # PHP at the other end: a list with holes
        told = list(told.values())
    if not isinstance(told, list) or not all(isinstance(one, dict) for one in told):
        raise unexpected(asked, f"no list of {names[0]}")
    return told


def _fresh(told: list[dict[str, Any]], seen: set[str]) -> list[dict[str, Any]]:
    """What was not there before, by its id."""
    fresh = []
    for one in told:
        if str(one.get("id")) not in seen:
            seen.add(str(one.get("id")))
            fresh.append(one)
    return fresh


def _is_last(answer: Mapping[str, Any], page: int) -> bool:
    data = answer.get("data")
    pages = data.get("totalPages") if isinstance(data, dict) else None
    try:
        return pages is not None and page >= int(pages)
    except (TypeError, ValueError):
        return False
