"""``offhook phone`` at Stringee: flows, answer_urls, and numbers and apps of a simulator."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from offhook_process import offhook as process
from offhook_process import terminal
from scco_server import scco_server
from serving import serving

from app.callflow.errors import SettingsError
from app.cli.exits import Exit
from app.cli.main import offhook
from app.cli.phoning.webhooks import signing_key_of
from app.cli.shell import Shell
from app.settings import Settings
from app.simulator import Simulator
from app.simulator.stringee import sign

CALLED_PHONE = "+84900000001"
NUMBER = "+842400000001"
TALK = {"action": "talk", "text": "Xin chào", "bargeIn": False}

DESK = """
from app.callflow import Flow, collect, dial, hang_up, menu, say

desk = Flow(
    "desk",
    start="welcome",
    language="en-GB",
    steps={
        "welcome": say("Thanks for calling.", then="choose"),
        "choose": menu(
            "For sales, press 1. For support, press 2.", {"1": "team", "2": "order"}, failure="bye"
        ),
        "order": collect(
            "Type your order number.", into="order", max_digits=6, then="team", failure="bye"
        ),
        "team": dial("+33123456789", no_answer="bye"),
        "bye": hang_up("Goodbye."),
    },
)
"""

STRINGEE_FLOW = """
from app.callflow import Flow, dial, hang_up, menu, record, say
from app.callflow import Client

hotline = Flow(
    "hotline",
    start="choose",
    language="vi",
    steps={
        "choose": menu(
            "Bấm 1 để gặp chúng tôi.", {"1": "agent", "2": "message"},
            invalid="bye", no_input="bye", failure="bye",
        ),
        "agent": dial(Client("agent_1"), no_answer="message", busy="message"),
        "message": record("Để lại lời nhắn.", into="said", then="bye", failure="bye"),
        "bye": hang_up("Tạm biệt."),
    },
)
"""


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    """A folder with `desk`, which is open at every hour."""
    folder = tmp_path / "flows"
    folder.mkdir()
    (folder / "desk.py").write_text(DESK)
    return folder


def phone(*args: str, env: dict[str, str] | None = None) -> Result:
    shell = Shell(environ=env or {}, env_file=None)
    return CliRunner().invoke(offhook, ["phone", *args], obj=shell)


def test_as_a_real_process_a_flow_is_called_from_a_phone(tmp_path: Path, flows: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    args = ("desk", "--platform", "stringee", "--keys", "2;12")
    told = process("phone", *args, cwd=folder, env={"OFFHOOK_FLOWS": str(flows)})
    assert told.returncode == Exit.OK, told.stderr
    assert f"call     {CALLED_PHONE} calls {NUMBER}" in told.stdout
    assert "hear     “For sales, press 1. For support, press 2.”" in told.stdout
    assert "press    2" in told.stdout
    assert "Ringing flow 'desk', on a server and a Stringee of its own." in told.stderr
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("kind", ["app-to-app", "app-to-phone", "phone-to-app", "phone-to-phone"])
def test_each_type_of_call_reaches_a_flow(kind: str, flows: Path) -> None:
    env = {"OFFHOOK_FLOWS": str(flows)}
    told = phone("desk", "--as", kind, "--keys", "2;123456", env=env)
    assert told.exit_code == Exit.OK, told.output
    assert "talk     with +33123456789" in told.stdout
    assert told.stderr.splitlines()[-1] == "Outcome: transferred."
    caller = "user_1" if kind.startswith("app") else CALLED_PHONE
    assert f"call     {caller} calls " in told.stdout


def test_who_calls_what_and_with_what_can_be_said() -> None:
    told = phone(
        *("reception", "--as", "app-to-app", "--user", "an", "--to", "user_7"),
        *("--custom", '{"a": 1}', "--keys", "", "--raw"),
    )
    assert told.exit_code == Exit.OK, told.output
    assert "call     an calls user_7" in told.stdout
    assert "from=an&to=user_7&fromInternal=true&userId=an&" in told.stdout
    assert "&custom=%7B%22a%22%3A%201%7D&" in told.stdout


def test_a_message_is_left_where_nobody_answers(flows: Path) -> None:
    (flows / "hotline.py").write_text(STRINGEE_FLOW)
    env = {"OFFHOOK_FLOWS": str(flows)}
    told = phone("hotline", "--platform", "stringee", "--keys", "1", "--no-answer", env=env)
    assert told.exit_code == Exit.OK, told.output
    assert "[agent_1 is not reached: NOANSWER]" in told.stdout
    assert "hear     “Để lại lời nhắn.”" in told.stdout
    assert "recorded " in told.stdout
    assert "hear     “Tạm biệt.”" in told.stdout
    assert "warning" not in told.stdout
    assert "server: refused" not in told.stderr


def test_a_flow_calls_this_phone_through_the_api() -> None:
    args = ("--platform", "stringee", "--outbound", "--var", "name=Ada", "--var", "time=ten")
    told = phone("reminder", *args, "--keys", "1;1")
    assert told.exit_code == Exit.OK, told.output
    assert f"ring     the phone of {CALLED_PHONE} rings: {NUMBER} calls" in told.stdout
    assert "Ada, your appointment is ten." in told.stdout
    assert told.stderr.splitlines()[-1] == "Outcome: completed, disposition confirmed."
    busy = phone("reminder", *args, "--busy")
    assert busy.exit_code == Exit.OK, busy.output
    assert "end      486 Busy Here" in busy.stdout
    assert busy.stderr.splitlines()[-1] == "Outcome: busy."


def test_stringee_can_be_hostile_and_read_the_unknown_otherwise(flows: Path) -> None:
    told = phone(
        *("desk", "--platform", "stringee", "--keys", "2;123456", "--raw"),
        *("--reading", "stringee.encoding=double", "--hostile", "stringee.repeat=at_once"),
        *("--hostile", "stringee.events=swapped", "--hostile", "stringee.double_events=yes"),
        env={"OFFHOOK_FLOWS": str(flows)},
    )
    assert told.exit_code == Exit.OK, told.output
    assert " 1 again answer_url " in told.stdout
    wrong = phone("reception", "--platform", "stringee", "--keys", "", "--hostile", "repeat=after")
    assert wrong.exit_code == Exit.USAGE
    assert "is no NAME=VALUE of: stringee.double_events, " in wrong.stderr


def test_an_answer_url_is_rung_and_signed() -> None:
    with scco_server(answer=[[TALK]]) as server:
        env = {"STRINGEE_SIGNING_KEY": "22=the-key-of-22"}
        told = phone(f"{server.url}/answer?x=1", "--as", "phone-to-phone", "--keys", "", env=env)
    assert told.exit_code == Exit.OK, told.output
    assert "hear     “Xin chào”" in told.stdout
    (got,) = server.got
    assert got.query["x"] == "1"
    assert got.query["projectId"] == "22"
    assert got.headers["X-STRINGEE-SIGNATURE"] == sign(got.target.encode(), "the-key-of-22")
    refused = phone(f"{server.url}/answer", "--as", "app-to-phone", "--keys", "")
    assert refused.exit_code == Exit.CALL_FAILED
    assert "answer_url: unreachable" in refused.stderr


def test_a_real_server_is_rung_with_its_signing_key(tmp_path: Path, flows: Path) -> None:
    key: dict[str, Any] = {"STRINGEE_SIGNING_KEY": "a-signing-key"}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    folder = tmp_path / "server"
    folder.mkdir()
    with serving(folder, flows=flows, PORT=port, CALLER_ID="+842400000002", **key) as server:
        url = f"{server.url}/stringee/desk/answer"
        told = phone(url, "--platform", "stringee", "--keys", "2;123456", "--raw", env=key)
        assert told.exit_code == Exit.OK, told.output
        assert f"event_url: ended {server.url}/stringee/events" in told.stdout
        assert "talk     with +33123456789" in told.stdout
        other = phone(url, "--keys", "", env={"STRINGEE_SIGNING_KEY": "another"})
        sorry = phone(f"{server.url}/stringee/not_there/answer", "--keys", "", env=key)
    assert other.exit_code == Exit.CALL_FAILED
    assert "HTTP 403" in other.stderr
    assert "end      CAN_NOT_MAKE_CALL" in other.stdout
    assert sorry.exit_code == Exit.CALL_FAILED
    assert "it apologised to the caller, as it does where a flow cannot go on" in sorry.stderr


def test_a_person_at_a_terminal_presses_keys_at_any_time(tmp_path: Path, flows: Path) -> None:
    args = ("phone", "desk", "--platform", "stringee")
    with terminal(*args, cwd=tmp_path, env={"OFFHOOK_FLOWS": str(flows)}) as person:
        person.wait_for("keys> ")
        person.type("2")
        person.wait_for("Type your order number.")
        time.sleep(2.5)  # the prompt is over, and the input waits
        person.type("12")
        person.wait_for("keys> 12")
        person.type("\r")
        person.wait_for("talking (")
        person.type("h")
        assert person.wait() == Exit.OK
    lines = [line[9:] for line in person.lines]
    assert "press    2" in lines
    assert "press    12" in lines
    assert "hang up  by the person" in lines


def test_nothing_is_signed_for_a_foreign_origin() -> None:
    settings = Settings(
        stringee_signing_key="a-signing-key", public_url="https://line.example.com/x"
    )
    for url in ("http://127.0.0.1:1/a", "https://line.example.com/stringee/x/answer"):
        assert signing_key_of(settings, url) == ("", "a-signing-key")
    for url in ("https://other.example.com/a", "https://line.example.com:8443/a"):
        with pytest.raises(SettingsError, match="nothing is signed for") as refused:
            signing_key_of(settings, url)
        assert "STRINGEE_SIGNING_KEY= (empty)" in refused.value.mend
    assert signing_key_of(Settings(), "https://other.example.com/a") == ("", "")


def test_numbers_and_users_are_reached_at_a_simulator() -> None:
    with scco_server(answer=[[TALK]] * 3) as server, Simulator() as simulator:
        store, account = simulator.stringee.store, simulator.account
        store.change_number(store.numbers()[0], answer_url=f"{server.url}/answer")
        store.change_project(store.projects()[0], answer_url=f"{server.url}/answer")
        env = {
            "CALLR_API_URL": simulator.api_url,
            "CALLR_LOGIN": account.login,
            "CALLR_PASSWORD": account.password,
        }
        for target, kind, heard in (
            (NUMBER, (), f"{CALLED_PHONE} calls {NUMBER}"),
            ("+84900000009", ("--as", "app-to-phone"), "user_1 calls +84900000009"),
            ("user:an", ("--as", "app-to-app", "--user", "binh"), "binh calls an"),
        ):
            caller = ("--caller", CALLED_PHONE) if not kind else ()
            told = phone(target, *kind, *caller, "--keys", "", env=env)
            assert told.exit_code == Exit.OK, told.output
            assert heard in told.stdout
            assert "hear     “Xin chào”" in told.stdout
    assert [got.query["fromInternal"] for got in server.got] == ["false", "true", "true"]


def test_a_line_on_stringee_alone_rings_its_simulator_with_its_own_key() -> None:
    with scco_server(answer=[[TALK]]) as server, Simulator() as simulator:
        store, account = simulator.stringee.store, simulator.stringee.account
        store.change_number(store.numbers()[0], answer_url=f"{server.url}/answer")
        env = {
            "STRINGEE_API_URL": simulator.url,
            "STRINGEE_API_KEY_SID": account.key_sid,
            "STRINGEE_API_KEY_SECRET": account.key_secret,
        }
        told = phone(NUMBER, "--keys", "", env=env)
        assert told.exit_code == Exit.OK, told.output
        assert "hear     “Xin chào”" in told.stdout
        nobody = phone("+842400000002", "--keys", "", env=env)
        assert nobody.exit_code == Exit.REFUSED
        assert "`offhook numbers point` has a flow answer a number" in nobody.stderr
        missing = phone(NUMBER, "--keys", "", env={**env, "STRINGEE_API_KEY_SECRET": ""})
        assert missing.exit_code == Exit.SETTINGS
        assert "STRINGEE_API_KEY_SECRET=..." in missing.stderr


def test_without_a_simulator_no_number_is_rung() -> None:
    told = phone(NUMBER, "--keys", "", env={})
    assert told.exit_code == Exit.SETTINGS
    assert "Neither CALLR_API_URL (api.callr.com) nor STRINGEE_API_URL (api.stringee.com) is a" in (
        told.stderr
    )


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (("reception", "--platform", "callr", "--as", "app-to-app"), "--as goes with --platform"),
        (("reception", "--user", "an"), "--user: it goes with --as"),
        (("reception", "--as", "phone-to-app", "--user", "an"), "--user: it goes with an app"),
        (("reception", "--as", "phone-to-app", "--at", "2026-01-01"), "--at: Stringee does not"),
        (("reception", "--as", "phone-to-app", "--var", "a=b"), "--var: it goes with --outbound"),
        (("reception", "--as", "app-to-app", "--outbound"), "--as: --outbound is a call of its"),
        (("reception", "--as", "app-to-app", "--like", "last"), "--like does calls of CALLR's"),
        (("user:an", "--as", "app-to-phone"), "user:ID goes with --as app-to-app"),
        (("http://h/a", "--as", "app-to-app", "--outbound"), "--outbound: it goes with FLOW"),
        ((NUMBER, "--as", "phone-to-app", "--speed", "2"), "--speed: the simulator has its own"),
        ((NUMBER, "--as", "phone-to-app", "--to", "1"), "--to: NUMBER says it"),
        (("Nobody!", "--as", "phone-to-app"), "'Nobody!' is no flow"),
    ],
)
def test_a_command_line_that_means_nothing_says_why(args: tuple[str, ...], why: str) -> None:
    told = phone(*args, "--keys", "")
    assert told.exit_code == Exit.USAGE
    assert why in told.stderr


def test_a_flow_is_rung_on_a_platform_that_it_is_served_on(tmp_path: Path) -> None:
    told = phone("clinic", "--platform", "stringee", "--keys", "")
    assert told.exit_code == Exit.NOT_FOUND
    assert "Flow 'clinic' is not served on stringee. Ring it with --platform callr." in told.stderr
    (tmp_path / "hotline.py").write_text(
        STRINGEE_FLOW.replace('start="choose",', 'start="choose", on=("stringee",),')
    )
    env = {"OFFHOOK_FLOWS": str(tmp_path)}
    told = phone("hotline", "--keys", "", env=env)
    assert told.exit_code == Exit.NOT_FOUND
    assert "Flow 'hotline' is not served on callr. Ring it with --platform stringee." in told.stderr


BREAKS = """
from app.callflow import Flow, branch, collect, hang_up

def choose(call):
    raise RuntimeError("the author's mistake")

STEPS = {
    "ask": collect("Which?", into="which", max_digits=1, then="choose", failure="choose"),
    "choose": branch(choose, {True: "end"}, otherwise="end"),
    "end": hang_up("Bye."),
}
later = Flow("later", start="ask", steps=STEPS)
at_once = Flow("at_once", start="choose", steps={name: STEPS[name] for name in ("choose", "end")})
"""


@pytest.mark.parametrize("flow", ["later", "at_once"])
@pytest.mark.parametrize("how", ["inbound", "outbound", "a number to fall back to"])
def test_a_flow_that_breaks_on_the_way_is_a_failure_with_its_line(
    tmp_path: Path, flow: str, how: str
) -> None:
    (tmp_path / "breaks.py").write_text(BREAKS)
    env = {"OFFHOOK_FLOWS": str(tmp_path)}
    if how == "a number to fall back to":
        env["FALLBACK_NUMBER"] = "+33123456789"
    more = ["--outbound"] if how == "outbound" else []
    told = phone(flow, "--platform", "stringee", "--keys", "2", *more, env=env)
    if (flow, how) != ("at_once", "outbound"):  # where nobody is rung
        assert told.exit_code == Exit.CALL_FAILED, told.output
        assert "Outcome: failed." in told.stderr
        assert told.stderr.splitlines()[-1].startswith("Error: The flow could not go on: ")
    assert told.exit_code != Exit.OK
    assert "the author's mistake" in told.stderr
    assert "line 5" in told.stderr


def test_an_unknown_flow_is_told_with_those_there_are() -> None:
    told = phone("nobody", "--platform", "stringee", "--keys", "")
    assert told.exit_code == Exit.NOT_FOUND
    assert "There is no flow 'nobody'." in told.stderr
