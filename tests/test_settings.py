"""Settings: read from the environment and from ``.env``, checked all at once, never shown."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from app.callflow.errors import SettingsError
from app.settings import Settings, describe, variable_of

KEY = "a-secret-key-of-more-than-32-characters"


def load(**environ: str) -> Settings:
    return Settings.load(environ, env_file=None)


def refused(**environ: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load(**environ)
    assert caught.value.mend == "Mend them in the environment or in .env."
    return caught.value.message


def test_without_anything_there_are_defaults() -> None:
    settings = load()
    assert settings.callr_api_url == "https://api.callr.com/json-rpc/v1.1/"
    assert settings.database_url == "sqlite:///offhook.sqlite3"
    assert (settings.port, settings.web_concurrency, settings.threads) == (8000, 2, 8)
    assert (settings.dial_allow, settings.voices) == ((), {})
    assert not settings.development


def test_every_kind_of_value_is_read() -> None:
    settings = load(
        OFFHOOK_ENV="development",
        PORT="5000",
        OFFHOOK_THREADS=" 4 ",
        DIAL_ALLOW="+33, +44161,",
        OFFHOOK_VOICES="callr/en-GB=TTS_X, callr/vi=TTS_Y",
        PUBLIC_URL="https://line.example.com/",
        COUNTRY="fr",
        CALLER_ID="+33199001020",
    )
    assert settings.development
    assert (settings.port, settings.threads) == (5000, 4)
    assert settings.dial_allow == ("+33", "+44161")
    assert settings.voices == {"callr/en-GB": "TTS_X", "callr/vi": "TTS_Y"}
    assert settings.public_url == "https://line.example.com"
    assert settings.caller_id == "+33199001020"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("PORT=1\nCALLR_LOGIN='from the file'\nEMPTY\n# a comment\n")
    settings = Settings.load({"PORT": "2"}, env_file=file)
    assert (settings.port, settings.callr_login) == (2, "from the file")
    assert Settings.load({}, env_file=tmp_path / "none").port == 8000


def test_a_value_in_the_file_is_taken_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/root")
    file = tmp_path / ".env"
    file.write_text("CALLR_PASSWORD=a${HOME}b$c\n")
    assert Settings.load({}, env_file=file).callr_password == "a${HOME}b$c"


def test_an_empty_value_is_none() -> None:
    assert load(PORT="", COUNTRY=" ").port == 8000


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("PORT", "x", "PORT: 'x' is no whole number."),
        ("PORT", "-1", "PORT: '-1' is no whole number."),
        ("PORT", "1.5", "PORT: '1.5' is no whole number."),
        ("PORT", "70000", "PORT: 70000 is over 65535."),
        ("WEB_CONCURRENCY", "0", "WEB_CONCURRENCY: it is 0; at least 1."),
        ("OFFHOOK_THREADS", "0", "OFFHOOK_THREADS: it is 0; at least 1."),
        ("DATABASE_URL", "mysql://x", "DATABASE_URL: write postgresql://"),
        ("DATABASE_URL", "file.sqlite3", "DATABASE_URL: write postgresql://"),
        ("OFFHOOK_VOICES", "TTS_X", "OFFHOOK_VOICES: 'TTS_X' is not like callr/en-GB=VOICE."),
        ("OFFHOOK_VOICES", "callr/en-GB=", "OFFHOOK_VOICES: 'callr/en-GB=' is not like"),
        ("SECRET_KEY", "short", "SECRET_KEY: it has 5 characters; at least 32."),
        ("SECRET_KEY_OLD", "short", "SECRET_KEY_OLD: it has 5 characters; at least 32."),
        ("CALLER_ID", "0123", "CALLER_ID: '0123' is not like +33612345678."),
        ("FALLBACK_NUMBER", "x", "FALLBACK_NUMBER: 'x' is not like +33612345678."),
        ("DIAL_ALLOW", "33", "DIAL_ALLOW: '33' is not like +33 or +44161."),
        ("DIAL_ALLOW", "+33,+0", "DIAL_ALLOW: '+0' is not like +33 or +44161."),
        ("PUBLIC_URL", "http://line.example.com", "PUBLIC_URL: write https://HOST"),
        ("PUBLIC_URL", "line.example.com", "PUBLIC_URL: write https://HOST"),
        ("PUBLIC_URL", "https://[bad", "PUBLIC_URL: write https://HOST"),
        ("CALLR_API_URL", "http://api.callr.com/", "CALLR_API_URL: write https://HOST"),
        ("CALLR_API_URL", "ftp://127.0.0.1/", "CALLR_API_URL: write https://HOST"),
        ("CALLR_WEBHOOK_LOGIN", "a:b", "CALLR_WEBHOOK_LOGIN: HTTP Basic allows no colon"),
        ("COUNTRY", "FRA", "COUNTRY: 'FRA' is not like FR, GB or VN."),
    ],
)
def test_a_value_that_cannot_be_used_is_told(variable: str, value: str, told: str) -> None:
    assert told in refused(**{variable: value})


def test_everything_wrong_is_told_at_once() -> None:
    message = refused(PORT="x", SECRET_KEY="short", COUNTRY="1", CALLER_ID="y")
    assert message.count("\n  ") == 4


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000", "http://localhost:1", "http://[::1]:1", "https://x.example"]
)
def test_plain_http_is_for_this_machine_alone(url: str) -> None:
    assert load(PUBLIC_URL=url).public_url == url


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql://u@h/d?sslmode=require", "postgresql+psycopg://u@h/d?sslmode=require"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg://u@h/d"),
        ("sqlite:////data/x.sqlite3", "sqlite:////data/x.sqlite3"),
    ],
)
def test_herokus_database_url_is_understood(written: str, read: str) -> None:
    assert load(DATABASE_URL=written).database_url == read


# Starting a server.

SERVING = {
    "SECRET_KEY": KEY,
    "CALLR_WEBHOOK_LOGIN": "callr",
    "CALLR_WEBHOOK_PASSWORD": "secret",
    "PUBLIC_URL": "https://line.example.com",
    "API_TOKEN": "token",
}


def missing(**environ: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load(**environ).require_for_serving()
    assert "`offhook init` writes them" in caught.value.mend
    assert ("On Stringee alone" in caught.value.mend) == ("CALLR_WEBHOOK" in caught.value.message)
    return caught.value.message


def test_a_server_that_has_what_it_needs_starts() -> None:
    load(**SERVING).require_for_serving()


def test_a_server_on_stringee_alone_needs_nothing_of_callrs() -> None:
    environ = {name: value for name, value in SERVING.items() if not name.startswith("CALLR")}
    load(**environ, STRINGEE_SIGNING_KEY="key").require_for_serving()
    assert "CALLR" not in missing(STRINGEE_SIGNING_KEY="key")
    assert "CALLR_WEBHOOK_LOGIN=...   # " in missing(**environ)


def test_everything_missing_is_told_with_the_line_to_add_and_where_to_find_it() -> None:
    message = missing()
    for variable in SERVING:
        assert f"\n  {variable}=...   # " in message
    assert "secrets.token_urlsafe(32)" in message


@pytest.mark.parametrize("variable", SERVING)
def test_each_of_them_is_needed(variable: str) -> None:
    message = missing(**{name: value for name, value in SERVING.items() if name != variable})
    assert message.count("\n  ") == 1
    assert f"\n  {variable}=..." in message


def test_in_development_three_are_enough() -> None:
    few = {name: SERVING[name] for name in list(SERVING)[:3]}
    load(OFFHOOK_ENV="development", **few).require_for_serving()
    assert missing(OFFHOOK_ENV="development").count("\n  ") == 3
    assert missing(**few).count("\n  ") == 2


def test_whatever_is_not_development_is_production() -> None:
    assert not load(OFFHOOK_ENV="Development").development
    assert not load(OFFHOOK_ENV="dev").development


def test_on_a_dyno_a_file_is_no_database() -> None:
    message = missing(DYNO="web.1", **SERVING)
    assert "heroku addons:create heroku-postgresql" in message
    load(DYNO="web.1", DATABASE_URL="postgres://u@h/d", **SERVING).require_for_serving()


# Secrets.


def test_no_secret_is_shown() -> None:
    secrets = {one.name for one in fields(Settings) if one.metadata["secret"]}
    assert secrets >= {
        "secret_key",
        "secret_key_old",
        "callr_webhook_password",
        "callr_webhook_password_old",
        "callr_password",
        "callr_api_key",
        "api_token",
        "database_url",
    }
    environ = {
        variable_of(one): f"postgresql://u:hidden-{KEY}@h/d"
        for one in fields(Settings)
        if one.name in secrets
    }
    assert "DATABASE_URL" in environ
    assert "hidden" not in repr(load(**environ))


def test_a_message_about_a_secret_does_not_tell_it() -> None:
    assert "hunter2" not in refused(SECRET_KEY="hunter2", DATABASE_URL="mysql://u:hunter2@h/d")


# What is told of settings.


def test_every_setting_says_what_it_is_for() -> None:
    told = describe()
    assert len(told) == len(fields(Settings))
    assert len({one["variable"] for one in told}) == len(told)
    for one in told:
        assert one["help"].endswith((".", "http.")), one
        assert one["variable"] == one["variable"].upper()
    by_variable = {one["variable"]: one for one in told}
    assert by_variable["PORT"]["default"] == "8000"
    assert by_variable["DIAL_ALLOW"]["default"] == ""
    assert by_variable["SECRET_KEY"]["secret"] == "yes"
    assert by_variable["OFFHOOK_THREADS"]["unit"] == "threads"


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        load().port = 1  # type: ignore[misc] # that is the point


def test_signing_keys_of_stringee_are_of_every_project_or_of_one_each() -> None:
    assert load(STRINGEE_SIGNING_KEY="one=").stringee_keys == (("", "one="),)
    both = load(STRINGEE_SIGNING_KEY="11=a=, 22=b", STRINGEE_SIGNING_KEY_OLD="c")
    assert both.stringee_keys == (("11", "a="), ("22", "b"), ("", "c"))
    assert both.serves_stringee
    assert not load().stringee_keys


def test_a_server_for_stringee_alone_needs_nothing_of_callr() -> None:
    settings = load(OFFHOOK_ENV="development", SECRET_KEY=KEY, STRINGEE_SIGNING_KEY="k")
    settings.require_for_serving()
    assert (settings.serves_callr, settings.serves_stringee) == (False, True)


def test_a_switch_is_0_or_1() -> None:
    assert load(STRINGEE_SIMPLE="1").stringee_simple
    assert not load(STRINGEE_SIMPLE="0").stringee_simple
    assert "STRINGEE_SIMPLE: 'yes' is neither 0 nor 1." in refused(STRINGEE_SIMPLE="yes")
