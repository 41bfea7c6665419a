"""Stringee's account API over HTTP: numbers and projects."""

from __future__ import annotations

from typing import Any

import pytest
from rest_server import Answer, RestServer, told

from app.callflow.errors import SettingsError
from app.settings import Settings
from app.stringee.account import AccountApi, open_account
from app.stringee.objects import Number, Project
from app.stringee.refusals import StringeeError

NUMBER = {  # developer.stringee.com/docs/account-rest-api-reference/account-rest-number
    "id": 12,
    "account": 1000001,
    "country_code": "84",
    "phone_number_no_country_code": "2400000002",
    "phone_number": "842400000002",
    "callout_to_prefix": "",
    "voice_enabled": 1,
    "sms_enabled": 0,
    "sip_trunk": 1,
    "project_id": 22512,
    "answer_url": "https://line.example.com/stringee/reception/answer",
    "event_url": None,
    "monthly_price": "1.0",
    "project_name": "Acme",
}
PROJECT = {
    "id": 22512,
    "name": "Acme",
    "answer_url": "https://line.example.com/stringee/reception/answer",
    "callback_url": "https://line.example.com/stringee/events",
    "api_key_sid": "SK.0.x",
    "api_key": "never-read",
}


def numbers(*pages: list[dict[str, Any]], total: int | None = None) -> tuple[list[Number], int]:
    answers = [told(r=0, data={"numbers": page, "totalPages": total}) for page in pages]
    with RestServer(*answers) as server, AccountApi(server.rest()) as api:
        return api.numbers(), len(server.seen)


def test_a_number_is_read() -> None:
    found, _ = numbers([NUMBER], total=1)
    assert found == [
        Number(
            id="12",
            number="+842400000002",
            project="22512",
            project_name="Acme",
            answer_url="https://line.example.com/stringee/reception/answer",
        )
    ]


def test_a_number_in_no_project_that_takes_no_calls_is_read() -> None:
    ((one,), _) = numbers([{**NUMBER, "project_id": 0, "voice_enabled": "0"}], total=1)
    assert (one.project, one.voice) == ("", False)


def test_every_page_is_asked_for_until_there_is_no_more() -> None:
    other = {**NUMBER, "id": 13}
    assert [one.id for one in numbers([NUMBER], [other], total=2)[0]] == ["12", "13"]
    assert numbers([NUMBER], [other], [], total=None)[1] == 3
    assert numbers([NUMBER], total=5)[1] == 2  # the same page again and again
    assert numbers([], total=0) == ([], 1)


def test_a_number_is_pointed_by_a_put_with_both_addresses() -> None:
    with RestServer(told(r=0)) as server, AccountApi(server.rest()) as api:
        api.point_number("12", answer_url="https://l/a", event_url="https://l/e")
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("PUT", "/v1/number/12")
    assert seen.json == {"answer_url": "https://l/a", "event_url": "https://l/e"}


@pytest.mark.parametrize(
    "data", [[PROJECT], {"projects": [PROJECT]}, {"projects": {"3": PROJECT}, "totalPages": "1"}]
)
def test_projects_are_listed_and_their_keys_not_read(data: object) -> None:
    with RestServer(told(r=0, data=data)) as server, AccountApi(server.rest()) as api:
        (project,) = api.projects()
    assert project == Project(
        id="22512",
        name="Acme",
        answer_url="https://line.example.com/stringee/reception/answer",
        event_url="https://line.example.com/stringee/events",
    )
    assert "never-read" not in repr(project)


def test_a_project_is_pointed_with_its_name_kept() -> None:
    project = Project(id="22512", name="Acme")
    with RestServer(told(r=0)) as server, AccountApi(server.rest()) as api:
        api.point_project(project, answer_url="https://l/a", event_url="https://l/e")
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("PUT", "/v1/project/22512")
    assert seen.json == {
        "name": "Acme",
        "answer_url": "https://l/a",
        "callback_url": "https://l/e",
    }


@pytest.mark.parametrize("answer", [told(r=3), Answer(b"<html>", 404)])
def test_a_project_that_cannot_be_changed_says_the_way_by_hand(answer: Answer) -> None:
    with (
        RestServer(answer) as server,
        AccountApi(server.rest()) as api,
        pytest.raises(StringeeError) as caught,
    ):
        api.point_project(Project(id="1", name="A"), answer_url="", event_url="")
    assert "Projects, the project, Config URL" in str(caught.value)


@pytest.mark.parametrize("told_", [{}, {"id": 1}, {"phone_number": "84"}, {"id": [], "number": 1}])
def test_what_is_no_number_is_an_error(told_: dict[str, Any]) -> None:
    with pytest.raises(StringeeError, match="GET number"):
        numbers([told_], total=1)


def test_without_an_account_the_lines_to_add_are_told() -> None:
    with pytest.raises(SettingsError, match="STRINGEE_ACCOUNT_SID=") as caught:
        open_account(Settings())
    assert "STRINGEE_ACCOUNT_KEY=" in str(caught.value)
