"""``offhook init``: makes the settings of a line."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from app.callflow.errors import SettingsError
from app.cli.completing import time_zones
from app.cli.exits import Exit
from app.cli.options import CALLR, OF_PLATFORM, STRINGEE, STRINGEE_ACCOUNT, manual, yes_option
from app.cli.shell import Shell
from app.cli.which_platform import platform_of
from app.settings import Settings, read_env_file

if TYPE_CHECKING:
    from app.cli.setup.questions import Questions

SECRETS = ("SECRET_KEY", "CALLR_WEBHOOK_PASSWORD", "API_TOKEN")
"""What is made here, and kept where it is there already; the second for CALLR alone."""

_WEBHOOK_LOGIN = "callr"
_LOCAL_URL = "http://127.0.0.1:8000"


@click.command(
    epilog=manual(
        "offhook init",
        "offhook -p live init --public-url https://line.example.com",
        "offhook init --platform stringee --country VN",
        "offhook init --heroku acme-line --public-url https://acme-line.herokuapp.com",
        exits=(*OF_PLATFORM, Exit.DECLINED),
        reads=(*CALLR, *STRINGEE, *STRINGEE_ACCOUNT[1:]),
        see=("doctor", "numbers point", "docs/settings.md", "docs/deploy-heroku.md"),
    )
)
@click.option(
    "--platform",
    "--provider",
    "platform",
    type=click.Choice(["callr", "stringee", "both"]),
    default="callr",
    show_default=True,
    help="Whose keys are asked for.",
)
@click.option("--country", default="", metavar="FR", help="Of numbers that are written without +.")
@click.option(
    "--timezone",
    default="",
    metavar="ZONE",
    shell_complete=time_zones,
    help="Such as Europe/Paris.",
)
@click.option("--caller-id", default="", metavar="N", help="Our number; - for none.")
@click.option(
    "--fallback-number", default="", metavar="N", help="Who is rung as the last resort; - for none."
)
@click.option("--public-url", default="", metavar="URL", help="The server's address.")
@click.option("--heroku", "heroku_app", default="", metavar="APP", help="Set its config vars.")
@click.option("--force", is_flag=True, help="Change a file that is there; the rest of it stays.")
@yes_option
@click.pass_obj
def init(
    shell: Shell, /, *, platform: str, heroku_app: str, force: bool, yes: bool, **given: str
) -> None:
    """Make the settings of a line.

    Asks for CALLR's login and password, or an API key, and tries them; for Stringee (--platform)
    for the keys of its dashboard; for country, time zone, caller id, fallback number and public
    URL. An empty answer takes what stands in [ ]; - is none. Makes every secret, and writes .env
    (with -p NAME: .env.NAME), which only its owner can read.

    A file that is there is left alone; with --force it is changed: its secrets and all lines that
    are not asked for stay. Credentials are typed, or taken from the environment, never given as
    arguments.

    With --heroku the same are set as config vars of a Heroku app, by the `heroku` command line,
    after their names were shown. What is in .env is taken from there; .env itself is not changed.
    While it runs, whoever can list the processes of this machine can see them.
    """
    from app.cli.setup import env_file, heroku  # noqa: PLC0415 -- not for --help

    file = Path(shell.env_file or ".env")
    program = heroku.find(heroku_app, shell.environ) if heroku_app else ""
    if file.exists() and not force and not heroku_app:
        msg = f"{file} is there already; nothing was done."
        raise SettingsError(msg, mend="--force changes it, and keeps its secrets and other lines.")
    before = read_env_file(file)
    answers = {name.upper(): value.strip() for name, value in given.items() if value.strip()}
    values = _values(shell, before, answers, platform, deployed=bool(heroku_app))
    Settings.load(values, None)  # whatever is wrong with them shows now
    shell.output.hide(values[name] for name in SECRETS if name in values)
    if program:
        _set_on_heroku(shell, program, heroku_app, values, yes=yes)
        return
    env_file.write(file, values)
    made = [name for name in SECRETS if name in values and name not in before]
    shell.output.note(f"Wrote {file}" + f"; made {', '.join(made)}" * bool(made) + ".")
    if env_file.is_for_git(file):
        shell.output.warn(f"git does not ignore {file}: add a line `{file.name}` to .gitignore.")
    shell.output.note(f"Next: {_next(shell, {**before, **values}, platform)}")


def _next(shell: Shell, written: Mapping[str, str], platform: str) -> str:
    """What to type next, where these are the settings."""
    program = f"offhook -p {shell.profile}" if shell.profile else "offhook"
    usual = platform_of(Settings.load(written, None), None)
    there = " --provider stringee" * (platform == "stringee" and usual != platform)
    return f"{program} serve, {program} numbers point NUMBER FLOW{there}"


def _values(
    shell: Shell,
    before: Mapping[str, str],
    answers: Mapping[str, str],
    platform: str,
    *,
    deployed: bool,
) -> dict[str, str]:
    """Every setting that is to be written, by its variable."""
    from app.cli.setup import questions  # noqa: PLC0415 -- loads requests and phonenumbers

    known = {**before, **{name: value for name, value in shell.environ.items() if value}}
    told, numbers = _accounts(shell, known, platform)
    ask = questions.Questions(shell, answers, known)
    live = _is_live(Settings.load(told, None), platform)
    values = {**told, **_answers(shell, numbers, ask, live=live, deployed=deployed)}
    if platform != "stringee":
        values["CALLR_WEBHOOK_LOGIN"] = known.get("CALLR_WEBHOOK_LOGIN") or _WEBHOOK_LOGIN
    for name in SECRETS:
        if platform != "stringee" or not name.startswith("CALLR_"):
            values[name] = known.get(name) or secrets.token_urlsafe(32)
    port = urlsplit(values["PUBLIC_URL"]).port
    if _is_here(values["PUBLIC_URL"]) and not deployed:
        values["OFFHOOK_ENV"] = "development"
        values |= {"PORT": str(port)} if port else {}
    elif not deployed and "OFFHOOK_ENV" in before:
        values["OFFHOOK_ENV"] = "production"
    # An answer of none replaces a value of before.
    return {name: value for name, value in values.items() if value or name in before}


def _accounts(
    shell: Shell, known: Mapping[str, str], platform: str
) -> tuple[dict[str, str], list[str]]:
    """Credentials that their platforms take, and the numbers there."""
    from app.callr.api import connect  # noqa: PLC0415 -- loads requests
    from app.cli.setup import questions, stringee  # noqa: PLC0415 -- as above

    told: dict[str, str] = {}
    numbers: list[str] = []
    if platform != "stringee":
        account, told = questions.account(shell, known)
        with connect(account) as api:
            numbers = [did.number for did in api.dids() if did.number]
    if platform != "callr":
        theirs, owned = stringee.account(shell, known)
        told, numbers = {**told, **theirs}, [*numbers, *owned]
    return told, numbers


def _answers(
    shell: Shell, numbers: list[str], ask: Questions, *, live: bool, deployed: bool
) -> dict[str, str]:
    from app.cli.setup import questions  # noqa: PLC0415 -- loads requests
    from app.cli.setup.questions import Question  # noqa: PLC0415 -- as above

    if numbers:
        shell.output.note(f"The account's numbers: {', '.join(numbers)}")
    country = ask.ask(
        Question(
            name="COUNTRY",
            text="Country of numbers without + (FR, GB, VN)",
            read=questions.country,
        )
    )
    number = questions.number_in(country)
    first = numbers[0] if numbers else ""
    local = "" if deployed or live else _LOCAL_URL
    asked = (
        Question(
            name="TIMEZONE",
            text="Time zone",
            read=questions.time_zone,
            default=questions.zone_of(country),
        ),
        Question(name="CALLER_ID", text="Our number to show", read=number, default=first),
        Question(name="FALLBACK_NUMBER", text="Number to ring as the last resort", read=number),
        Question(
            name="PUBLIC_URL",
            text="Public URL of the server",
            read=questions.public_url,
            default=local,
            needed=True,
        ),
    )
    values = {"COUNTRY": country, **{one.name: ask.ask(one) for one in asked}}
    if deployed and _is_here(values["PUBLIC_URL"]):
        msg = f"PUBLIC_URL={values['PUBLIC_URL']} is this machine, not Heroku's."
        raise SettingsError(msg, mend="Give --public-url https://APP.herokuapp.com.")
    return values


def _is_here(url: str) -> bool:
    from app.requesting import is_loopback  # noqa: PLC0415 -- loads requests

    return is_loopback(urlsplit(url).hostname or "")


def _is_live(settings: Settings, platform: str) -> bool:
    """Whether a platform of these is not a simulator on this machine."""
    urls = {"callr": settings.callr_api_url, "stringee": settings.stringee_api_url}
    asked = urls.values() if platform == "both" else [urls[platform]]
    return not all(map(_is_here, asked))


def _set_on_heroku(
    shell: Shell, program: str, app: str, values: Mapping[str, str], *, yes: bool
) -> None:
    from app.cli.setup import heroku  # noqa: PLC0415 -- not for --help

    values = {name: value for name, value in values.items() if value}
    names = ", ".join(values)
    shell.output.note(f"Config vars of Heroku app {app}: {names}")
    shell.confirm(f"Set these {len(values)} config vars?", yes=yes)
    heroku.config_set(program, app, values, shell.environ)
    shell.output.note(f"Set {len(values)} config vars; Heroku starts {app} anew.")
    shell.output.note(
        f"To work on it from here: heroku config --shell --app {app} > .env.{app}, "
        f"chmod 600 .env.{app}, offhook -p {app} doctor"
    )
