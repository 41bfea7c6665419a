"""The REST API's projects and numbers, which the account's own token opens."""

from collections.abc import Mapping
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from app.simulator.stringee.codes import SUCCESS
from app.simulator.stringee.objects import OwnNumber, OwnProject
from app.simulator.stringee.platform import StringeePlatform

WRONG_PARAMS: Final = 1
MOST_ON_A_PAGE: Final = 100

Told = dict[str, Any]


class AccountApi:
    """What `/v1/project` and `/v1/number` do, for one platform.

    What they say to a wrong parameter is not published; `r` is 1 here. A PUT of a project is
    assumed from that of a number.
    """

    def __init__(self, platform: StringeePlatform) -> None:
        self._store = platform.store
        self._account = platform.account

    def create_project(self, body: Mapping[str, Any]) -> Told:
        """`POST /v1/project`."""
        given = _texts(body, "name", "answer_url", "callback_url")
        if given is None or not given.get("name"):
            return _wrong("name is required, and all are strings")
        project = self._store.create_project(
            given["name"], given.get("answer_url", ""), given.get("callback_url", "")
        )
        return self._project(project)

    def projects(self, query: "MultiDict[str, str]") -> Told:
        """`GET /v1/project`; what a page of them looks like is assumed from that of numbers."""
        name = query.get("name", "")
        found = [one for one in self._store.projects() if not name or one.name == name]
        return _page("projects", [one.json() for one in found], query)

    def change_project(self, project_id: int, body: Mapping[str, Any]) -> Told:
        """`PUT /v1/project/<id>`."""
        project = self._store.project(project_id)
        given = _texts(body, "name", "answer_url", "callback_url")
        if project is None or given is None:
            return _wrong(f"there is no project {project_id}, or what is given is no string")
        if "callback_url" in given:
            given["event_url"] = given.pop("callback_url")
        return self._project(self._store.change_project(project, **given))

    def numbers(self, query: "MultiDict[str, str]") -> Told:
        """`GET /v1/number`."""
        wanted = query.get("project_id", type=int)
        found = [one for one in self._store.numbers() if wanted in {None, one.project_id}]
        return _page("numbers", [self._number(one) for one in found], query)

    def change_number(self, number_id: int, body: Mapping[str, Any]) -> Told:
        """`PUT /v1/number/<id>`."""
        number = self._store.number(number_id)
        given = _texts(body, "answer_url", "event_url")
        project_id = body.get("project_id")
        if number is None or given is None:
            return _wrong(f"there is no number {number_id}, or what is given is no string")
        changes: dict[str, str | int] = {**given}
        if project_id is not None:
            if self._store.project(project_id) is None:
                return _wrong(f"there is no project {project_id!r}")
            changes["project_id"] = project_id
        changed = self._store.change_number(number, **changes)
        return {"r": SUCCESS, "message": "success", "data": self._number(changed)}

    def _project(self, project: OwnProject) -> Told:
        sid = self._account.account_sid
        return {"r": SUCCESS, "account_sid": sid, "message": "success", "data": project.json()}

    def _number(self, number: OwnNumber) -> dict[str, Any]:
        project = self._store.project(number.project_id)
        return number.json(self._account.account_id, project.name if project else "")


def _wrong(message: str) -> Told:
    return {"r": WRONG_PARAMS, "message": message}


def _texts(body: Mapping[str, Any], *names: str) -> dict[str, str] | None:
    """What of these is given; None where one is no string."""
    given = {name: body[name] for name in names if body.get(name) is not None}
    return given if all(isinstance(value, str) for value in given.values()) else None


def _page(name: str, rows: list[Told], query: "MultiDict[str, str]") -> Told:
    limit = min(MOST_ON_A_PAGE, max(1, query.get("limit", 10, type=int)))
    page = max(1, query.get("page", 1, type=int))
    data = {
        name: rows[(page - 1) * limit : page * limit],
        "totalPages": -(-len(rows) // limit),
        "totalCount": len(rows),
        "activePage": page,
    }
    return {"r": SUCCESS, "message": "success", "data": data}
