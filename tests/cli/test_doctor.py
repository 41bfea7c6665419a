"""``offhook doctor`` against a real server and a simulated platform, each broken in turn."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from answering_server import Answer, AnsweringServer, Hangup
from click.testing import CliRunner
from command_line import CommandLine, process
from proxy import Proxy
from self_signed import self_signed
from serving import LOGIN, PASSWORD, SECRET_KEY, Server, serving
from sqlalchemy import text

from app.callr.api import connect
from app.callr.questions import QUESTIONS
from app.cli.doctoring.account import caller_id_checks, clock_checks, closing_check
from app.cli.doctoring.checks import Check, Level
from app.cli.doctoring.heard import heard_checks
from app.cli.doctoring.local import database_checks, env_file_checks
from app.cli.doctoring.reaching import Reached, time_checks
from app.cli.exits import Exit
from app.cli.main import offhook
from app.cli.shell import Shell
from app.journal import History, upgrade
from app.journal.database import Database
from app.probe import Proof
from app.settings import Settings
from app.simulator import Account, Simulator

ACCOUNT = "a-password-of-callr"
PARIS = "+33199001020"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    account = Account(login="acme", password=ACCOUNT, more_clis=("+33155667788",))
    with Simulator(account) as running:
        yield running


@pytest.fixture
def run(server: Server, simulator: Simulator) -> CommandLine:
    line = CommandLine(
        {
            "OFFHOOK_ENV": "development",
            "SECRET_KEY": SECRET_KEY,
            "CALLR_API_URL": simulator.api_url,
            "CALLR_LOGIN": "acme",
            "CALLR_PASSWORD": ACCOUNT,
            "CALLR_WEBHOOK_LOGIN": LOGIN,
            "CALLR_WEBHOOK_PASSWORD": PASSWORD,
            "PUBLIC_URL": server.url,
            "DATABASE_URL": server.database_url,
            "CALLER_ID": PARIS,
            "FALLBACK_NUMBER": "+33155667788",
            "OFFHOOK_VOICES": "callr/vi-VN=TTS_FR-FR_AUDREY",
        }
    )
    assert line("numbers", "point", PARIS, "reception", "--yes").exit_code == Exit.OK
    return line


def findings(run: CommandLine, **env: str) -> tuple[int, list[dict[str, Any]]]:
    ran = CommandLine({**run.environ, **env})("doctor", "--json")
    told = json.loads(ran.stdout)
    assert told["exit"] == ran.exit_code
    for one in told["findings"]:
        assert one["mend"] or one["level"] in {"ok", "note"}, one
        assert (one["exit"] != 0) == (one["level"] == "error"), one
    for secret in (ACCOUNT, PASSWORD, SECRET_KEY):
        assert secret not in ran.output
    return ran.exit_code, told["findings"]


def bad(found: list[dict[str, Any]]) -> list[str]:
    """What is wrong, but for the platform's closing, which always is."""
    wrong = [one for one in found if one["level"] in {"warning", "error"}]
    return [f"{one['about']}: {one['message']}" for one in wrong if one["about"] != "closing"]


def test_a_line_that_is_right_has_no_errors(run: CommandLine) -> None:
    told = run("doctor")
    assert told.exit_code == Exit.OK, told.output
    assert "No errors." in told.stderr
    lines = told.stdout.splitlines()
    for sure in (
        "ok       settings: what a server needs in development is there.",
        "ok       database: SQLite answers; its schema is of this release.",
        "ok       public URL: its journal is that of DATABASE_URL here.",
        "ok       CALLR: the credentials are taken.",
        "ok       clock: this machine and the server and CALLR agree.",
        f"ok       CALLER_ID: {PARIS} is a number of the account.",
    ):
        assert sure in lines
    assert bad(findings(run)[1]) == []


def test_flows_that_the_server_has_not_read_are_told(
    run: CommandLine, server: Server, tmp_path: Path
) -> None:
    """They were written after it was started, and a number leads to one perhaps."""
    for name in ("surgery", "night_line"):
        (tmp_path / f"{name}.py").write_text(
            "from app.callflow import Flow, hang_up\n"
            f'FLOW = Flow("{name}", start="end", steps={{"end": hang_up("Goodbye.")}})\n'
        )
    code, found = findings(run, OFFHOOK_FLOWS=str(tmp_path))
    host = server.url.removeprefix("http://")
    assert bad(found) == [f"public URL: the server at {host} has not read: night_line, surgery."]
    pointing = CommandLine({**run.environ, "OFFHOOK_FLOWS": str(tmp_path)})
    told = pointing("numbers", "point", PARIS, "surgery", "--yes")
    assert told.exit_code == Exit.OK, told.output
    assert f"the server at {host} has not read: surgery. Deploy, or start it" in told.stderr
    told = pointing("numbers", "point", PARIS, "reception", "--yes")
    assert "has not read" not in told.stderr
    assert code == Exit.OK


def test_flows_without_a_way_out_are_noted_where_nobody_is_rung_instead(run: CommandLine) -> None:
    def noted(**env: str) -> list[str]:
        found = findings(run, **env)[1]
        return [one["message"] for one in found if "fallback=" in one["message"]]

    told = "without `fallback=`, and without FALLBACK_NUMBER: age_gate, reception."
    assert noted(FALLBACK_NUMBER="") == [told]
    assert noted() == []


def test_the_help_tells_each_exit_code_as_it_is(run: CommandLine) -> None:
    told = run("doctor", "--help").stdout
    for code, what in (
        (Exit.FLOW, "a call flow"),
        (Exit.REFUSED, "a platform refuses"),
        (Exit.UNKNOWN, "a platform gives no clear answer"),
        (Exit.JOURNAL, "the database"),
        (Exit.UNREACHABLE, "PUBLIC_URL does not reach"),
        (Exit.SETTINGS, "settings, clock"),
    ):
        assert f"{code.value:>2}  {what}" in told


def test_a_probe_leaves_no_trace(run: CommandLine, server: Server) -> None:
    before, log = len(History(server.database_url).calls()), server.log()
    findings(run)
    assert len(History(server.database_url).calls()) == before
    assert server.log() == log


def test_the_public_url_that_is_another_offhook_is_told(run: CommandLine) -> None:
    code, found = findings(run, SECRET_KEY="another-secret-key-that-is-long-enough")
    assert code == Exit.UNREACHABLE
    assert any("takes the credentials, but has another SECRET_KEY" in one for one in bad(found))


def test_a_server_that_has_none_of_these_settings_is_told(run: CommandLine) -> None:
    code, found = findings(
        run,
        SECRET_KEY="another-secret-key-that-is-long-enough",
        CALLR_WEBHOOK_PASSWORD="another-word",
    )
    assert code == Exit.UNREACHABLE
    assert any("with another SECRET_KEY and other CALLR_WEBHOOK_*" in one for one in bad(found))


def test_a_server_that_refuses_the_webhook_password_is_told(run: CommandLine) -> None:
    code, found = findings(run, CALLR_WEBHOOK_PASSWORD="another-word")
    assert code == Exit.UNREACHABLE
    assert any(
        "refuses CALLR_WEBHOOK_LOGIN and CALLR_WEBHOOK_PASSWORD" in one for one in bad(found)
    )
    assert any("has another login or password than the settings" in one for one in bad(found))


def test_a_proxy_that_eats_the_authorization_header_is_told(
    run: CommandLine, server: Server
) -> None:
    with Proxy(server.url, eats={"authorization"}) as proxy:
        code, found = findings(run, PUBLIC_URL=proxy.url)
    assert code == Exit.UNREACHABLE
    assert any("a proxy eats it" in one for one in bad(found))


def test_a_host_that_sleeps_is_told_as_silence_for_the_first_caller(
    run: CommandLine, server: Server
) -> None:
    with Proxy(server.url, asleep_s=1.6) as proxy:
        code, found = findings(run, PUBLIC_URL=proxy.url)
    assert code == Exit.OK
    assert any("A host that sleeps costs the first caller so much." in one for one in bad(found))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(b"<html>\x1b[2JParked</html>"), "is no Offhook: no JSON (HTTP 200)"),
        (Answer(b'{"a": 1}', status=404), "is no Offhook: JSON of something else (HTTP 404)"),
        (Answer(b'{"probe": "1.ab.x"}'), "is no Offhook: JSON of something else (HTTP 200)"),
        (
            Answer(b"", status=301, headers={"Location": "https://www.example.com/callr/x"}),
            "redirects to https://www.example.com (HTTP 301)",
        ),
    ],
)
def test_what_answers_but_is_no_offhook_is_told(
    run: CommandLine, answer: Answer, said: str
) -> None:
    with AnsweringServer(answer) as other:
        code, found = findings(run, PUBLIC_URL=other.url.removesuffix("/json-rpc/v1.1/"))
    assert code == Exit.UNREACHABLE
    assert any(said in one for one in bad(found))


def test_an_address_where_nobody_is_is_told(run: CommandLine) -> None:
    with AnsweringServer(Answer(b"")) as gone:
        url = gone.url.removesuffix("/json-rpc/v1.1/")
    code, found = findings(run, PUBLIC_URL=url)
    assert code == Exit.UNREACHABLE
    assert any("takes no connections" in one for one in bad(found))


def test_names_that_are_no_settings_are_told_with_those_that_may_be_meant(
    run: CommandLine,
) -> None:
    told = findings(run, OFFHOOK_FLOW="./mine", CALLR_PASWORD="x", STRINGEE_WHATEVER="y")[1]
    wrong = {one["message"]: one["mend"] for one in told if "is no setting" in one["message"]}
    assert wrong == {
        "OFFHOOK_FLOW is no setting.": "Is OFFHOOK_FLOWS meant?",
        "CALLR_PASWORD is no setting.": "Is CALLR_PASSWORD meant?",
        "STRINGEE_WHATEVER is no setting.": "docs/settings.md has those there are.",
    }


def test_a_folder_that_no_journal_can_be_made_in_is_told(run: CommandLine, tmp_path: Path) -> None:
    def database(file: Path) -> list[str]:
        found = findings(run, DATABASE_URL=f"sqlite:///{file}")[1]
        return [f"{one['level']}: {one['message']}" for one in found if one["about"] == "database"]

    gone = tmp_path / "gone"
    assert database(gone / "x.sqlite3") == [
        f"error: its folder {gone} is not there, and no journal can be kept in it."
    ]
    file = tmp_path / "x.sqlite3"
    told = f"note: there is no journal yet; a server makes {file} when it starts."
    assert database(file)[0] == told


def test_without_a_file_of_settings_doctor_says_where_it_looked(tmp_path: Path) -> None:
    shell = Shell(environ={}, env_file=tmp_path / ".env", folder=tmp_path)
    told = CliRunner().invoke(offhook, ["doctor"], obj=shell)
    assert f"it is not there ({tmp_path}/.env): settings are those of the environment." in (
        told.stdout
    )
    (tmp_path / ".env").write_text("OFFHOOK_FLOW=./mine\n")
    told = CliRunner().invoke(offhook, ["doctor"], obj=shell)
    assert "it is not there" not in told.stdout
    assert "OFFHOOK_FLOW is no setting." in told.stdout


def test_that_nothing_answers_is_told_once_for_both_platforms(run: CommandLine) -> None:
    gone = {"PUBLIC_URL": "http://127.0.0.1:1", "STRINGEE_SIGNING_KEY": "22512=a-signing-key"}
    code, found = findings(run, **gone)
    assert code == Exit.UNREACHABLE
    (told,) = (one for one in bad(found) if "127.0.0.1:1 " in one)
    assert told == "public URL: 127.0.0.1:1 takes no connections, or broke off."


def test_a_certificate_that_is_not_to_be_trusted_is_told(run: CommandLine, tmp_path: Path) -> None:
    with AnsweringServer(Answer(b"{}"), tls=self_signed(tmp_path)) as other:
        url = other.url.removesuffix("/json-rpc/v1.1/")
        code, found = findings(run, PUBLIC_URL=url)
    assert code == Exit.UNREACHABLE
    assert any("the certificate of 127.0.0.1" in one for one in bad(found))


def test_a_server_that_breaks_off_is_told(run: CommandLine) -> None:
    with AnsweringServer(Hangup()) as other:
        url = other.url.removesuffix("/json-rpc/v1.1/")
        code, found = findings(run, PUBLIC_URL=url)
    assert code == Exit.UNREACHABLE
    assert any("takes no connections, or broke off" in one for one in bad(found))


@pytest.mark.parametrize(
    ("first_ms", "again_ms", "level", "sleeps"),
    [
        (40.0, 30.0, Level.OK, False),
        (1600.0, 1500.0, Level.WARNING, False),
        (4900.0, 30.0, Level.WARNING, True),
        (9000.0, 30.0, Level.ERROR, True),
        (9000.0, 8900.0, Level.ERROR, False),
    ],
)
def test_an_answer_that_comes_late_is_told_and_whether_the_host_slept(
    first_ms: float, again_ms: float, level: Level, *, sleeps: bool
) -> None:
    proof = Proof(refused="", knows_flow=True, journal="j", now=0.0)
    first, again = (
        Reached(status=200, told={}, location="", proof=proof, took_ms=took, ahead_s=0.0)
        for took in (first_ms, again_ms)
    )
    (check,) = time_checks(first, again)
    assert check.level is level
    assert ("A host that sleeps" in check.message) is sleeps


def test_an_address_that_dns_does_not_know_is_told(run: CommandLine) -> None:
    code, found = findings(run, PUBLIC_URL="https://offhook.invalid")
    assert code == Exit.UNREACHABLE
    assert any("offhook.invalid" in one for one in bad(found))


def test_a_journal_that_is_not_the_servers_is_told(run: CommandLine, tmp_path: Path) -> None:
    other = f"sqlite:///{tmp_path / 'other.sqlite3'}"
    upgrade(other)
    code, found = findings(run, DATABASE_URL=other)
    assert code == Exit.OK
    assert any("keeps another journal than DATABASE_URL here" in one for one in bad(found))


def test_settings_that_are_missing_are_told_with_their_lines(run: CommandLine) -> None:
    code, found = findings(run, OFFHOOK_ENV="production", PUBLIC_URL="")
    assert code == Exit.SETTINGS
    assert any("PUBLIC_URL=..." in one and "API_TOKEN=..." in one for one in bad(found))


def test_settings_that_cannot_be_read_are_the_only_finding(run: CommandLine) -> None:
    code, found = findings(run, COUNTRY="France")
    assert code == Exit.SETTINGS
    (one,) = bad(found)
    assert "COUNTRY: 'France' is not like FR" in one


@pytest.mark.parametrize(
    "broken",
    [b"CALLR_LOGIN=acme\nthis is no line\n", b"\xff\xfe\x00nonsense", b"SECRET_KEY='open\n"],
)
def test_a_broken_env_file_is_told_with_the_line_and_no_secret(
    broken: bytes, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_bytes(broken)
    (tmp_path / ".env").chmod(0o600)
    ran = process("doctor", cwd=tmp_path)
    assert ran.returncode == Exit.SETTINGS, ran.stderr
    assert ".env" in ran.stdout
    assert "cannot be read" in ran.stdout
    assert ran.stderr == ""
    assert "'open" not in ran.stdout


def test_an_env_file_that_others_can_read_is_told(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("SECRET_KEY=x\n")
    file.chmod(0o644)
    (check,) = env_file_checks(file)
    assert (check.level, check.mend) == (Level.WARNING, f"chmod 600 {file}")
    file.chmod(0o600)
    (check,) = env_file_checks(file)
    assert check.level is Level.OK
    (check,) = env_file_checks(tmp_path / "none")
    assert check.level is Level.NOTE
    assert list(env_file_checks(None)) == []


def test_a_flow_that_is_wrong_is_told(run: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("import nonsense_that_is_not_there\n")
    code, found = findings(run, OFFHOOK_FLOWS=str(tmp_path))
    assert code == Exit.FLOW
    assert any("nonsense_that_is_not_there" in one for one in bad(found))


def test_wrong_credentials_of_callr_are_told(run: CommandLine) -> None:
    code, found = findings(run, CALLR_PASSWORD="another-word")
    assert code == Exit.REFUSED
    assert any(one["mend"].startswith("Look at CALLR_LOGIN") for one in found)


def test_no_network_to_callr_is_told(run: CommandLine) -> None:
    code, found = findings(run, CALLR_API_URL="http://127.0.0.1:1/")
    assert code == Exit.REFUSED
    assert any("takes no connections" in one for one in bad(found))


def test_no_credentials_of_callr_are_told(run: CommandLine) -> None:
    code, found = findings(run, CALLR_LOGIN="")
    assert code == Exit.SETTINGS
    assert any("CALLR_LOGIN=..." in one for one in bad(found))


def test_the_password_of_before_is_a_warning_while_both_are_accepted(
    run: CommandLine, simulator: Simulator
) -> None:
    (app,) = simulator.platform.store.apps()
    simulator.platform.store.edit_app(app, None, {**app.p, "password": "the-word-before"})
    code, found = findings(run, CALLR_WEBHOOK_PASSWORD_OLD="the-word-before")
    assert code == Exit.OK
    assert any("still has the password of before" in one for one in bad(found))


def test_a_password_that_callr_does_not_tell_is_no_error(
    run: CommandLine, simulator: Simulator
) -> None:
    (app,) = simulator.platform.store.apps()
    simulator.platform.store.edit_app(app, None, {**app.p, "password": "********"})
    code, found = findings(run)
    assert code == Exit.OK
    assert any("CALLR does not tell its password" in one["message"] for one in found)


def test_a_voice_app_of_a_flow_that_is_gone_is_told(run: CommandLine, simulator: Simulator) -> None:
    (app,) = simulator.platform.store.apps()
    url = app.p["url"].replace("reception", "gone")
    simulator.platform.store.edit_app(app, None, {**app.p, "url": url})
    code, found = findings(run)
    assert code == Exit.SETTINGS
    assert any("posts to flow 'gone', which is not here" in one for one in bad(found))


def test_a_line_that_no_voice_app_posts_to_is_told(run: CommandLine, simulator: Simulator) -> None:
    (app,) = simulator.platform.store.apps()
    simulator.platform.store.delete_app(app)
    code, found = findings(run)
    assert code == Exit.OK
    assert any("so nobody can call" in one for one in bad(found))


def test_a_voice_that_the_account_has_not_is_told(run: CommandLine) -> None:
    code, found = findings(run, OFFHOOK_VOICES="callr/en-GB=TTS_EN-GB_NOBODY")
    assert code == Exit.SETTINGS
    assert any("the account has no TTS_EN-GB_NOBODY (en-GB)" in one for one in bad(found))


@pytest.mark.parametrize(
    ("caller_id", "level"),
    [
        ("", Level.NOTE),
        (PARIS, Level.OK),
        ("+33155667788", Level.OK),
        ("+33123456789", Level.ERROR),
    ],
)
def test_the_caller_id_must_be_ours_or_authorised(
    simulator: Simulator, caller_id: str, level: Level
) -> None:
    settings = Settings(
        callr_api_url=simulator.api_url,
        callr_login="acme",
        callr_password=ACCOUNT,
        caller_id=caller_id,
    )
    with connect(settings) as api:
        (check,) = caller_id_checks(api, api.dids(), settings)
    assert check.level is level


@pytest.mark.parametrize(
    ("here", "server", "levels"),
    [
        (3.0, -3.0, [Level.OK]),
        (90.0, 0.0, [Level.WARNING, Level.WARNING]),
        (7200.0, -7200.0, [Level.ERROR]),
        (0.0, -10800.0, [Level.ERROR]),
        (0.0, None, [Level.OK]),
    ],
)
def test_clocks_that_are_wrong_by_hours_are_errors(
    here: float, server: float | None, levels: list[Level]
) -> None:
    assert [check.level for check in clock_checks(here, server)] == levels


def test_a_platform_whose_clock_is_hours_away_shows_that_ours_is_wrong(
    run: CommandLine, simulator: Simulator
) -> None:
    simulator.platform.now = lambda: datetime.now(UTC) - timedelta(hours=2)
    code, found = findings(run)
    assert code == Exit.SETTINGS
    assert "clock: the clock of this machine is 2.0 h ahead of CALLR's." in bad(found)


@pytest.mark.parametrize(
    ("on", "level"), [(date(2026, 11, 22), Level.WARNING), (date(2027, 7, 1), Level.ERROR)]
)
def test_the_platform_closing_is_told(on: date, level: Level) -> None:
    check = closing_check(on)
    assert check.level is level
    assert "30 June 2027" in check.message


def set_schema(url: str, version: str) -> None:
    """Say that a database has this release's tables, by another migration."""
    with Database(url, patience_s=5).connect() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})


def statuses(checks: Iterator[Check]) -> list[tuple[str, Level]]:
    return [(check.about, check.level) for check in checks]


def test_a_database_of_a_newer_release_is_a_warning(database_url: str) -> None:
    upgrade(database_url)
    set_schema(database_url, "9999")
    (check,) = database_checks(Settings(database_url=database_url))
    assert check.level is Level.WARNING
    assert "a later release has upgraded its schema" in check.message


def test_a_database_of_an_older_release_is_told(database_url: str) -> None:
    upgrade(database_url)
    set_schema(database_url, "0001")
    (check,) = database_checks(Settings(database_url=database_url))
    assert check.level is (Level.WARNING if "sqlite" in database_url else Level.ERROR)
    assert check.mend == "Run `offhook journal upgrade`."


def test_a_database_without_a_journal_is_told(database_url: str) -> None:
    (check,) = database_checks(Settings(database_url=database_url))
    assert check.level is (Level.NOTE if "sqlite" in database_url else Level.ERROR)


def test_a_database_that_is_none_is_told(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear journal, this is no database. " * 100)
    (check,) = database_checks(Settings(database_url=f"sqlite:///{file}"))
    assert (check.level, check.exit) == (Level.ERROR, Exit.JOURNAL)


@pytest.mark.parametrize(("free", "level"), [(5_000_000, Level.ERROR), (50_000_000, Level.WARNING)])
def test_a_disk_that_is_full_is_told(sqlite_url: str, free: int, level: Level) -> None:
    upgrade(sqlite_url)
    settings = Settings(database_url=sqlite_url)
    assert statuses(database_checks(settings, lambda _: free))[-1] == ("disk", level)


HEARD_AT = "2026-11-27T17:00:00+00:00"


def verified(platform: str = "api.callr.com", **answers: str) -> str:
    """What ``offhook callr verify`` would have written."""
    facts = {
        name: {"answer": answer, "saw": "a report", "heard_at": HEARD_AT}
        for name, answer in answers.items()
    }
    return json.dumps({"format": 1, "platform": platform, "facts": facts})


@pytest.mark.parametrize(
    ("written", "level", "said"),
    [
        (None, Level.NOTE, "as documented, not yet as heard"),
        (verified(), Level.NOTE, "nothing is settled"),
        (verified(read_nothing="TIMEOUT"), Level.NOTE, "on 2026-11-27 17:00 UTC: 1 of 9 questions"),
        (
            verified("simulator", read_nothing="TIMEOUT"),
            Level.WARNING,
            "heard of simulator, not of",
        ),
        ("[]", Level.WARNING, "is ignored"),
        ("nonsense", Level.WARNING, "it is no JSON"),
    ],
)
def test_whether_the_platform_was_heard_or_only_read_of_is_told(
    tmp_path: Path, written: str | None, level: Level, said: str
) -> None:
    if written is not None:
        (tmp_path / "callr-verified.json").write_text(written)
    (check,) = heard_checks(tmp_path, Settings())
    assert check.level is level
    assert said in check.message
    assert "offhook callr verify" in check.mend


def test_what_was_heard_other_than_assumed_is_told_with_what_follows(tmp_path: Path) -> None:
    answers = {name: question.assumed[0] for name, question in QUESTIONS.items()}
    (tmp_path / "callr-verified.json").write_text(verified(**answers))
    (settled,) = heard_checks(tmp_path, Settings())
    assert (settled.level, settled.mend) == (Level.OK, "")
    answers |= {"wait_key": "wait", "record_tone": "no"}
    (tmp_path / "callr-verified.json").write_text(verified(**answers))
    settled, tone, wait = heard_checks(tmp_path, Settings())
    assert settled.level is Level.OK
    assert tone.message == "other than assumed: Does the caller hear a tone before `record`? no."
    assert "after the tone" in tone.mend
    assert wait.mend == "the step wait sends `wait` from now on."


def test_times_are_told(run: CommandLine) -> None:
    _, found = findings(run)
    (took,) = [one for one in found if "the first answer took" in one["message"]]
    assert took["message"].endswith(" ms; CALLR waits 5000 ms.")
