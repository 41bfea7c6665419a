"""``offhook apps`` and ``offhook numbers`` against the simulated platform, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from answering_server import Answer, AnsweringServer, Hangup, Silence, error, result
from click.testing import CliRunner, Result

from app.cli.exits import Exit
from app.cli.main import offhook
from app.cli.shell import Shell
from app.simulator.account import Account
from app.simulator.server import Simulator

PASSWORD = "a-password-of-callr"
WEBHOOK_PASSWORD = "a-password-of-the-webhook"
PARIS, LONDON = "+33199001020", "+442079460123"


@dataclass
class CommandLine:
    """Runs ``offhook`` with settings that talk to ``url``; ``answers`` is who sits there."""

    url: str
    more: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __call__(
        self, *args: str, answer: bool | None = None, env: dict[str, str] | None = None
    ) -> Result:
        def ask(question: str) -> bool | None:
            self.asked.append(question)
            return answer

        environ = {
            "CALLR_API_URL": self.url,
            "CALLR_LOGIN": "acme",
            "CALLR_PASSWORD": PASSWORD,
            "CALLR_WEBHOOK_LOGIN": "callr",
            "CALLR_WEBHOOK_PASSWORD": WEBHOOK_PASSWORD,
            "PUBLIC_URL": "https://line.example.com",
            "COUNTRY": "FR",
            **self.more,
            **(env or {}),
        }
        shell = Shell(environ=environ, env_file=None, ask=ask)
        ran = CliRunner().invoke(offhook, list(args), obj=shell)
        assert PASSWORD not in ran.output
        assert WEBHOOK_PASSWORD not in ran.output
        assert ran.exception is None or isinstance(ran.exception, SystemExit)
        return ran


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(Account(login="acme", password=PASSWORD)) as running:
        yield running


@pytest.fixture
def run(simulator: Simulator) -> CommandLine:
    return CommandLine(simulator.api_url)


def create(run: CommandLine, name: str = "Reception", flow: str = "reception") -> str:
    made = run("apps", "create", name, "--flow", flow)
    assert made.exit_code == Exit.OK, made.output
    return made.stdout.strip()


def numbers(run: CommandLine) -> dict[str, dict[str, str | None]]:
    listed = run("numbers", "list", "--json")
    return {did["number"]: did for did in json.loads(listed.stdout)}


def test_a_voice_app_is_created_with_the_flow_address_and_the_webhook_credentials(
    run: CommandLine, simulator: Simulator
) -> None:
    app_hash = create(run)
    (made,) = simulator.platform.store.apps()
    assert made.hash == app_hash
    assert made.name == "Reception"
    assert made.p == {
        "url": "https://line.example.com/callr/reception",
        "login": "callr",
        "password": WEBHOOK_PASSWORD,
        "data_format": "JSON",
    }


def test_creating_prints_the_hash_alone_on_stdout_and_says_when_callr_closes(
    run: CommandLine,
) -> None:
    made = run("apps", "create", "Reception", "--flow", "reception")
    assert made.stdout == f"{made.stdout.strip()}\n"
    assert " " not in made.stdout
    assert "30 June 2027" in made.stderr
    assert "REALTIME10" in made.stderr
    assert f"To be called: offhook apps assign-did {made.stdout.strip()} NUMBER" in made.stderr
    assert "To call somebody: offhook call NUMBER --flow reception" in made.stderr


def test_creating_tells_of_voice_apps_that_have_the_address_already(run: CommandLine) -> None:
    first = create(run)
    second = run("apps", "create", "Another", "--flow", "reception")
    assert second.exit_code == Exit.OK
    assert first in second.stderr
    assert "--app" in second.stderr


def test_creating_prints_json_when_asked(run: CommandLine) -> None:
    made = run("apps", "create", "Phòng khám", "--flow", "clinic", "--json")
    told = json.loads(made.stdout)
    assert told["name"] == "Phòng khám"
    assert told["url"] == "https://line.example.com/callr/clinic"
    assert told["numbers"] == []


def test_a_name_with_a_dot_is_warned_of_sent_and_refused_with_the_mend(run: CommandLine) -> None:
    refused = run("apps", "create", "acme.com", "--flow", "reception")
    assert refused.exit_code == Exit.REFUSED
    assert "Warning: 'acme.com' may be refused." in refused.stderr
    assert "PROPERTY_VALUE_ERROR [name]" in refused.stderr
    assert "no dot" in refused.stderr.splitlines()[-1]
    assert refused.stdout == ""


def test_creating_names_all_settings_that_are_missing_at_once(run: CommandLine) -> None:
    empty = {"PUBLIC_URL": "", "CALLR_WEBHOOK_PASSWORD": ""}
    refused = run("apps", "create", "Reception", "--flow", "reception", env=empty)
    assert refused.exit_code == Exit.SETTINGS
    assert "PUBLIC_URL=..." in refused.stderr
    assert "CALLR_WEBHOOK_PASSWORD=..." in refused.stderr
    assert "CALLR_WEBHOOK_LOGIN=..." not in refused.stderr


@pytest.mark.parametrize("flow", ["Reception", "../x", "", "nonsense"])
def test_a_flow_that_is_not_there_is_told_with_those_that_are(run: CommandLine, flow: str) -> None:
    refused = run("apps", "create", "Reception", "--flow", flow)
    assert refused.exit_code == Exit.NOT_FOUND
    assert f"There is no flow '{flow}'. There are: age_gate, " in refused.stderr
    assert run("apps", "list", "--json").stdout == "[]\n"


def test_a_flow_that_is_wrong_is_told_before_anything_is_created(
    run: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text("import nonsense_that_is_not_there\n")
    env = {"OFFHOOK_FLOWS": str(tmp_path)}
    refused = run("apps", "create", "Reception", "--flow", "mine", env=env)
    assert refused.exit_code == Exit.FLOW
    assert "nonsense_that_is_not_there" in refused.stderr
    assert run("apps", "list", "--json").stdout == "[]\n"


def test_a_flow_of_one_own_is_taken(run: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from app.callflow import Flow, hang_up\n"
        "mine = Flow('mine', start='bye', steps={'bye': hang_up('Bye.')})\n"
    )
    env = {"OFFHOOK_FLOWS": str(tmp_path)}
    made = run("apps", "create", "Mine", "--flow", "mine", "--json", env=env)
    assert json.loads(made.stdout)["url"] == "https://line.example.com/callr/mine"


def test_callr_itself_is_not_told_an_address_that_it_cannot_reach(run: CommandLine) -> None:
    env = {"CALLR_API_URL": "https://api.callr.com/", "PUBLIC_URL": "http://127.0.0.1:8000"}
    refused = run("apps", "create", "Reception", "--flow", "reception", env=env)
    assert refused.exit_code == Exit.SETTINGS
    assert "CALLR cannot reach it" in refused.stderr


def test_voice_apps_are_listed_with_their_numbers(run: CommandLine) -> None:
    app_hash = create(run)
    run("apps", "assign-did", app_hash, PARIS, "--yes")
    listed = run("apps", "list")
    assert listed.exit_code == Exit.OK
    heading, row = listed.stdout.splitlines()
    assert heading.split() == ["HASH", "NAME", "KIND", "NUMBERS", "URL"]
    url = "https://line.example.com/callr/reception"
    assert row.split() == [app_hash, "Reception", "REALTIME10", PARIS, url]
    assert listed.stderr == f"CALLR: simulator {run.url.split('/')[2]}\n"
    (told,) = json.loads(run("apps", "list", "--json").stdout)
    assert (told["hash"], told["numbers"]) == (app_hash, [PARIS])


def test_an_empty_list_says_how_to_make_one_on_stderr(run: CommandLine) -> None:
    listed = run("apps", "list")
    assert listed.stdout == ""
    assert "offhook apps create" in listed.stderr
    assert run("apps", "list", "--json").stdout == "[]\n"


def test_the_numbers_are_listed_with_what_they_ring(run: CommandLine) -> None:
    app_hash = create(run)
    run("apps", "assign-did", app_hash, LONDON, "--yes")
    listed = run("numbers", "list").stdout.splitlines()
    assert listed[0].split() == ["NUMBER", "HASH", "KIND", "COUNTRY", "RINGS", "VOICE", "APP"]
    london = next(line for line in listed if line.startswith(LONDON))
    assert london.split()[3:] == ["GB", app_hash, "Reception"]
    told = numbers(run)
    assert (told[LONDON]["app"], told[LONDON]["app_name"]) == (app_hash, "Reception")
    assert told[PARIS]["app"] is None


@pytest.mark.parametrize(
    "written",
    ["01 99 00 10 20", PARIS, "+33 (0)1.99.00.10.20", "0033199001020", "the DID hash"],
)
def test_a_number_is_assigned_however_it_is_written(run: CommandLine, written: str) -> None:
    app_hash = create(run)
    number = str(numbers(run)[PARIS]["hash"]) if written == "the DID hash" else written
    moved = run("apps", "assign-did", "Reception", number, "--yes")
    assert moved.exit_code == Exit.OK
    assert numbers(run)[PARIS]["app"] == app_hash
    assert run.asked == []


def test_assigning_says_what_the_number_does_now_and_asks_before_it_moves_it(
    run: CommandLine,
) -> None:
    first, second = create(run, "First"), create(run, "Second")
    before = run("apps", "assign-did", first, PARIS, answer=True)
    assert f"{PARIS} ({numbers(run)[PARIS]['hash']}) rings nothing now." in before.stderr
    moved = run("apps", "assign-did", second, PARIS, answer=True)
    assert f"rings voice app 'First' ({first}) now." in moved.stderr
    assert run.asked[-1] == f"Let it ring voice app 'Second' ({second})?"
    assert numbers(run)[PARIS]["app"] == second


@pytest.mark.parametrize(("answer", "said"), [(False, "Nothing was done."), (None, "--yes")])
def test_a_number_stays_where_it_is_when_nobody_says_yes(
    run: CommandLine, *, answer: bool | None, said: str
) -> None:
    app_hash = create(run)
    refused = run("apps", "assign-did", app_hash, PARIS, answer=answer)
    assert refused.exit_code == Exit.DECLINED
    assert said in refused.stderr
    assert numbers(run)[PARIS]["app"] is None
    assert len(run.asked) == 1


def test_assigning_a_number_to_what_it_rings_already_changes_nothing(run: CommandLine) -> None:
    app_hash = create(run)
    run("apps", "assign-did", app_hash, PARIS, "--yes")
    again = run("apps", "assign-did", app_hash, PARIS)
    assert again.exit_code == Exit.OK
    assert f"{PARIS} rings voice app 'Reception' ({app_hash}) already." in again.stderr
    assert run.asked == []


def test_a_number_is_taken_off_its_voice_app(run: CommandLine) -> None:
    app_hash = create(run)
    run("apps", "assign-did", app_hash, PARIS, "--yes")
    declined = run("apps", "remove-did", "01 99 00 10 20", answer=False)
    assert declined.exit_code == Exit.DECLINED
    assert f"rings voice app 'Reception' ({app_hash}) now." in declined.stderr
    assert numbers(run)[PARIS]["app"] == app_hash
    assert run("apps", "remove-did", "01 99 00 10 20", answer=True).exit_code == Exit.OK
    assert numbers(run)[PARIS]["app"] is None
    assert "rings nothing already" in run("apps", "remove-did", PARIS).stderr


def test_deleting_says_which_numbers_are_released_and_asks(run: CommandLine) -> None:
    app_hash = create(run)
    run("apps", "assign-did", app_hash, PARIS, "--yes")
    run("apps", "assign-did", app_hash, LONDON, "--yes")
    declined = run("apps", "delete", "Reception", answer=False)
    assert declined.exit_code == Exit.DECLINED
    assert f"{PARIS}, {LONDON} will ring nothing." in declined.stderr
    assert len(json.loads(run("apps", "list", "--json").stdout)) == 1
    assert run("apps", "delete", "Reception", answer=True).exit_code == Exit.OK
    assert json.loads(run("apps", "list", "--json").stdout) == []
    assert numbers(run)[PARIS]["app"] is None


def test_a_name_that_two_voice_apps_have_must_be_told_apart_by_hash(run: CommandLine) -> None:
    first, second = create(run), create(run)
    refused = run("apps", "delete", "Reception", "--yes")
    assert refused.exit_code == Exit.NOT_FOUND
    assert f"Say which by its hash: {first}, {second}." in refused.stderr
    assert run("apps", "delete", second, "--yes").exit_code == Exit.OK


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("apps", "delete", "Nobody"), Exit.NOT_FOUND, "offhook apps list"),
        (("apps", "assign-did", "Nobody", PARIS), Exit.NOT_FOUND, "offhook apps list"),
        (("apps", "remove-did", "NOHASH00"), Exit.NOT_FOUND, "offhook numbers list"),
        (("apps", "remove-did", "+33123456789"), Exit.NOT_FOUND, "offhook numbers list"),
        (("apps", "remove-did", "12"), Exit.USAGE, "read with COUNTRY=FR"),
    ],
)
def test_what_is_not_there_is_told_with_where_to_look(
    run: CommandLine, args: tuple[str, ...], code: Exit, said: str
) -> None:
    refused = run(*args, "--yes")
    assert refused.exit_code == code
    assert said in refused.stderr


def test_a_number_without_plus_needs_the_country(run: CommandLine) -> None:
    create(run)
    args = ("apps", "assign-did", "Reception", "01 99 00 10 20", "--yes")
    refused = run(*args, env={"COUNTRY": ""})
    assert refused.exit_code == Exit.USAGE
    assert "COUNTRY=FR" in refused.stderr


def test_a_wrong_password_is_refused_with_the_settings_to_look_at(run: CommandLine) -> None:
    refused = run("apps", "list", env={"CALLR_PASSWORD": "another-word"})
    assert refused.exit_code == Exit.REFUSED
    assert "CALLR_LOGIN and CALLR_PASSWORD" in refused.stderr
    assert "another-word" not in refused.output


def test_an_api_key_is_enough(run: CommandLine, simulator: Simulator) -> None:
    env = {"CALLR_API_KEY": simulator.account.api_key, "CALLR_LOGIN": "", "CALLR_PASSWORD": ""}
    listed = run("numbers", "list", env=env)
    assert listed.exit_code == Exit.OK
    assert simulator.account.api_key not in listed.output


def test_no_credentials_is_told_with_the_lines_to_add(run: CommandLine) -> None:
    refused = run("apps", "list", env={"CALLR_PASSWORD": ""})
    assert refused.exit_code == Exit.SETTINGS
    assert "CALLR_PASSWORD=..." in refused.stderr
    assert "offhook simulator" in refused.stderr


HTML = b"<html>\x1b[31mLogin to the wifi of the hotel</html>"


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        (Answer(HTML), Exit.UNKNOWN, "a web page instead of JSON"),
        (Answer(b"", status=302, headers={"Location": "https://x.example/"}), 5, "to x.example"),
        (Hangup(), Exit.UNKNOWN, "without an answer"),
        (error(151, "PROPERTY_VALUE_ERROR [app]"), Exit.REFUSED, "(code 151)"),
        (result([{"no": "hash"}]), Exit.UNKNOWN, "something else than expected"),
    ],
)
def test_a_platform_that_misbehaves_ends_in_a_code_and_a_mend(
    answer: Answer | Silence | Hangup, code: int, said: str
) -> None:
    with AnsweringServer(answer) as server:
        refused = CommandLine(server.url)("apps", "list")
    assert refused.exit_code == code
    assert said in refused.stderr
    assert "Traceback" not in refused.output
    assert "\x1b" not in refused.output
    assert refused.stdout == ""


def test_nobody_at_the_address_is_told_as_such() -> None:
    with AnsweringServer(result([])) as server:
        url = server.url
    refused = CommandLine(url)("numbers", "list")
    assert refused.exit_code == Exit.REFUSED
    assert "offhook simulator" in refused.stderr


def test_a_password_that_the_platform_quotes_is_starred() -> None:
    with AnsweringServer(error(401, f"bad password {PASSWORD}", status=401)) as server:
        refused = CommandLine(server.url)("--debug", "apps", "list")
    assert "bad password ***" in refused.stderr
    assert "Traceback" in refused.stderr


HOSTILE = "[bold]\x1b[2J=cmd\nError: fake\u202e"


@pytest.mark.parametrize("args", [("apps", "list"), ("apps", "list", "--json")])
def test_what_somebody_else_chose_can_do_nothing_to_the_terminal(args: tuple[str, ...]) -> None:
    app = {"hash": "A1B2C3D4", "name": HOSTILE, "p": {"url": HOSTILE}}
    with AnsweringServer(result([app])) as server:
        listed = CommandLine(server.url)(*args)
    assert listed.exit_code == Exit.OK
    assert "[bold]" in listed.stdout
    for doing in ("\x1b", "\u202e", "\nError: fake"):
        assert doing not in listed.stdout
    if "--json" in args:
        assert json.loads(listed.stdout)[0]["name"] == HOSTILE


def test_an_error_in_the_platform_words_cannot_fake_a_line_of_ours() -> None:
    with AnsweringServer(error(1, "no\nError: pay here \x1b[1m")) as server:
        refused = CommandLine(server.url)("apps", "list")
    assert "no\\nError: pay here \\x1b[1m" in refused.stderr
    assert len(refused.stderr.splitlines()) == 2


@pytest.mark.parametrize(
    ("env", "whom"),
    [
        ({"CALLR_API_URL": "https://api.callr.com/"}, "CALLR: LIVE, login acme"),
        (
            {"CALLR_API_URL": "https://api.callr.com/", "CALLR_LOGIN_AS": "User.login bob"},
            "CALLR: LIVE, login acme, as User.login bob",
        ),
        (
            {"CALLR_API_URL": "https://callr.example/", "CALLR_API_KEY": "some-api-key"},
            "CALLR: LIVE at callr.example, by API key",
        ),
        ({"CALLR_API_URL": "http://127.0.0.1:8900/x"}, "CALLR: simulator 127.0.0.1:8900"),
        ({"CALLR_API_URL": "http://localhost:8900/x"}, "CALLR: simulator localhost:8900"),
    ],
)
def test_whom_it_talks_to_is_said_first(
    env: dict[str, str], whom: str, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {"CALLR_LOGIN": "acme", "CALLR_PASSWORD": PASSWORD, **env}
    shell = Shell(environ=environ, env_file=None)
    with shell.callr():
        pass
    assert capsys.readouterr() == ("", f"{whom}\n")
    assert shell.live == ("LIVE" in whom)
