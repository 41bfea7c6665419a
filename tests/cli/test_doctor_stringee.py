"""``offhook doctor`` of a line on Stringee: a real server, an account that answers literally."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from command_line import CommandLine
from rest_server import KEY, Answer, RestServer, told
from serving import SECRET_KEY, Server, serving

from app.cli.exits import Exit

SIGNING_KEY = "test-signing-secret"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on Stringee alone, which takes the signatures of two projects."""
    with serving(
        tmp_path_factory.mktemp("doctor"),
        STRINGEE_SIGNING_KEY=f"22512={SIGNING_KEY}, 7=another-secret",
        PUBLIC_URL="https://line.example.com",
    ) as running:
        yield running


def number(answer_url: str, event_url: str) -> dict[str, Any]:
    return {
        "id": 12,
        "phone_number": "842400000002",
        "project_id": 22512,
        "answer_url": answer_url,
        "event_url": event_url,
    }


def doctor(
    server: Server,
    *numbers: dict[str, Any],
    log: Answer | None = None,
    projects: tuple[dict[str, Any], ...] = (),
    **more: str,
) -> Result:
    answers = (
        log or told(r=0, data={"calls": []}),
        told(r=0, data={"numbers": list(numbers), "totalPages": 1}),
        told(r=0, data={"projects": list(projects), "totalPages": 1}),
    )
    with RestServer(*answers) as stringee:
        return CommandLine(
            {
                "OFFHOOK_ENV": "development",
                "SECRET_KEY": SECRET_KEY,
                "STRINGEE_SIGNING_KEY": f"22512={SIGNING_KEY}",
                "STRINGEE_API_URL": stringee.url,
                "STRINGEE_API_KEY_SID": KEY.sid,
                "STRINGEE_API_KEY_SECRET": KEY.secret,
                "STRINGEE_ACCOUNT_SID": "AC00",
                "STRINGEE_ACCOUNT_KEY": KEY.secret,
                "PUBLIC_URL": server.url,
                "DATABASE_URL": server.database_url,
                **more,
            }
        )("doctor")


def lines(ran: Result) -> list[str]:
    return [line for line in ran.stdout.splitlines() if "Stringee" in line]


def test_flows_that_a_server_on_stringee_has_not_read_are_told(
    server: Server, tmp_path: Path
) -> None:
    (tmp_path / "surgery.py").write_text(
        "from app.callflow import Flow, hang_up\n"
        'FLOW = Flow("surgery", start="end", steps={"end": hang_up("Goodbye.")})\n'
    )
    ran = doctor(server, OFFHOOK_FLOWS=str(tmp_path))
    host = server.url.removeprefix("http://")
    told = f"warning  public URL: the server at {host} has not read: surgery."
    assert [line for line in ran.stdout.splitlines() if "has not read" in line] == [told]


def test_a_line_on_stringee_alone_is_well_and_callr_not_asked_for(server: Server) -> None:
    here = number(f"{server.url}/stringee/reception/answer", f"{server.url}/stringee/events")
    ran = doctor(server, here)
    assert ran.exit_code == Exit.OK, ran.output
    told_ = "\n".join(lines(ran))
    assert "takes the signature of STRINGEE_SIGNING_KEY" in told_
    assert "the API key is taken" in told_
    assert "on stringee, these are not served: age_gate, clinic." in ran.stdout
    assert "and without FALLBACK_NUMBER: reception." in ran.stdout
    assert "callr" not in ran.stdout.lower()
    assert "+842400000002 is answered by flow 'reception'" in told_
    assert "CALLR:" not in ran.stdout
    assert ran.stderr.count("Stringee: simulator") == 1
    assert SIGNING_KEY not in ran.output


def test_what_a_flow_loses_at_stringee_names_the_argument(server: Server) -> None:
    told_ = doctor(server).stdout
    assert "step 'team' in flow 'reception': whisper: Stringee does not say it" in told_
    assert "flow 'reception': language: Stringee has no voice for en-GB here" in told_


def test_another_signing_key_on_the_server_is_told(server: Server) -> None:
    ran = doctor(server, STRINGEE_SIGNING_KEY="22512=not-the-server-s-key")
    assert ran.exit_code == Exit.UNREACHABLE
    assert "refuses a signature of STRINGEE_SIGNING_KEY" in ran.stdout
    assert "the signature fits none of 1 signing keys: project 22512" in ran.stdout


def test_a_missing_signing_key_says_the_line_to_add(server: Server) -> None:
    ran = doctor(server, STRINGEE_SIGNING_KEY="", CALLR_WEBHOOK_LOGIN="", CALLR_WEBHOOK_PASSWORD="")
    assert ran.exit_code == Exit.SETTINGS
    assert "Add STRINGEE_SIGNING_KEY=..." in ran.stdout


def test_a_server_with_another_secret_key_is_told(server: Server) -> None:
    ran = doctor(server, SECRET_KEY="another-secret-key-that-is-long-enough")
    assert ran.exit_code == Exit.UNREACHABLE
    assert "gives no proof" in ran.stdout


def test_a_server_that_is_not_there_is_told(server: Server) -> None:
    ran = doctor(server, PUBLIC_URL="http://127.0.0.1:9")
    assert ran.exit_code == Exit.UNREACHABLE
    assert "takes no connections" in ran.stdout


def test_an_api_key_that_is_refused_is_told_with_the_region(server: Server) -> None:
    ran = doctor(server, log=told(403, r=5, message="keySid invalid"))
    assert ran.exit_code == Exit.REFUSED
    assert "keySid invalid (r 5)" in ran.stdout
    assert "region" in ran.stdout


@pytest.mark.parametrize(
    ("answer", "events", "said", "code"),
    [
        ("/stringee/gone/answer", "/stringee/events", "by flow 'gone', which is not here", 14),
        ("/stringee/reception/answer", "/elsewhere", "tells its events", 0),
        ("/stringee/reception/answer", "", "tells its events", 0),
    ],
)
def test_addresses_that_differ_are_told(
    server: Server, answer: str, events: str, said: str, code: int
) -> None:
    ran = doctor(server, number(server.url + answer, server.url + events if events else ""))
    assert ran.exit_code == code
    assert said in ran.stdout


def test_numbers_of_another_server_and_projects_of_this_are_told(server: Server) -> None:
    other = number("https://other.example.com/stringee/reception/answer", "")
    project = {
        "id": 22512,
        "name": "Acme",
        "answer_url": f"{server.url}/stringee/reception/answer",
        "callback_url": f"{server.url}/stringee/events",
    }
    ran = doctor(server, other, projects=(project,), CALLER_ID="+33199001020")
    told_ = "\n".join(lines(ran))
    assert ran.exit_code == Exit.OK
    assert "another server" in told_
    assert "project 'Acme' (22512) is answered by flow 'reception'" in told_
    assert "CALLER_ID +33199001020 is no number of the account" in told_


def test_a_line_that_nothing_points_to_is_told(server: Server) -> None:
    assert "no number and no project is answered at" in doctor(server).stdout


def test_without_the_account_and_the_api_key_it_says_what_is_not_looked_at(
    server: Server,
) -> None:
    ran = doctor(server, STRINGEE_ACCOUNT_SID="", STRINGEE_API_KEY_SID="")
    assert ran.exit_code == Exit.OK
    assert "numbers and projects are not compared" in ran.stdout
    assert "no call can be placed" in ran.stdout
