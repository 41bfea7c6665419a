"""The settings: one frozen dataclass, read from the environment and from ``.env``.

Every field says its unit, its default and what it is for; docs and messages are made from that.
Secrets never show in a repr. Nothing here is read when the module is imported.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from app.call_hours import read_call_hours
from app.callflow.errors import SettingsError
from app.callflow.parties import is_e164

_MAKE_ONE = "Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"

MAX_PORT = 65535
MIN_SECRET_CHARS = 32
"""A SECRET_KEY shorter than this is refused: calls' states are sealed with it."""


def _setting(
    text: str,
    *,
    default: Any = "",
    secret: bool = False,
    where: str = "",
    unit: str = "",
    name: str = "",
) -> Any:  # a dataclass field; typed Any so that it can stand as a default
    about = {"help": text, "secret": secret, "where": where, "unit": unit, "name": name}
    if isinstance(default, dict):
        return field(default_factory=dict, repr=not secret, metadata=about)
    return field(default=default, repr=not secret, metadata=about)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the environment says. ``Settings.load()`` reads it; tests make one directly.

    Attributes are named as the environment variables are, in lower case; ``describe()`` lists them
    all.
    """

    env: str = _setting(
        "`development` lets `serve` start without the settings that only a deployed server needs.",
        default="production",
        name="OFFHOOK_ENV",
    )
    secret_key: str = _setting(
        "Seals the state of calls. At least 32 characters.",
        secret=True,
        where=_MAKE_ONE,
    )
    secret_key_old: str = _setting("The key before: still read while it is changed.", secret=True)
    callr_webhook_login: str = _setting(
        "The login that CALLR sends to this server (HTTP Basic, no colon).",
        where="Choose one; `offhook apps create` tells it to CALLR.",
    )
    callr_webhook_password: str = _setting(
        "The password that CALLR sends to this server (HTTP Basic).",
        secret=True,
        where=_MAKE_ONE,
    )
    callr_webhook_password_old: str = _setting(
        "The password before: still accepted while it is changed.", secret=True
    )
    callr_login: str = _setting("Your CALLR login, for the command line and outbound calls.")
    callr_password: str = _setting("Your CALLR password.", secret=True)
    callr_api_key: str = _setting("A CALLR API key, instead of login and password.", secret=True)
    callr_login_as: str = _setting(
        "Act as a sub-account: `User.login NAME` or `Account.hash HASH`."
    )
    callr_api_url: str = _setting(
        "CALLR's JSON-RPC address; a simulator's to try without an account.",
        default="https://api.callr.com/json-rpc/v1.1/",
    )
    stringee_signing_key: str = _setting(
        "Your Stringee project's signing secret key; for several projects "
        "`1234=KEY, 5678=KEY`. Without it nothing is answered to Stringee.",
        secret=True,
        where="Stringee's dashboard, your project: Signing secret key.",
    )
    stringee_signing_key_old: str = _setting(
        "The signing key before: still accepted while it is changed.", secret=True
    )
    stringee_api_key_sid: str = _setting(
        "The SID of your Stringee project's API key (`SK...`), for the command line, outbound "
        "calls and clients' tokens."
    )
    stringee_api_key_secret: str = _setting("The secret of that API key.", secret=True)
    stringee_account_sid: str = _setting(
        "The SID of your Stringee account (`AC...`), to point numbers and projects."
    )
    stringee_account_key: str = _setting("The key of that account.", secret=True)
    stringee_api_url: str = _setting(
        "Stringee's REST address: that of your project's region, such as "
        "https://asia-2.api.stringee.com, or a simulator's.",
        default="https://api.stringee.com",
    )
    stringee_simple: bool = _setting(
        "1 serves the two addresses of Stringee's SCCO helper; what they dial must be in "
        "DIAL_ALLOW.",
        default=False,
    )
    stringee_token_hook: str = _setting(
        "Who gets a client token of `POST /stringee/token`: a function of yours, as "
        "MODULE:FUNCTION. Nobody by default."
    )
    stringee_token_origins: tuple[str, ...] = _setting(
        "Origins whose pages may ask for a client token, such as https://app.example.com, "
        "separated by commas.",
        default=(),
    )
    public_url: str = _setting(
        "Where the platform reaches this server, such as https://line.example.com.",
        where="The address of your server as seen from the internet.",
    )
    api_token: str = _setting(
        "The bearer token of this server's own API (`POST /api/calls`).",
        secret=True,
        where=_MAKE_ONE,
    )
    database_url: str = _setting(
        "Where the journal is: postgresql://... or sqlite:///FILE.",
        default="sqlite:///offhook.sqlite3",
        secret=True,  # a password stands in it
    )
    port: int = _setting("The port to listen on.", default=8000)
    web_concurrency: int = _setting(
        "Worker processes, each on one processor.", default=2, unit="processes"
    )
    threads: int = _setting(
        "Threads in each worker process.", default=8, unit="threads", name="OFFHOOK_THREADS"
    )
    flows: str = _setting(
        "More flows: importable modules or folders, separated by commas.", name="OFFHOOK_FLOWS"
    )
    country: str = _setting("The country of numbers written without +, as ISO 3166 (FR, GB, VN).")
    timezone: str = _setting(
        "The time zone of dates and hours here, as IANA names it (Europe/Paris): what the command "
        "line reads and shows.",
        default="UTC",
    )
    caller_id: str = _setting("Our number, E.164, where a call does not bring one.")
    dial_allow: tuple[str, ...] = _setting(
        "E.164 prefixes that numbers from outside a flow may have, separated by commas; "
        "none is allowed by default.",
        default=(),
    )
    dial_per_hour: int = _setting(
        "How often within an hour a call is placed, or a flow dials a number from outside it, by "
        "all workers together. 0 allows none.",
        default=60,
        unit="dials",
    )
    call_hours: str = _setting(
        "When calls may be placed, in TIMEZONE, such as "
        "`mon-fri 09:00-12:00 14:00-20:00; sat 10:00-12:00`; at any time by default."
    )
    fallback_number: str = _setting(
        "E.164 number that an inbound call is connected to when its flow cannot go on."
    )
    retention_days: int = _setting(
        "How long calls are kept in the journal, with all that was said and pressed; 0 keeps them "
        "for ever.",
        default=90,
        unit="days",
    )
    recording_days: int = _setting(
        "How long what callers recorded is kept (at CALLR; Stringee's in the journal), and never "
        "longer than their calls; 0 keeps it as long as those.",
        default=30,
        unit="days",
    )
    voices: Mapping[str, str] = _setting(
        "Voices that replace the shipped ones, as callr/en-GB=NAME, separated by commas.",
        default={},
        name="OFFHOOK_VOICES",
    )
    dyno: str = _setting("Set by Heroku on a dyno; its disk is emptied daily.")

    @classmethod
    def load(cls, environ: Mapping[str, str], env_file: str | Path | None = ".env") -> Settings:
        """Read the settings; the environment wins over the file.

        Args:
            environ: usually ``os.environ``.
            env_file: a file of NAME=value lines; None or a missing file is fine.

        Raises:
            SettingsError: values that cannot be read, all of them at once; or the file cannot be.
        """
        merged = {**read_env_file(env_file), **environ}
        values: dict[str, Any] = {}
        wrong: list[str] = []
        for one in fields(cls):
            raw = merged.get(variable_of(one), "").strip()
            if not raw:
                continue
            try:
                values[one.name] = _read(one, raw)
            except ValueError as problem:
                wrong.append(f"{variable_of(one)}: {problem}")
        wrong += _check(values)
        if wrong:
            msg = "These settings cannot be read:\n  " + "\n  ".join(wrong)
            raise SettingsError(msg, mend="Mend them in the environment or in .env.")
        return cls(**values)

    @property
    def development(self) -> bool:
        """Whether OFFHOOK_ENV=development: everything else is production."""
        return self.env == "development"

    @property
    def stringee_keys(self) -> tuple[tuple[str, str], ...]:
        """(project id, signing key) of each key that is accepted; "" is every project."""
        keys = (self.stringee_signing_key, self.stringee_signing_key_old)
        return tuple(pair for text in keys for pair in _signing_keys(text))

    @property
    def serves_callr(self) -> bool:
        """Whether CALLR's webhooks have credentials to come with."""
        return bool(self.callr_webhook_login and self.callr_webhook_password)

    @property
    def serves_stringee(self) -> bool:
        """Whether Stringee's webhooks have a signature to be checked with."""
        return bool(self.stringee_signing_key)

    def require_for_serving(self) -> None:
        """Check that a server can start with these settings.

        Raises:
            SettingsError: naming every setting that is missing, each with the line to add.
        """
        needed = ["secret_key"]
        if not self.serves_stringee:
            needed += ["callr_webhook_login", "callr_webhook_password"]
        if not self.development:
            needed += ["public_url", "api_token"]
        by_name = {one.name: one for one in fields(self)}
        missing = [by_name[name] for name in needed if not getattr(self, name)]
        lines = [f"{variable_of(one)}=...   # {_about(one)['where']}" for one in missing]
        if self.dyno and self.database_url.startswith("sqlite"):
            lines.append(
                "DATABASE_URL=...   # a dyno's disk is emptied daily: "
                "run `heroku addons:create heroku-postgresql` once"
            )
        if lines:
            msg = "The server cannot start; these settings are missing:\n  " + "\n  ".join(lines)
            mend = "Add these lines to .env or to the environment; `offhook init` writes them."
            if any(one.name.startswith("callr_webhook") for one in missing):
                mend += " On Stringee alone, STRINGEE_SIGNING_KEY takes the place of CALLR's two."
            raise SettingsError(msg, mend=mend)


def read_env_file(file: str | Path | None) -> dict[str, str]:
    """The NAME=value lines of a file; none where there is no file.

    Raises:
        SettingsError: it cannot be read; names the lines, not what stands in them.
    """
    if not file or not Path(file).is_file():
        return {}
    try:
        text = Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        msg = f"{file} cannot be read: {problem}."
        raise SettingsError(msg, mend="It is a text file in UTF-8, of lines NAME=value.") from None
    broken = [one.original.line for one in parse_stream(io.StringIO(text)) if one.error]
    if broken:
        lines = ", ".join(str(line) for line in broken)
        msg = f"{file} cannot be read: line {lines} is not like NAME=value."
        raise SettingsError(msg, mend="Mend the line; a quote that is opened must be closed.")
    values = dotenv_values(stream=io.StringIO(text), interpolate=False)
    return {name: value for name, value in values.items() if value is not None}


def variable_of(one: Field[Any]) -> str:
    """The environment variable of a field of Settings."""
    return str(one.metadata["name"] or one.name.upper())


def describe() -> list[dict[str, str]]:
    """Every setting.

    Variable, help, default, unit, and whether it is secret; for docs and messages.
    """
    return [
        {
            "variable": variable_of(one),
            "help": _about(one)["help"],
            "default": _default_of(one),
            "unit": _about(one)["unit"],
            "secret": "yes" if _about(one)["secret"] else "",
        }
        for one in fields(Settings)
    ]


def _default_of(one: Field[Any]) -> str:
    """A default as one writes it in the environment."""
    if one.default in ((), MISSING):
        return ""
    return str(int(one.default) if isinstance(one.default, bool) else one.default)


def _about(one: Field[Any]) -> dict[str, Any]:
    return cast("dict[str, Any]", dict(one.metadata))


def _read(one: Field[Any], raw: str) -> Any:
    if isinstance(one.default, bool):
        return _switch(raw)
    if isinstance(one.default, int):
        if not raw.isdecimal():
            msg = f"{raw!r} is no whole number."
            raise ValueError(msg)
        return int(raw)
    if isinstance(one.default, tuple):
        return tuple(part.strip() for part in raw.split(",") if part.strip())
    if one.default_factory is dict:
        return dict(_pair(part) for part in raw.split(",") if part.strip())
    if one.name == "database_url":
        return _database_url(raw)
    return raw.rstrip("/") if one.name == "public_url" else raw


def _switch(raw: str) -> bool:
    if raw not in {"0", "1"}:
        msg = f"{raw!r} is neither 0 nor 1."
        raise ValueError(msg)
    return raw == "1"


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not re.fullmatch(r"\s*[a-z]+/[A-Za-z-]+\s*", name) or not value.strip():
        msg = f"{text.strip()!r} is not like callr/en-GB=VOICE."
        raise ValueError(msg)
    return name.strip(), value.strip()


def _signing_keys(text: str) -> list[tuple[str, str]]:
    """One key for every project, or ``1234=KEY`` for each; a key may end in = itself."""
    if not re.match(r"[0-9]+=.", text):
        return [("", text)] if text else []
    pairs = (part.strip().partition("=") for part in text.split(",") if part.strip())
    return [(project, key) for project, _, key in pairs]


def _database_url(raw: str) -> str:
    """Heroku says ``postgres://``; SQLAlchemy wants the dialect and the driver."""
    scheme, separator, rest = raw.partition("://")
    if not separator or scheme.split("+")[0] not in {"postgres", "postgresql", "sqlite"}:
        msg = "write postgresql://USER@HOST/NAME or sqlite:///FILE."
        raise ValueError(msg)
    return raw if scheme == "sqlite" else f"postgresql+psycopg://{rest}"


def _check(values: Mapping[str, Any]) -> list[str]:
    """What is wrong with values that could be read."""
    return [
        *(
            f"{name.upper()}: it has {len(values[name])} characters; at least {MIN_SECRET_CHARS}."
            for name in ("secret_key", "secret_key_old")
            if name in values and len(values[name]) < MIN_SECRET_CHARS
        ),
        *(
            f"{name.upper()}: {values[name]!r} is not like +33612345678."
            for name in ("caller_id", "fallback_number")
            if name in values and not is_e164(values[name])
        ),
        *(
            f"DIAL_ALLOW: {prefix!r} is not like +33 or +44161."
            for prefix in values.get("dial_allow", ())
            if not re.fullmatch(r"\+[1-9][0-9]{0,14}", prefix)
        ),
        *(
            f"{name.upper()}: write https://HOST (http only for this machine)."
            for name in ("public_url", "callr_api_url", "stringee_api_url")
            if name in values and not _safe_url(values[name])
        ),
        *(
            f"{name}: it is 0; at least 1."
            for field_name, name in (
                ("web_concurrency", "WEB_CONCURRENCY"),
                ("threads", "OFFHOOK_THREADS"),
            )
            if values.get(field_name) == 0
        ),
        *(
            f"TIMEZONE: {zone!r} is not like Europe/Paris or UTC."
            for zone in (values.get("timezone", "UTC"),)
            if not _is_zone(zone)
        ),
        *_check_words(values),
    ]


def _check_words(values: Mapping[str, Any]) -> list[str]:
    _, problems = read_call_hours(values.get("call_hours", ""))
    wrong = [f"CALL_HOURS: {problem}" for problem in problems]
    if values.get("port", 0) > MAX_PORT:
        wrong.append(f"PORT: {values['port']} is over {MAX_PORT}.")
    if ":" in values.get("callr_webhook_login", ""):
        wrong.append("CALLR_WEBHOOK_LOGIN: HTTP Basic allows no colon in a login.")
    if not re.fullmatch(r"[A-Za-z]{2}", values.get("country", "FR")):
        wrong.append(f"COUNTRY: {values['country']!r} is not like FR, GB or VN.")
    return wrong


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _safe_url(text: str) -> bool:
    """Whether what is sent there cannot be read on the way: https, or this machine."""
    try:
        url = urlsplit(text)
    except ValueError:
        return False
    local = url.hostname in {"localhost", "127.0.0.1", "::1"}
    return bool(url.hostname) and (url.scheme == "https" or (url.scheme == "http" and local))
