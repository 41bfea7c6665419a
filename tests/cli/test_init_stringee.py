"""``offhook init --platform stringee``: what it asks, tries and writes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from app.cli.exits import Exit
from app.cli.main import offhook
from app.cli.shell import Shell
from app.settings import Settings, read_env_file
from app.simulator import Account, Simulator
from app.simulator.stringee.account import StringeeAccount

THEIRS = StringeeAccount.made_of("tests")
PASSWORD = "a-password-of-callr"
URL = "https://line.example.com"
REST = "VN\n\n\n\n{url}\n"


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    account = Account(login="acme", password=PASSWORD)
    with Simulator(account, stringee_account=THEIRS) as running:
        yield running


class Init:
    """Runs it in a folder, with lines typed one after the other; ``asked`` holds the questions."""

    def __init__(self, folder: Path, simulator: Simulator) -> None:
        self.file = folder / ".env"
        self.simulator = simulator
        self.asked: list[tuple[str, bool]] = []

    def __call__(self, *args: str, typed: str, **env: str) -> Result:
        lines = iter(typed.splitlines())

        def read(question: str, hidden: bool) -> str | None:  # noqa: FBT001 -- as the shell calls it
            self.asked.append((question, hidden))
            return next(lines, None)

        environ = {
            "CALLR_API_URL": self.simulator.api_url,
            "STRINGEE_API_URL": self.simulator.url,
            "PATH": os.environ["PATH"],
            **env,
        }
        shell = Shell(environ=environ, env_file=self.file, folder=self.file.parent, read=read)
        ran = CliRunner().invoke(offhook, ["init", *args], obj=shell)
        assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
        for secret in (THEIRS.key_secret, THEIRS.account_key, THEIRS.signing_key, PASSWORD):
            assert secret not in ran.output
        return ran


@pytest.fixture
def init(tmp_path: Path, simulator: Simulator) -> Init:
    return Init(tmp_path, simulator)


def keys(*, account: bool = True) -> str:
    typed = f"{THEIRS.key_sid}\n{THEIRS.key_secret}\n{THEIRS.signing_key}\n"
    return typed + (f"{THEIRS.account_sid}\n{THEIRS.account_key}\n" if account else "\n")


def test_stringee_s_keys_are_asked_for_tried_and_written(init: Init) -> None:
    done = init("--platform", "stringee", typed=keys() + REST.format(url=URL))
    assert done.exit_code == Exit.OK, done.output
    written = read_env_file(init.file)
    settings = Settings.load(written, None)
    settings.require_for_serving()
    assert settings.stringee_keys == (("", THEIRS.signing_key),)
    assert written["STRINGEE_ACCOUNT_KEY"] == THEIRS.account_key
    assert written["CALLER_ID"] == f"+{THEIRS.numbers[0]}"
    assert not {name for name in written if name.startswith("CALLR_")}
    assert [hidden for _, hidden in init.asked[:5]] == [False, True, True, False, True]
    assert "made SECRET_KEY, API_TOKEN." in done.stderr


def test_without_the_account_s_key_no_numbers_are_asked_for(init: Init) -> None:
    done = init("--platform", "stringee", typed=keys(account=False) + REST.format(url=URL))
    assert done.exit_code == Exit.OK, done.output
    assert "account's numbers" not in done.stderr
    assert "CALLER_ID" not in read_env_file(init.file)


def test_both_platforms_stand_in_one_file(init: Init) -> None:
    typed = f"acme\n{PASSWORD}\n{keys()}" + REST.format(url="http://127.0.0.1:8000")
    done = init("--platform", "both", typed=typed)
    assert done.exit_code == Exit.OK, done.output
    settings = Settings.load(read_env_file(init.file), None)
    assert settings.serves_callr
    assert settings.serves_stringee
    assert settings.development
    assert f"+{THEIRS.numbers[0]}" in done.stderr


def test_beside_callr_the_next_line_says_which_platform_is_meant(init: Init) -> None:
    alone = init("--platform", "stringee", typed=keys() + REST.format(url=URL))
    assert alone.stderr.endswith("numbers point NUMBER FLOW\n")
    init.file.write_text(f"CALLR_LOGIN=acme\nCALLR_PASSWORD={PASSWORD}\n")
    beside = init("--platform", "stringee", "--force", typed=keys() + REST.format(url=URL))
    assert beside.stderr.endswith("numbers point NUMBER FLOW --provider stringee\n")
    assert f"CALLR_PASSWORD={PASSWORD}" in init.file.read_text()


def test_keys_of_before_that_are_refused_are_asked_for_in_a_terminal(
    init: Init, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("app.cli.setup.stringee.sys", terminal)
    before = "".join(f"{name}=of-the-simulator-that-ran-yesterday\n" for name in STRINGEE_KEYS)
    init.file.write_text(before)
    done = init("--force", "--platform", "stringee", typed=keys() + REST.format(url=URL))
    assert done.exit_code == Exit.OK, done.output
    assert "Stringee refuses the credentials" in done.stderr
    settings = Settings.load(read_env_file(init.file), None)
    assert settings.stringee_api_key_secret == THEIRS.key_secret
    assert settings.stringee_signing_key == THEIRS.signing_key
    assert settings.stringee_account_key == THEIRS.account_key


STRINGEE_KEYS = (
    "STRINGEE_API_KEY_SID",
    "STRINGEE_API_KEY_SECRET",
    "STRINGEE_SIGNING_KEY",
    "STRINGEE_ACCOUNT_SID",
    "STRINGEE_ACCOUNT_KEY",
)


def test_keys_of_the_environment_are_not_asked_for(init: Init) -> None:
    done = init(
        "--platform",
        "stringee",
        typed=f"{THEIRS.signing_key}\n\n" + REST.format(url=URL),
        STRINGEE_API_KEY_SID=THEIRS.key_sid,
        STRINGEE_API_KEY_SECRET=THEIRS.key_secret,
    )
    assert done.exit_code == Exit.OK, done.output
    assert "Signing secret key" in init.asked[0][0]


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (f"{THEIRS.key_sid}\nanother-secret-that-is-long-enough\nkey\n\n", Exit.REFUSED, "region"),
        (f"{THEIRS.key_sid}\n\n", Exit.SETTINGS, "STRINGEE_API_KEY_SECRET"),
        ("", Exit.SETTINGS, "STRINGEE_API_KEY_SID"),
    ],
)
def test_keys_that_are_wrong_or_missing_write_nothing(
    init: Init, typed: str, code: Exit, said: str
) -> None:
    refused = init("--platform", "stringee", typed=typed)
    assert refused.exit_code == code, refused.output
    assert said in refused.stderr
    assert not init.file.exists()
