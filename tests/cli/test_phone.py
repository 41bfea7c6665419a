"""``offhook phone`` on flows and webhooks, with a script."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from offhook_process import offhook as process
from serving import serving
from webhook_double import say, webhook

from app.callflow.errors import SettingsError
from app.cli.exits import Exit
from app.cli.main import offhook
from app.cli.phoning.webhooks import webhook_of
from app.cli.shell import Shell
from app.settings import Settings

OPEN = "2026-12-28 10:00"  # a Monday
LOGIN, PASSWORD = "callr", "a-password-of-the-webhook"
WEBHOOK = {"CALLR_WEBHOOK_LOGIN": LOGIN, "CALLR_WEBHOOK_PASSWORD": PASSWORD}

BROKEN_FLOW = """
from app.callflow import Flow, branch, hang_up

def choose(call):
    raise RuntimeError("the author's mistake")

crooked = Flow(
    "crooked",
    start="choose",
    steps={"choose": branch(choose, {True: "end"}, otherwise="end"), "end": hang_up("Bye.")},
)
"""


def phone(*args: str, env: dict[str, str] | None = None) -> Result:
    shell = Shell(environ=env or {}, env_file=None)
    return CliRunner().invoke(offhook, ["phone", *args], obj=shell)


def test_as_a_real_process_the_caller_of_the_age_gate_hears_their_age(tmp_path: Path) -> None:
    told = process("phone", "age_gate", "--keys", "22", cwd=tmp_path)
    assert told.returncode == Exit.OK
    assert "hear     “Hello there. How old are you?”" in told.stdout
    assert "press    22" in told.stdout
    assert "hear     “You are 22 years old.”" in told.stdout
    assert "meet     in conference 22, alone" in told.stdout
    assert told.stderr.splitlines()[-1] == "Outcome: hung_up."
    assert list(tmp_path.iterdir()) == []


def test_an_empty_entry_is_silence_and_so_is_what_comes_after_the_last() -> None:
    told = phone("reception", "--keys", ";3", "--at", OPEN)
    asked = [line.split()[1] for line in told.stdout.splitlines() if line.split()[1] in ASKS]
    assert asked == ["asked", "asked", "press", "asked"]
    assert "“That is not a choice. " in told.stdout
    assert "“Leave a message after the tone.”" in told.stdout


ASKS = {"asked", "press"}


def test_who_is_dialled_does_what_the_options_say() -> None:
    keys = ("reception", "--keys", "1", "--at", OPEN)
    assert "talk     with +33123456789" in phone(*keys).stdout
    assert "[+33123456780 is not reached: BUSY]" in phone(*keys, "--busy").stdout
    no_answer = phone(*keys, "--no-answer")
    assert "[+33123456780 is not reached: NOANSWER]" in no_answer.stdout
    assert "Outcome: completed, disposition message." in no_answer.stderr


def test_a_time_is_read_in_the_zone_of_the_flow_and_told_in_utc_too() -> None:
    summer = phone("reception", "--keys", "", "--at", "2026-07-01 09:30")
    assert "The call begins Wednesday 2026-07-01 09:30 BST (08:30 UTC)." in summer.stderr
    assert "Thanks for calling Acme." in summer.stdout
    christmas = phone("reception", "--keys", "", "--at", "2026-12-25 10:00")
    assert "Thanks for calling Acme." not in christmas.stdout
    words = phone("reception", "--keys", "", "--at", "1 july 2026 09:30")
    assert "The call begins Wednesday 2026-07-01 09:30 BST (08:30 UTC)." in words.stderr
    elsewhere = phone("reception", "--keys", "", "--at", "2026-07-01 09:30+09:00")
    assert "(00:30 UTC)" in elsewhere.stderr
    assert "Thanks for calling Acme." not in elsewhere.stdout


def test_a_script_hangs_up_in_a_command_or_after_a_time() -> None:
    told = phone("age_gate", "--keys", "22", "--hangup-at", "2", "--raw")
    assert told.stdout.index("command  2 play") < told.stdout.index("hang up  by the person")
    assert "command  3" not in told.stdout
    after = phone("age_gate", "--hangup-after", "1.5")
    assert "    1.5  hang up  by the person" in after.stdout
    assert (told.exit_code, after.exit_code) == (Exit.OK, Exit.OK)


def test_a_script_presses_keys_that_nobody_asks_for_and_hangs_up_speaking() -> None:
    pressed = phone("age_gate", "--press-at", "2=7", "--keys", "22")
    assert "press    7 (nobody asked)" in pressed.stdout
    spoke = phone("reception", "--at", "2026-12-25 10:00", "--hangup-speaking", "1")
    assert "Outcome: hung_up" in spoke.stderr
    assert "hang up  by the person" in spoke.stdout


def test_a_simulated_platform_does_as_was_heard_and_as_reading_says(tmp_path: Path) -> None:
    facts = {"record_tone": {"answer": "no", "saw": "", "heard_at": "2026-11-27T17:00:00+00:00"}}
    verified = {"format": 1, "platform": "api.callr.com", "facts": facts}
    (tmp_path / "callr-verified.json").write_text(json.dumps(verified))
    message = ("phone", "reception", "--keys", "", "--at", "2026-12-25 10:00")
    heard = process(*message, cwd=tmp_path)
    assert "does as callr-verified.json says" in heard.stderr
    assert "beep" not in heard.stdout
    changed = process(*message, "--reading", "record_beeps=yes", cwd=tmp_path)
    assert "beep" in changed.stdout
    (tmp_path / "callr-verified.json").write_text("[]")
    broken = process(*message, cwd=tmp_path)
    assert "callr-verified.json is ignored: it is no object with format 1" in broken.stderr
    assert "beep" in broken.stdout


def test_a_called_phone_is_busy_does_not_answer_or_hears_the_flow() -> None:
    busy = phone("reminder", "--outbound", "--busy")
    assert busy.exit_code == Exit.OK
    assert "end      BUSY" in busy.stdout
    assert "Outcome: busy." in busy.stderr
    silent = phone("reminder", "--outbound", "--no-answer")
    assert "Outcome: no_answer." in silent.stderr
    told = phone("reminder", "--outbound", "--keys", "1;1", "--var", "name=Ada")
    assert "ring     the phone of +33612345678 rings: +33199001020 calls" in told.stdout
    assert "“Ada, your appointment is tomorrow. " in told.stdout
    assert "Outcome: completed, disposition confirmed." in told.stderr


def test_a_variable_that_the_flow_does_not_declare_is_refused() -> None:
    told = phone("reminder", "--outbound", "--keys", "1", "--var", "nome=Ada")
    assert told.exit_code != Exit.OK
    assert "declares no variable nome" in told.stderr


def test_the_caller_can_be_another_or_withheld() -> None:
    told = phone("age_gate", "--keys", "9", "--caller", "01 23 45 67 89", env={"COUNTRY": "FR"})
    assert "call     +33123456789 calls" in told.stdout
    assert "a withheld number calls" in phone("age_gate", "--keys", "9", "--caller", "").stdout


def test_raw_shows_each_post_and_reply() -> None:
    told = phone("age_gate", "--keys", "9", "--raw").stdout
    assert '"call_status": "INCOMING_CALL"' in told
    assert "reply    1 HTTP 200 in " in told
    assert '"call_status": "HANGUP"' in told
    assert "POST " not in phone("age_gate", "--keys", "9").stdout


def test_the_platform_can_be_hostile_and_read_the_unknown_otherwise() -> None:
    switches = (
        *("--hostile", "repeat=after"),
        *("--reading", "hangup=separate"),
        *("--reading", "first_inbound_status=UP"),
    )
    told = phone("age_gate", "--keys", "9", "--raw", *switches)
    assert told.exit_code == Exit.OK
    assert "POST     1 again" in told.stdout
    assert "INCOMING_CALL" not in told.stdout


def test_an_unknown_flow_is_told_with_those_there_are() -> None:
    told = phone("nonsense", "--keys", "1")
    assert told.exit_code == Exit.NOT_FOUND
    assert "There is no flow 'nonsense'. There are: age_gate, clinic," in told.stderr


def test_a_flow_that_cannot_be_used_is_told_before_anything_rings(tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text(BROKEN_FLOW.replace('otherwise="end"', 'otherwise="ende"'))
    for name in ("crooked", "there_is_none"):  # which may be what is broken
        told = phone(name, "--keys", "1", env={"OFFHOOK_FLOWS": str(tmp_path)})
        assert told.exit_code == Exit.FLOW
        assert "ende" in told.stderr
        assert told.stdout == ""


def test_what_the_check_warns_of_in_the_flow_is_told_and_of_no_other(tmp_path: Path) -> None:
    source = (
        "from app.callflow import Flow, hang_up\n"
        'f = Flow("{0}", start="bye", language="vi-VN", steps={{"bye": hang_up("{0}")}})\n'
    )
    for name in ("mine", "theirs"):
        (tmp_path / f"{name}.py").write_text(source.format(name))
    told = phone("mine", "--keys", "", env={"OFFHOOK_FLOWS": str(tmp_path)})
    assert "server: flow 'mine': language: CALLR has no voice" in told.stderr
    assert "theirs" not in told.stderr


@pytest.mark.parametrize("platform", ["callr", "stringee"])
def test_what_is_wrong_with_another_flow_keeps_nobody_from_trying_this_one(
    tmp_path: Path, platform: str
) -> None:
    (tmp_path / "wrong.py").write_text(BROKEN_FLOW.replace('otherwise="end"', 'otherwise="ende"'))
    (tmp_path / "unreadable.py").write_text("1 / 0")
    env = {"OFFHOOK_FLOWS": str(tmp_path)}
    told = phone("reception", "--keys", "3", "--platform", platform, env=env)
    assert told.exit_code == Exit.OK
    assert (
        "server: left out: what cannot be loaded, crooked. `offhook flows check` says what is wrong"
        in told.stderr
    )
    assert "hear     “" in told.stdout


def test_a_flow_that_breaks_on_the_way_is_a_failure_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "crooked.py").write_text(BROKEN_FLOW)
    told = phone("crooked", "--keys", "", env={"OFFHOOK_FLOWS": str(tmp_path)})
    assert told.exit_code == Exit.CALL_FAILED
    assert "server: " in told.stderr
    error = told.stderr.splitlines()[-1]
    assert error.startswith("Error: The flow could not go on: ")
    assert "the author's mistake" in error
    assert "line 5" in error


def test_a_flow_rings_without_the_journal_and_the_secrets_of_the_user(tmp_path: Path) -> None:
    journal = tmp_path / "theirs.sqlite3"
    env = {
        "DATABASE_URL": f"sqlite:///{journal}",
        "SECRET_KEY": "s" * 40,
        "DYNO": "web.1",
        **WEBHOOK,
    }
    told = phone("age_gate", "--keys", "9", "--raw", env=env)
    assert told.exit_code == Exit.OK
    assert not journal.exists()


@pytest.mark.parametrize(
    ("args", "why"),
    [
        ((), "Say whom to ring"),
        (("age_gate",), "stdin is no terminal"),
        (("age_gate", "--busy"), "stdin is no terminal"),
        (("reminder", "--outbound"), "stdin is no terminal"),
        (("age_gate", "--listen", "+33612345678"), "Say whom to ring"),
        (("Age Gate", "--keys", "1"), "is no flow"),
        (("ftp://127.0.0.1/x", "--keys", "1"), "is no address"),
        (("http:///x", "--keys", "1"), "is no address"),
        (("http://127.0.0.1:99999/x", "--keys", "1"), "is no address"),
        (("http://me:secret-word@127.0.0.1/x", "--keys", "1"), "leave the credentials out"),
        (("age_gate", "--keys", "2a"), "'a' is not a key"),
        (("age_gate", "--keys", "1", "--at", "tomorrow"), "is no time"),
        (("age_gate", "--keys", "1", "--at", "last tuesday"), "is no time"),
        (("age_gate", "--keys", "1", "--busy", "--no-answer"), "exclude each other"),
        (("age_gate", "--press-at", "1"), "'1' is not like 6=7"),
        (("age_gate", "--press-at", "0=7"), "'0=7' is not like 6=7"),
        (("age_gate", "--press-at", "1=x"), "'x' is not a key"),
        (("age_gate", "--keys", "1", "--once"), "--once: "),
        (("age_gate", "--keys", "1", "--var", "a=b"), "--var: "),
        (("reminder", "--outbound", "--keys", "1", "--var", "a"), "is no NAME=VALUE"),
        (("age_gate", "--keys", "1", "--caller", "12"), "has no country code"),
        (("age_gate", "--keys", "1", "--reading", "hangup=never"), "hangup takes merged|separate"),
        (("age_gate", "--keys", "1", "--hostile", "nonsense=1"), "is no NAME=VALUE of: "),
        (("+33199001020", "--keys", "1", "--speed", "2"), "--speed: the simulator has its own"),
        (("+33199001020", "--keys", "1", "--outbound"), "--outbound: use --listen"),
        (("--listen", "+33612345678", "--keys", "1", "--at", OPEN), "--at: who places the call"),
    ],
)
def test_a_command_line_that_means_nothing_says_why(args: tuple[str, ...], why: str) -> None:
    told = phone(*args)
    assert told.exit_code == Exit.USAGE
    assert why in " ".join(told.stderr.split())
    assert told.stdout == ""
    assert "secret-word" not in told.stderr


def test_a_number_needs_a_simulator_on_this_machine() -> None:
    told = phone("+33199001020", "--keys", "1", env={"CALLR_LOGIN": "a", "CALLR_PASSWORD": "b"})
    assert told.exit_code == Exit.SETTINGS
    neither = "Neither CALLR_API_URL (api.callr.com) nor STRINGEE_API_URL (api.stringee.com) is"
    assert f"{neither} a simulator" in told.stderr
    local = {"CALLR_API_URL": "http://127.0.0.1:1/json-rpc/v1.1/"}
    assert "CALLR_LOGIN=..." in phone("+33199001020", "--keys", "1", env=local).stderr
    gone = phone(
        "+33199001020", "--keys", "1", env={**local, "CALLR_LOGIN": "a", "CALLR_PASSWORD": "b"}
    )
    assert gone.exit_code == Exit.REFUSED
    assert "offhook simulator" in gone.stderr


@pytest.mark.parametrize(
    ("status", "content_type", "body", "reason"),
    [
        (500, "text/html", b"<h1>Oops</h1>", "HTTP 500, expected 200: "),
        (200, "text/html", b"<h1>Welcome</h1>", "not JSON: "),
        (200, "application/json", b"", "not JSON: the body is empty"),
        (200, "application/json", b'{"command": "play"}', "no 'command_id'"),
        (302, "text/html", b"", "HTTP 302, expected 200"),
    ],
)
def test_a_server_that_fails_the_call_is_told_loudly(
    status: int, content_type: str, body: bytes, reason: str
) -> None:
    with webhook(body, b"", status=status, content_type=content_type) as server:
        told = phone(server.url, "--keys", "1")
    assert told.exit_code == Exit.CALL_FAILED
    assert f"FAULT    {reason}" in told.stdout or reason in told.stdout
    assert "Error: The server failed the call: " in told.stderr
    assert reason in told.stderr


def test_a_late_server_and_one_that_is_not_there_are_told_too() -> None:
    with webhook(late=True) as server:
        told = phone(server.url, "--keys", "1", "--reading", "reply_within_s=0.2")
    assert told.exit_code == Exit.CALL_FAILED
    assert "The server failed the call: late: no reply within 0.2 s." in told.stderr
    gone = phone(server.url, "--keys", "1")
    assert gone.exit_code == Exit.CALL_FAILED
    assert "unreachable: cannot connect to 127.0.0.1" in gone.stderr
    assert "Is the server running there?" in gone.stderr


def test_what_a_server_says_is_shown_and_does_nothing() -> None:
    with webhook(say("\x1b[2J\u202eevil [bold]")) as server:
        told = phone(server.url, "--keys", "1")
    assert "“\\x1b[2J\\u202eevil [bold]”" in told.stdout
    with webhook(b"no\nError: all is well\x1b[31m", status=500) as server:
        told = phone(server.url, "--keys", "1")
    assert [line for line in told.stderr.splitlines() if line.startswith("Error: all")] == []
    assert "\x1b" not in told.stdout + told.stderr


def test_a_real_server_is_rung_with_the_credentials_of_the_settings(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        url = f"{server.url}/callr/age_gate"
        env = {"CALLR_WEBHOOK_LOGIN": server.login, "CALLR_WEBHOOK_PASSWORD": server.password}
        told = phone(url, "--keys", "22", "--at", OPEN, env=env)
        outbound = phone(f"{server.url}/callr/reminder", "--outbound", "--keys", "1;2", env=env)
        refused = phone(url, "--keys", "22", env={**env, "CALLR_WEBHOOK_PASSWORD": "not-that-one"})
        without = phone(url, "--keys", "22")
        sorry = phone(f"{server.url}/callr/not_there", "--keys", "", env=env)
    assert told.exit_code == Exit.OK
    assert "The call begins Monday 2026-12-28 10:00 UTC (10:00 UTC)." in told.stderr
    assert "“You are 22 years old.”" in told.stdout
    assert "“Thank you. We will call you back.”" in outbound.stdout
    for wrong in (refused, without):
        assert wrong.exit_code == Exit.CALL_FAILED
        assert "HTTP 401" in wrong.stderr
        assert "Check CALLR_WEBHOOK_LOGIN and CALLR_WEBHOOK_PASSWORD." in wrong.stderr
    assert sorry.exit_code == Exit.CALL_FAILED
    assert "something went wrong on our side" in sorry.stdout
    assert "it apologised to the caller, as it does where a flow cannot go on" in sorry.stderr
    assert server.password not in told.output + refused.output


def test_credentials_are_not_sent_to_a_foreign_origin() -> None:
    told = phone("https://line.example.net/callr/x", "--keys", "1", env=WEBHOOK)
    assert told.exit_code == Exit.SETTINGS
    assert "they are not sent to https://line.example.net." in told.stderr
    assert "Set PUBLIC_URL=https://line.example.net." in told.stderr
    assert PASSWORD not in told.output


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://line.example.com/callr/x", True),
        ("https://LINE.example.com:443/callr/x", True),
        ("http://127.0.0.1:8000/callr/x", True),
        ("http://[::1]:8000/callr/x", True),
        ("http://localhost/callr/x", True),
        ("http://line.example.com/callr/x", False),
        ("https://line.example.com:8443/callr/x", False),
        ("https://line.example.com.evil.net/callr/x", False),
        ("https://127.0.0.1.evil.net/callr/x", False),
    ],
)
def test_credentials_go_to_this_machine_and_the_public_origin_alone(
    url: str, *, sent: bool
) -> None:
    settings = Settings(
        public_url="https://line.example.com",
        callr_webhook_login=LOGIN,
        callr_webhook_password=PASSWORD,
    )
    if sent:
        assert webhook_of(settings, url).password == PASSWORD
    else:
        with pytest.raises(SettingsError):
            webhook_of(settings, url)


def test_without_credentials_any_server_may_be_rung_and_gets_none() -> None:
    assert webhook_of(Settings(), "https://line.example.net/callr/x").login == ""
    with webhook() as server:
        assert phone(server.url, "--keys", "1").exit_code == Exit.OK
        assert phone(server.url, "--keys", "1", env=WEBHOOK).exit_code == Exit.OK
    assert ["Authorization" in headers for headers in server.headers] == [False, False, True, True]
