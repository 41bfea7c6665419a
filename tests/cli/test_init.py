"""``offhook init``: what it asks, makes, writes, and tells Heroku; and profiles."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from offhook_process import terminal

from app.cli.exits import Exit
from app.cli.main import offhook
from app.cli.setup import env_file
from app.cli.shell import Shell
from app.settings import Settings, read_env_file
from app.simulator import Account, Simulator

PASSWORD = "a-password of 'callr' #1 $x"
ANSWERS = "acme\n{password}\nFR\nEurope/Paris\n01 99 00 10 21\n01 55 66 77 88\n{url}\n"
URL = "https://line.example.com"


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(Account(login="acme", password=PASSWORD)) as running:
        yield running


class Init:
    """Runs it in a folder, with lines typed one after the other."""

    def __init__(self, folder: Path, api_url: str) -> None:
        self.folder = folder
        self.api_url = api_url
        self.asked: list[tuple[str, bool]] = []

    def __call__(
        self,
        *args: str,
        typed: str = "",
        yes: bool | None = None,
        before: tuple[str, ...] = (),
        **env: str,
    ) -> Result:
        lines = iter(typed.splitlines())

        def read(question: str, hidden: bool) -> str | None:  # noqa: FBT001 -- as the shell calls it
            self.asked.append((question, hidden))
            return next(lines, None)

        environ = {"CALLR_API_URL": self.api_url, "PATH": os.environ["PATH"], **env}
        shell = Shell(
            environ=environ,
            env_file=self.folder / ".env",
            folder=self.folder,
            read=read,
            ask=lambda _: yes,
        )
        ran = CliRunner().invoke(offhook, [*before, "init", *args], obj=shell)
        assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
        assert PASSWORD not in ran.output
        return ran

    @property
    def file(self) -> Path:
        return self.folder / ".env"


@pytest.fixture
def init(tmp_path: Path, simulator: Simulator) -> Init:
    return Init(tmp_path, simulator.api_url)


def answers(url: str = URL) -> str:
    return ANSWERS.format(password=PASSWORD, url=url)


def test_the_answers_and_every_secret_are_written_for_the_owner_alone(init: Init) -> None:
    done = init(typed=answers())
    assert done.exit_code == Exit.OK, done.output
    assert stat.S_IMODE(init.file.stat().st_mode) == 0o600
    settings = Settings.load({}, init.file)
    assert (settings.callr_login, settings.callr_password) == ("acme", PASSWORD)
    assert (settings.country, settings.timezone) == ("FR", "Europe/Paris")
    assert (settings.caller_id, settings.fallback_number) == ("+33199001021", "+33155667788")
    assert (settings.public_url, settings.env) == (URL, "production")
    settings.require_for_serving()
    made = {settings.secret_key, settings.callr_webhook_password, settings.api_token}
    assert len(made) == 3
    assert min(map(len, made)) >= 32
    for secret in made:
        assert secret not in done.output
    assert list(init.folder.iterdir()) == [init.file]


def test_only_what_is_secret_is_typed_hidden(init: Init) -> None:
    init(typed=answers())
    assert [hidden for _, hidden in init.asked] == [False, True, *[False] * 5]


def test_the_numbers_of_the_account_are_shown_and_the_first_is_the_default(init: Init) -> None:
    done = init(typed=f"acme\n{PASSWORD}\n\n\n\n\n{URL}\n")
    assert done.exit_code == Exit.OK, done.output
    assert "+33199001020, +33199001021" in done.stderr
    settings = Settings.load({}, init.file)
    assert (settings.caller_id, settings.timezone, settings.country) == ("+33199001020", "UTC", "")


def test_an_api_key_is_enough(init: Init, simulator: Simulator) -> None:
    key = simulator.account.api_key
    done = init(typed=f"\n{key}\nFR\n\n-\n\n{URL}\n")
    assert done.exit_code == Exit.OK, done.output
    settings = Settings.load({}, init.file)
    assert (settings.callr_api_key, settings.callr_login, settings.caller_id) == (key, "", "")


def test_credentials_of_the_environment_are_not_asked_for(init: Init) -> None:
    done = init(typed=f"FR\n\n\n\n{URL}\n", CALLR_LOGIN="acme", CALLR_PASSWORD=PASSWORD)
    assert done.exit_code == Exit.OK, done.output
    assert not any(hidden for _, hidden in init.asked)
    assert Settings.load({}, init.file).callr_password == PASSWORD


def test_credentials_of_before_that_are_refused_are_asked_for_in_a_terminal(
    init: Init, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("app.cli.setup.questions.sys", terminal)
    before = f"CALLR_API_KEY={'k' * 20}\nCALLR_API_URL={init.api_url}\n"
    init.file.write_text(before)
    done = init("--force", typed=answers())
    assert done.exit_code == Exit.OK, done.output
    assert "authentication failed" in done.stderr
    settings = Settings.load({}, init.file)
    assert (settings.callr_password, settings.callr_api_key) == (PASSWORD, "")
    assert settings.callr_api_url == init.api_url


def test_what_the_command_line_says_is_not_asked(init: Init) -> None:
    done = init(
        *("--country", "fr", "--timezone", "Europe/Paris", "--caller-id", "01 99 00 10 20"),
        *("--fallback-number", "-", "--public-url", f"{URL}/"),
        typed=f"acme\n{PASSWORD}\n",
    )
    assert done.exit_code == Exit.OK, done.output
    assert len(init.asked) == 2
    settings = Settings.load({}, init.file)
    assert (settings.country, settings.caller_id) == ("FR", "+33199001020")
    assert (settings.fallback_number, settings.public_url) == ("", URL)


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (f"acme\nwrong\nFR\n\n\n\n{URL}\n", Exit.REFUSED, "CALLR_LOGIN and CALLR_PASSWORD"),
        ("", Exit.SETTINGS, "There are no credentials for CALLR."),
        (f"acme\n{PASSWORD}\nFrance\n", Exit.USAGE, "COUNTRY=France is no country"),
        (f"acme\n{PASSWORD}\nFR\nParis\n", Exit.SETTINGS, "'Paris' is no time zone"),
        (f"acme\n{PASSWORD}\nFR\n../x\n", Exit.SETTINGS, "is no time zone"),
        (f"acme\n{PASSWORD}\nFR\n\n12\n", Exit.USAGE, "'12' is no telephone number"),
        (f"acme\n{PASSWORD}\nFR\n\n\n\nhttp://x.example\n", Exit.SETTINGS, "is not like https://"),
        (f"acme\n{PASSWORD}\nFR\n\n\n\nhttps://x/callr\n", Exit.SETTINGS, "without a path"),
    ],
)
def test_an_answer_that_cannot_be_writes_nothing(
    init: Init, typed: str, code: Exit, said: str
) -> None:
    refused = init(typed=typed)
    assert refused.exit_code == code, refused.output
    assert said in refused.stderr
    assert list(init.folder.iterdir()) == []


def test_a_public_url_is_needed_where_there_is_no_default(init: Init) -> None:
    simulator_less = Init(init.folder, "https://127.0.0.1:1/")
    assert simulator_less(typed=answers()).exit_code == Exit.REFUSED
    done = init(typed=f"acme\n{PASSWORD}\n\n\n\n\n-\n")
    assert done.exit_code == Exit.SETTINGS
    assert "--public-url" in done.stderr


def test_with_a_simulator_the_server_is_this_machine_in_development(init: Init) -> None:
    done = init(typed=f"acme\n{PASSWORD}\nFR\n\n\n\nhttp://127.0.0.1:8123\n")
    assert done.exit_code == Exit.OK, done.output
    settings = Settings.load({}, init.file)
    assert (settings.development, settings.port) == (True, 8123)
    assert settings.callr_api_url == init.api_url


def test_a_file_that_is_there_is_left_alone(init: Init) -> None:
    init.file.write_text("SECRET_KEY=mine\n")
    refused = init(typed=answers())
    assert refused.exit_code == Exit.SETTINGS
    assert "is there already; nothing was done. --force" in refused.stderr
    assert init.file.read_text() == "SECRET_KEY=mine\n"
    assert init.asked == []


def test_with_force_secrets_comments_and_other_lines_stay(init: Init) -> None:
    key = "k" * 40
    init.file.write_text(
        f"# my line\nSECRET_KEY={key}\nMINE=1\nexport COUNTRY=GB\nCALLER_ID=+33199001020\n"
        "DATABASE_URL=sqlite:///x.sqlite3\nCOUNTRY=VN\n"
    )
    init.file.chmod(0o644)
    done = init("--force", typed=f"acme\n{PASSWORD}\nFR\n\n-\n\n{URL}\n")
    assert done.exit_code == Exit.OK, done.output
    lines = init.file.read_text().splitlines()
    assert lines[:6] == [
        "# my line",
        f"SECRET_KEY={key}",
        "MINE=1",
        "COUNTRY=FR",
        "CALLER_ID=",
        "DATABASE_URL=sqlite:///x.sqlite3",
    ]
    assert sum(line.startswith("COUNTRY=") for line in lines) == 1
    assert stat.S_IMODE(init.file.stat().st_mode) == 0o600
    assert "made CALLR_WEBHOOK_PASSWORD, API_TOKEN." in done.stderr


def test_a_broken_file_is_not_written_over(init: Init) -> None:
    init.file.write_text("SECRET_KEY='open\n")
    refused = init("--force", typed=answers())
    assert refused.exit_code == Exit.SETTINGS
    assert "line 1 is not like NAME=value" in refused.stderr
    assert init.file.read_text() == "SECRET_KEY='open\n"


def test_a_folder_that_cannot_be_written_is_told(init: Init, tmp_path: Path) -> None:
    init.folder = tmp_path / "gone"
    refused = init(typed=answers())
    assert refused.exit_code == Exit.SETTINGS
    assert "cannot be written: No such file or directory." in refused.stderr


@pytest.mark.parametrize(("ignored", "warned"), [(".env\n", False), ("", True)])
def test_a_file_that_git_would_take_is_warned_of(init: Init, ignored: str, *, warned: bool) -> None:
    git = ["git", "-C", str(init.folder), "init", "--quiet"]
    subprocess.run(git, check=True)  # noqa: S603 -- our own words
    (init.folder / ".gitignore").write_text(ignored)
    assert ("git does not ignore" in init(typed=answers()).stderr) is warned


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"))))
def test_any_value_is_read_back_as_it_was_written(value: str) -> None:
    text = env_file.written({"A": value, "B": "x"}, "")
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        assert read_env_file(file.name) == {"A": value, "B": "x"}


# -- profiles -------------------------------------------------------------------------------------


def test_a_profile_is_a_file_of_its_own_and_stands_first(init: Init) -> None:
    done = init(typed=answers(), before=("-p", "live"))
    assert done.exit_code == Exit.OK, done.output
    assert done.stderr.splitlines()[0] == f"Profile: live ({init.folder}/.env.live)"
    assert not init.file.exists()
    assert Settings.load({}, init.folder / ".env.live").public_url == URL


def process(
    *args: str, cwd: Path, env: Mapping[str, str], typed: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 -- our own words
        [sys.executable, "-m", "app", *args],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2]), **env},
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_settings_of_a_profile_are_read_instead_of_those_of_env(
    tmp_path: Path, simulator: Simulator
) -> None:
    (tmp_path / ".env").write_text("CALLR_API_URL=http://127.0.0.1:1/\n")
    (tmp_path / ".env.live").write_text(
        f"CALLR_API_URL={simulator.api_url}\nCALLR_API_KEY={simulator.account.api_key}\n"
    )
    ran = process("-p", "live", "numbers", "list", "--json", cwd=tmp_path, env={})
    assert ran.returncode == Exit.OK, ran.stderr
    assert ran.stderr.splitlines()[0] == "Profile: live (.env.live)"
    assert len(json.loads(ran.stdout)) == 5


def test_a_profile_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    (tmp_path / ".env.live").write_text("")
    (tmp_path / ".env.test").write_text("")
    ran = process("-p", "prod", "numbers", "list", cwd=tmp_path, env={})
    assert ran.returncode == Exit.SETTINGS
    assert "There is no .env.prod. There are profiles: live, test." in ran.stderr
    assert "`offhook -p prod init` makes it." in ran.stderr


@pytest.mark.parametrize("name", ["../x", "a b", "x/y", "é"])
def test_a_name_that_is_no_profile_is_a_usage_error(tmp_path: Path, name: str) -> None:
    assert process("-p", name, "numbers", "list", cwd=tmp_path, env={}).returncode == Exit.USAGE


def test_a_server_of_a_profile_takes_nothing_from_env() -> None:
    shell = Shell(environ={"PATH": "/bin", "PORT": "1"}, env_file=None).with_profile("live")
    environ = shell.process_environ
    assert environ["PORT"] == "1"
    assert (environ["SECRET_KEY"], environ["DATABASE_URL"]) == ("", "")
    assert Shell(environ={"PATH": "/bin"}, env_file=None).process_environ == {"PATH": "/bin"}


# -- typed at a terminal, and as lines ------------------------------------------------------------


def test_lines_that_are_no_terminal_are_answers(tmp_path: Path, simulator: Simulator) -> None:
    env = {"CALLR_API_URL": simulator.api_url}
    ran = process("init", cwd=tmp_path, env=env, typed=answers("http://127.0.0.1:8000"))
    assert ran.returncode == Exit.OK, ran.stderr
    assert (ran.stdout, PASSWORD in ran.stderr) == ("", False)
    assert Settings.load({}, tmp_path / ".env").callr_password == PASSWORD


@pytest.mark.parametrize(
    ("country", "zone"),
    [("FR", "Europe/Paris"), ("VN", "Asia/Ho_Chi_Minh"), ("US", "UTC"), ("", "UTC")],
)
def test_the_time_zone_of_a_country_that_has_one_is_offered(
    init: Init, country: str, zone: str
) -> None:
    done = init(typed=f"acme\n{PASSWORD}\n{country}\n\n\n\n{URL}\n")
    assert done.exit_code == Exit.OK, done.output
    assert Settings.load({}, init.file).timezone == zone


def test_at_a_terminal_a_wrong_answer_is_asked_again_and_a_password_is_not_shown(
    tmp_path: Path, simulator: Simulator
) -> None:
    typed = ("acme", "wrong", "acme", PASSWORD, "Fr@nce", "FR", "", "", "", URL)
    wanted = (
        "CALLR login",
        "CALLR password",
        "CALLR login",
        "CALLR password",
        "Country",
        "Country",
        "Time zone",
        "Our number",
        "last resort",
        "Public URL",
    )
    env = {"CALLR_API_URL": simulator.api_url}
    with terminal("init", cwd=tmp_path, env=env) as there:
        for question, answer in zip(wanted, typed, strict=True):
            there.wait_for(question)
            there.type(f"{answer}\n")
        assert there.wait() == Exit.OK, there.text
        text = there.text
    assert PASSWORD not in text
    assert "COUNTRY=Fr@nce is no country" in text
    assert Settings.load({}, tmp_path / ".env").country == "FR"


# -- Heroku ---------------------------------------------------------------------------------------


@pytest.fixture
def heroku(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program of that name, which notes its arguments and repeats the values as Heroku's does."""
    folder = tmp_path_factory.mktemp("bin")
    program = folder / "heroku"
    program.write_text(
        f"#!{sys.executable}\n"
        "import json, os, pathlib, sys\n"
        "here = pathlib.Path(__file__).parent\n"
        "(here / 'asked.json').write_text(json.dumps(sys.argv[1:]))\n"
        "print(*sys.argv[1:], sep='\\n')\n"
        "if (here / 'fails').exists():\n"
        "    sys.exit('Couldn\\'t find that app. ' + ' '.join(sys.argv[1:]))\n"
    )
    program.chmod(0o755)
    return folder


def asked_of(heroku: Path) -> tuple[list[str], dict[str, str]]:
    told = json.loads((heroku / "asked.json").read_text())
    return told[:3], dict(pair.split("=", 1) for pair in told[3:])


HEROKU_URL = "https://acme-line.herokuapp.com"


def test_heroku_gets_the_same_as_config_vars_after_their_names_were_shown(
    init: Init, heroku: Path
) -> None:
    done = init("--heroku", "acme-line", typed=answers(HEROKU_URL), yes=True, PATH=str(heroku))
    assert done.exit_code == Exit.OK, done.output
    command, values = asked_of(heroku)
    assert command == ["config:set", "--app", "acme-line"]
    settings = Settings.load(values, None)
    settings.require_for_serving()
    assert (settings.public_url, settings.callr_password) == (HEROKU_URL, PASSWORD)
    for name, value in values.items():
        assert name in done.stderr
        assert len(value) < 20 or value in {HEROKU_URL, init.api_url} or value not in done.output
    assert not init.file.exists()


def test_heroku_gets_the_secrets_that_env_has(init: Init, heroku: Path) -> None:
    init(typed=answers("http://127.0.0.1:8000"))
    local = Settings.load({}, init.file)
    before = init.file.read_text()
    refused = init("--heroku", "acme-line", yes=True, PATH=str(heroku))
    assert refused.exit_code == Exit.SETTINGS
    assert "is this machine, not Heroku's" in refused.stderr
    url = ("--public-url", HEROKU_URL)
    done = init("--heroku", "acme-line", *url, yes=True, PATH=str(heroku))
    assert done.exit_code == Exit.OK, done.output
    _, values = asked_of(heroku)
    assert values["SECRET_KEY"] == local.secret_key
    assert "OFFHOOK_ENV" not in values
    assert "PORT" not in values
    assert init.file.read_text() == before


def test_heroku_is_asked_nothing_without_a_yes(init: Init, heroku: Path) -> None:
    done = init("--heroku", "acme-line", typed=answers(HEROKU_URL), yes=False, PATH=str(heroku))
    assert done.exit_code == Exit.DECLINED
    assert not (heroku / "asked.json").exists()


def test_what_heroku_refuses_is_told_without_a_value(init: Init, heroku: Path) -> None:
    (heroku / "fails").touch()
    done = init("--heroku", "acme-line", typed=answers(HEROKU_URL), yes=True, PATH=str(heroku))
    assert done.exit_code == Exit.REFUSED
    assert "Couldn't find that app." in done.stderr
    _, values = asked_of(heroku)
    for name in ("SECRET_KEY", "CALLR_WEBHOOK_PASSWORD", "API_TOKEN", "CALLR_PASSWORD"):
        assert values[name] not in done.output


@pytest.mark.parametrize("app", ["Acme", "a", "x;rm", "--remote"])
def test_what_is_no_name_of_an_app_reaches_no_heroku(init: Init, heroku: Path, app: str) -> None:
    refused = init(f"--heroku={app}", typed=answers(HEROKU_URL), PATH=str(heroku))
    assert refused.exit_code == Exit.SETTINGS
    assert "is no name of a Heroku app" in refused.stderr
    assert not (heroku / "asked.json").exists()


def test_without_its_command_line_heroku_is_told_of_before_anything_is_asked(init: Init) -> None:
    refused = init("--heroku", "acme-line", typed=answers(HEROKU_URL), PATH="/nonexistent")
    assert refused.exit_code == Exit.SETTINGS
    assert "(`heroku`) is not on the PATH" in refused.stderr
    assert init.asked == []
    assert "Install it" in refused.stderr
