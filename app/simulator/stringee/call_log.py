"""The REST API's call log, in the versions that the vendor's page has had."""

from collections.abc import Callable
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from app.simulator.stringee.codes import SUCCESS
from app.simulator.stringee.objects import EndedCall, OwnProject
from app.simulator.stringee.store import StringeeStore

MOST_ON_A_PAGE: Final = 100
_SORTED_BY: Final = (
    "start_time",
    "id",
    "from_number",
    "to_number",
    "answer_time",
    "stop_time",
    "amount",
    "created",
)
_EQUAL: Final = ("id", "from_number", "to_number", "from_user_id")
_BETWEEN: Final = {
    "from_date": ("start_time", 1000),
    "from_start_time": ("start_time", 1),
    "from_answer_time": ("answer_time", 1),
    "from_stop_time": ("stop_time", 1),
    "from_created_time": ("created", 1),
}

Query = MultiDict[str, str]


def call_log(store: StringeeStore, project: OwnProject, query: Query) -> dict[str, Any]:
    """Ended calls of a project, newest first: `GET /v1/call/log`.

    Without `version`, or with 1, there are pages; with 2, what comes after the call that
    `search_after[]` names by its start time and id. Numbers in version 2 are percent-encoded where
    they have a `+`; here they have none.
    """
    calls = [
        one for one in store.ended() if one.project.id == project.id and _is_wanted(one, query)
    ]
    key, newest_first = _order(query)
    rows = sorted((one.json() for one in calls), key=key, reverse=newest_first)
    newer = query.get("version") == "2"
    limit = min(MOST_ON_A_PAGE, max(1, query.get("limit", _usual_limit(query), type=int)))
    if newer:
        data = {"totalCalls": str(len(rows)), "limit": limit, "calls": _after(rows, query)[:limit]}
    else:
        page = max(1, query.get("page", 1, type=int))
        shown = rows[(page - 1) * limit : page * limit]
        for row in shown:
            del row["account_id"]
        data = {
            "totalCalls": str(len(rows)),
            "totalPages": -(-len(rows) // limit),
            "currentPage": page,
            "limit": limit,
            "calls": shown,
        }
    return {"r": SUCCESS, "message": "Load call(s) success", "data": data}


def _usual_limit(query: Query) -> int:
    return 10 if "version" in query else MOST_ON_A_PAGE


def _order(query: Query) -> tuple[Callable[[dict[str, Any]], Any], bool]:
    by = query.get("sort_by", "start_time")
    name = by if by in _SORTED_BY else "start_time"
    direction = query.get("sort_order") or query.get("order_by") or "desc"
    return (lambda row: (row[name], row["id"])), direction != "asc"


def _is_wanted(call: EndedCall, query: Query) -> bool:
    row = call.json()
    if any(name in query and str(row[name]) != query[name] for name in _EQUAL):
        return False
    for name, (field, unit) in _BETWEEN.items():
        least = query.get(name, type=int)
        most = query.get("to_" + name.removeprefix("from_"), type=int)
        if least is not None and row[field] < least * unit:
            return False
        if most is not None and row[field] > most * unit:
            return False
    return True


def _after(rows: list[dict[str, Any]], query: Query) -> list[dict[str, Any]]:
    """What comes after the call that the last page ended with."""
    last = tuple(query.getlist("search_after[]"))
    for at, row in enumerate(rows):
        if (str(row["start_time"]), row["id"]) == last:
            return rows[at + 1 :]
    return rows
