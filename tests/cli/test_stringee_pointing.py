"""``offhook numbers`` and ``offhook stringee projects`` at an account that answers literally."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from command_line import CommandLine
from rest_server import Answer, RestServer, told

from app.cli.exits import Exit

NUMBER = {
    "id": 12,
    "phone_number": "842400000002",
    "project_id": 22512,
    "project_name": "Acme",
    "answer_url": "https://old.example.com/answer",
    "event_url": "https://old.example.com/events",
}
PROJECT = {"id": 22512, "name": "Acme", "answer_url": None, "callback_url": None}
HERE = "https://line.example.com"
ANSWER, EVENTS = f"{HERE}/stringee/reception/answer", f"{HERE}/stringee/events"


@dataclass
class Account:
    """An account of one number and one project, and the command line of its owner."""

    server: RestServer
    folder: Path

    def __call__(self, *args: str, answer: bool | None = None, **environ: str) -> Result:
        return CommandLine(
            {
                "STRINGEE_API_URL": self.server.url,
                "STRINGEE_ACCOUNT_SID": "AC00",
                "STRINGEE_ACCOUNT_KEY": "a-key-of-an-account-of-44-letters-and-more-x",
                "STRINGEE_SIGNING_KEY": "test-signing-secret",
                "PUBLIC_URL": HERE,
                "DATABASE_URL": f"sqlite:///{self.folder / 'journal.sqlite3'}",
            }
        )(*args, answer=answer, **environ)

    def now(
        self, *things: dict[str, Any], name: str = "numbers", then: Answer | None = None
    ) -> None:
        """From here on the account has these, and answers a change so."""
        self.server.answers = [told(r=0, data={name: list(things), "totalPages": 1})]
        self.server.answers.append(then or told(r=0))
        self.server.seen.clear()

    @property
    def put(self) -> Any:
        """The body of the one change that was asked for; None where there was none."""
        found = [seen for seen in self.server.seen if seen.method == "PUT"]
        assert len(found) <= 1
        return (found[0].path, found[0].json) if found else None


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    with RestServer(told(r=0)) as server:
        yield Account(server, tmp_path)


def test_the_numbers_are_listed_with_what_answers_them(account: Account) -> None:
    account.now(NUMBER, {"id": 13, "phone_number": "842400000003", "project_id": None})
    listed = account("numbers", "list")
    assert listed.exit_code == Exit.OK
    assert "Stringee: simulator 127.0.0.1" in listed.stderr
    lines = [line.split() for line in listed.stdout.splitlines()]
    assert lines[1] == [
        "+842400000002", "12", "Acme", "(22512)",
        "https://old.example.com/answer", "https://old.example.com/events",
    ]  # fmt: skip
    assert lines[2] == ["+842400000003", "13", "-", "-", "-"]
    account.now(NUMBER)
    assert json.loads(account("numbers", "list", "--json").stdout)[0]["project"] == "22512"


@pytest.mark.parametrize("named", ["+842400000002", "84 24 0000 0002", "12"])
def test_a_number_is_pointed_and_put_back(account: Account, named: str) -> None:
    account.now(NUMBER)
    pointed = account("numbers", "point", named, "reception", answer=True, COUNTRY="VN")
    assert pointed.exit_code == Exit.OK, pointed.output
    assert account.put == ("/v1/number/12", {"answer_url": ANSWER, "event_url": EVENTS})
    assert "https://old.example.com/answer" in pointed.stderr
    assert "offhook numbers undo +842400000002" in pointed.stderr

    account.now({**NUMBER, "answer_url": ANSWER, "event_url": EVENTS})
    undone = account("numbers", "undo", named, answer=True, COUNTRY="VN")
    assert undone.exit_code == Exit.OK, undone.output
    before = {"answer_url": NUMBER["answer_url"], "event_url": NUMBER["event_url"]}
    assert account.put == ("/v1/number/12", before)

    account.now(NUMBER)
    again = account("numbers", "undo", named, "--yes", COUNTRY="VN")
    assert again.exit_code == Exit.NOT_FOUND
    assert "undone already" in again.stderr


def test_a_number_that_is_answered_so_already_is_left_alone(account: Account) -> None:
    account.now({**NUMBER, "answer_url": ANSWER, "event_url": EVENTS})
    pointed = account("numbers", "point", "12", "reception")
    assert pointed.exit_code == Exit.OK
    assert account.put is None
    assert "already" in pointed.stderr


def test_without_a_yes_nothing_is_done(account: Account) -> None:
    account.now(NUMBER)
    assert account("numbers", "point", "12", "reception", answer=False).exit_code == Exit.DECLINED
    assert account.put is None


def test_a_refusal_leaves_nothing_to_undo(account: Account) -> None:
    account.now(NUMBER, then=told(r=3, message="no such project"))
    refused = account("numbers", "point", "12", "reception", "--yes")
    assert refused.exit_code == Exit.REFUSED
    assert "no such project (r 3)" in refused.stderr
    account.now(NUMBER)
    assert account("numbers", "undo", "12", "--yes").exit_code == Exit.NOT_FOUND


def test_a_change_without_a_clear_answer_can_be_undone(account: Account) -> None:
    account.now(NUMBER, then=Answer(b"<html>", 502))
    assert account("numbers", "point", "12", "reception", "--yes").exit_code == Exit.UNKNOWN
    account.now({**NUMBER, "answer_url": ANSWER, "event_url": EVENTS})
    assert account("numbers", "undo", "12", "--yes").exit_code == Exit.OK
    assert account.put is not None


def test_what_somebody_has_changed_since_is_not_undone(account: Account) -> None:
    account.now(NUMBER)
    account("numbers", "point", "12", "reception", "--yes")
    account.now({**NUMBER, "answer_url": "https://third.example.com/a"})
    undone = account("numbers", "undo", "12", "--yes")
    assert undone.exit_code == Exit.DECLINED
    assert "somebody has changed it since" in undone.stderr
    assert "https://old.example.com/answer" in undone.stderr
    assert account.put is None


def test_what_is_as_before_already_is_undone_without_asking_stringee(account: Account) -> None:
    account.now(NUMBER)
    account("numbers", "point", "12", "reception", "--yes")
    account.now(NUMBER)
    assert account("numbers", "undo", "12").exit_code == Exit.OK
    assert account.put is None


def test_an_unknown_number_and_an_unknown_flow_are_told(account: Account) -> None:
    account.now(NUMBER)
    assert account("numbers", "point", "+842400000009", "reception").exit_code == Exit.NOT_FOUND
    assert account("numbers", "point", "12", "nowhere").exit_code == Exit.NOT_FOUND
    assert account("numbers", "point", "12", "reception", "--app", "A").exit_code == Exit.USAGE


def test_a_number_without_a_project_and_a_server_without_a_key_are_warned_of(
    account: Account,
) -> None:
    account.now({**NUMBER, "project_id": None})
    told_ = account("numbers", "point", "12", "reception", "--yes", STRINGEE_SIGNING_KEY="")
    assert told_.exit_code == Exit.OK
    assert "is in no project" in told_.stderr
    assert "STRINGEE_SIGNING_KEY is not set here" in told_.stderr


def test_stringee_itself_is_not_told_an_address_of_this_machine(account: Account) -> None:
    pointed = account(
        "numbers", "point", "12", "reception", "--yes",
        STRINGEE_API_URL="https://api.stringee.com", PUBLIC_URL="http://127.0.0.1:8000",
    )  # fmt: skip
    assert pointed.exit_code == Exit.SETTINGS
    assert "Stringee cannot reach it" in pointed.stderr


def test_without_the_account_s_key_that_is_what_is_missing(account: Account) -> None:
    refused = account(
        *("numbers", "point", "842400000002", "reception", "--provider", "stringee", "--yes"),
        STRINGEE_API_URL="https://api.stringee.com",
        PUBLIC_URL="http://127.0.0.1:8000",
        STRINGEE_ACCOUNT_SID="",
        STRINGEE_ACCOUNT_KEY="",
    )
    assert refused.exit_code == Exit.SETTINGS
    assert "STRINGEE_ACCOUNT_SID=...   # " in refused.stderr
    assert "STRINGEE_ACCOUNT_KEY=...   # " in refused.stderr
    assert account.server.seen == []


def test_with_credentials_of_both_the_platform_is_callr_unless_said(account: Account) -> None:
    account.now(NUMBER)
    both: Any = {
        "CALLR_LOGIN": "acme",
        "CALLR_PASSWORD": "word",
        "CALLR_API_URL": "http://127.0.0.1:9",
    }
    assert "CALLR: simulator" in account("numbers", "list", **both).stderr
    listed = account("numbers", "list", "--provider", "stringee", **both)
    assert listed.exit_code == Exit.OK
    assert "+842400000002" in listed.stdout


@pytest.mark.parametrize("named", ["Acme", "22512"])
def test_a_project_is_pointed_and_put_back(account: Account, named: str) -> None:
    account.now(PROJECT, name="projects")
    pointed = account("stringee", "projects", "point", named, "reception", "--yes")
    assert pointed.exit_code == Exit.OK, pointed.output
    told_ = {"name": "Acme", "answer_url": ANSWER, "callback_url": EVENTS}
    assert account.put == ("/v1/project/22512", told_)
    assert "project 'Acme' (22512) has no address." in pointed.stderr
    assert "offhook stringee projects undo 22512" in pointed.stderr

    account.now({**PROJECT, "answer_url": ANSWER, "callback_url": EVENTS}, name="projects")
    undone = account("stringee", "projects", "undo", named, "--yes")
    assert undone.exit_code == Exit.OK, undone.output
    told_ = {"name": "Acme", "answer_url": "", "callback_url": ""}
    assert account.put == ("/v1/project/22512", told_)


def test_a_project_that_cannot_be_changed_says_the_way_by_hand(account: Account) -> None:
    account.now(PROJECT, name="projects", then=Answer(b"<html>", 404))
    pointed = account("stringee", "projects", "point", "Acme", "reception", "--yes")
    assert pointed.exit_code == Exit.REFUSED
    assert "Projects, the project, Config URL" in pointed.stderr


def test_projects_are_listed_and_found_by_name_only_where_it_is_one(account: Account) -> None:
    account.now(PROJECT, {**PROJECT, "id": 7}, name="projects")
    assert "22512" in account("stringee", "projects", "list").stdout
    account.now(PROJECT, {**PROJECT, "id": 7}, name="projects")
    both = account("stringee", "projects", "undo", "Acme")
    assert both.exit_code == Exit.NOT_FOUND
    assert "22512, 7" in both.stderr
    account.now(PROJECT, name="projects")
    assert account("stringee", "projects", "undo", "Other").exit_code == Exit.NOT_FOUND
    account.now(PROJECT, name="projects")
    listed = account("stringee", "projects", "list", "--json").stdout
    assert json.loads(listed)[0] == {
        "id": "22512", "name": "Acme", "answer_url": "", "event_url": "",
    }  # fmt: skip


CALL = "call-vn-1-ABCDWXKUQM-1542377678921"
KEY: Any = {
    "STRINGEE_API_KEY_SID": "SK.0.abc",
    "STRINGEE_API_KEY_SECRET": "a-secret-of-an-api-key-of-44-letters-and-more",
}


def test_a_call_is_transferred_to_a_telephone_with_our_number_shown(account: Account) -> None:
    done = account(
        "stringee", "transfer", CALL, "--from-user", "agent_1", "--to-number", "+84900000001",
        CALLER_ID="+842400000002", **KEY,
    )  # fmt: skip
    assert done.exit_code == Exit.OK, done.output
    (seen,) = account.server.seen
    assert seen.json == {
        "callId": CALL,
        "fromUserId": "agent_1",
        "to": {"type": "external", "number": "84900000001", "alias": "842400000002"},
    }


def test_a_call_is_transferred_to_a_user(account: Account) -> None:
    done = account(
        "stringee", "transfer", f"stringee:{CALL}", "--from-user", "a", "--to-user", "b", **KEY
    )
    assert done.exit_code == Exit.OK
    assert account.server.seen[0].json["to"] == {"type": "internal", "number": "b", "alias": "b"}


def test_a_transfer_goes_to_one_place_of_a_call_of_stringee_s(account: Account) -> None:
    both = ("--from-user", "a", "--to-user", "b", "--to-number", "+84900000001")
    assert account("stringee", "transfer", CALL, *both, **KEY).exit_code == Exit.USAGE
    one = ("--from-user", "a", "--to-user", "b")
    assert account("stringee", "transfer", "callr:1", *one, **KEY).exit_code == Exit.NOT_FOUND
    assert account.server.seen == []


def test_a_call_of_stringee_s_is_hung_up(account: Account) -> None:
    done = account("calls", "hangup", CALL, **KEY)
    assert done.exit_code == Exit.OK, done.output
    (seen,) = account.server.seen
    assert (seen.path, seen.json) == ("/v1/call2/stop", {"callId": CALL})
    account.server.answers = [told(r=1)]
    over = account("calls", "hangup", CALL, **KEY)
    assert over.exit_code == Exit.REFUSED
    assert "is over, or it knows no such call" in over.stderr


@pytest.mark.parametrize(
    "args",
    [
        ("calls", "hangup", CALL),
        ("stringee", "transfer", CALL, "--from-user", "a", "--to-user", "b"),
    ],
)
def test_before_something_is_done_live_it_is_asked(account: Account, args: tuple[str, ...]) -> None:
    live: Any = {"STRINGEE_API_URL": "https://asia-2.api.stringee.com", **KEY}
    done = account(*args, answer=False, **live)
    assert done.exit_code == Exit.DECLINED
    assert "Stringee: LIVE at asia-2.api.stringee.com, SK.0.abc" in done.stderr
