"""``offhook call``: asks the app to dial, or dials where its journal is the app's; never twice."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from app_double import Answer, AppDouble, app_double, refusal
from command_line import CommandLine, process
from serving import LOGIN, SECRET_KEY, Server, serving
from serving import PASSWORD as WEBHOOK_PASSWORD

from app.callflow.errors import ApiError, PlacingError, SettingsError
from app.cli.exits import Exit, exit_of
from app.cli.own_api import OwnApi
from app.journal import History, SqlJournal, upgrade
from app.simulator import Account, Conditions, Script, Scripted, Simulator
from app.simulator import Answer as PersonAnswers

CALLR_PASSWORD = "a-password-of-callr"
TOKEN = "a-token-of-the-api"
ADA, OURS = "+33612345678", "+33199001020"
SECRETS = (CALLR_PASSWORD, TOKEN, WEBHOOK_PASSWORD, SECRET_KEY)
JOURNAL = Answer({"instance_id": "of-the-app"})
STARTED = Answer(
    {
        "token": "oh12345678901234",
        "status": "placed",
        "flow": "reminder",
        "number": ADA,
        "from": OURS,
        "platform_id": "4260XMAQ",
        "detail": "",
    },
    201,
)


@dataclass
class Deployed:
    """A deployed app, the simulated platform that it dials on, and somebody with its settings."""

    server: Server
    simulator: Simulator
    run: CommandLine
    folder: Path

    def calls(self) -> set[int]:
        """The calls that the platform has had, those in progress too."""
        platform = self.simulator.platform
        running = set(platform.callids)
        return running | {cdr.call.facts.callid for cdr in platform.store.cdrs()}


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    folder = tmp_path_factory.mktemp("deployed")
    account = Account(login="acme", password=CALLR_PASSWORD)
    with Simulator(account, conditions=Conditions(speed=200)) as simulator:
        port = _free_port()
        settings: dict[str, Any] = {
            "CALLR_API_URL": simulator.api_url,
            "CALLR_LOGIN": "acme",
            "CALLR_PASSWORD": CALLR_PASSWORD,
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "API_TOKEN": TOKEN,
        }
        with serving(folder, PORT=str(port), WEB_CONCURRENCY="1", **settings) as server:
            run = CommandLine(
                {
                    **settings,
                    "CALLR_WEBHOOK_LOGIN": LOGIN,
                    "CALLR_WEBHOOK_PASSWORD": WEBHOOK_PASSWORD,
                    "DATABASE_URL": server.database_url,
                    "COUNTRY": "FR",
                }
            )
            made = run("apps", "create", "Reminder", "--flow", "reminder")
            assert made.exit_code == Exit.OK, made.output
            yield Deployed(server, simulator, run, folder)


def _free_port() -> int:
    """A port for a server that must know its own address before it listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


@pytest.fixture
def ada(deployed: Deployed) -> Iterator[threading.Event]:
    """Ada is at her number, asks to be called back; the event is set when a call is over."""
    over = threading.Event()
    deployed.simulator.platform.people.put(ADA, lambda: _Ada(over))
    yield over
    deployed.simulator.platform.people.remove(ADA)


class _Ada(Scripted):
    def __init__(self, over: threading.Event) -> None:
        super().__init__(Script(keys=("1", "2")))
        self._over = over

    def notice(self, event: Any) -> None:
        super().notice(event)
        if type(event).__name__ == "Ended":
            self._over.set()


def test_the_app_calls_somebody_and_the_call_can_be_looked_at(
    deployed: Deployed, ada: threading.Event
) -> None:
    started = process(
        "call",
        "06 12 34 56 78",
        "--flow",
        "reminder",
        "--from",
        "01 99 00 10 20",
        "--var",
        "name=Ada",
        "--var",
        "time=10:00",
        "--field",
        "ORDER42",
        "--ring",
        "20",
        cwd=deployed.folder,
        env=deployed.run.environ,
    )
    assert started.returncode == Exit.OK, started.stderr
    heading, row = started.stdout.splitlines()
    assert heading.split() == ["TOKEN", "PLATFORM", "ID", "STATUS", "NUMBER", "FROM", "FLOW"]
    token, request_hash, *rest = row.split()
    assert rest == ["placed", ADA, OURS, "reminder"]
    whom, after = started.stderr.splitlines()
    url = deployed.server.url
    assert whom.startswith(f"Offhook: the app at {url} dials (CALLR: simulator 127.0.0.1:")
    assert "offhook calls show last" in after
    assert not any(secret in started.stdout + started.stderr for secret in SECRETS)
    assert ada.wait(30)
    shown = json.loads(deployed.run("calls", "show", "last", "--json").stdout)
    assert shown["call"]["token"] == token
    assert shown["call"]["disposition"] == "call_back"
    first = json.loads(shown["turns"][0]["raw"])
    assert first["request_hash"] == request_hash
    assert first["cdr_field"] == f"ORDER42{token}"
    told = deployed.run("calls", "show", "last").stdout
    assert f"called    {ADA} answers; called from {OURS}" in told
    assert '"Ada, your appointment is 10:00. ' in told


def test_the_start_is_printed_as_json(deployed: Deployed, ada: threading.Event) -> None:
    started = deployed.run("call", ADA, "--flow", "reminder", "--json")
    told = json.loads(started.stdout)
    assert (told["status"], told["number"], told["flow"]) == ("placed", ADA, "reminder")
    assert set(told) == {"token", "status", "flow", "number", "from", "platform_id", "detail"}
    assert ada.wait(30)


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (
            ("--flow", "reception"),
            Exit.REFUSED,
            "Make one: offhook apps create reception --flow reception",
        ),
        (("--flow", "remindr"), Exit.NOT_FOUND, "There are: age_gate, clinic, "),
        (
            ("--flow", "reminder", "--var", "nme=Ada"),
            Exit.USAGE,
            "declares no variable nme in given. It declares: name, time.",
        ),
        (("--flow", "reminder", "--var", "nme"), Exit.USAGE, "'nme' is not like name=value"),
        (("--flow", "reminder", "--var", "=x"), Exit.USAGE, "'=x' is not like name=value"),
        (
            ("--flow", "reminder", "--var", "time=1", "--var", "time=2"),
            Exit.USAGE,
            "'time' is given twice",
        ),
        (("--flow", "reminder", "--ring", "4"), Exit.USAGE, "5<=x<=300"),
        (("--flow", "reminder", "--field", "ORDER-42"), Exit.USAGE, "16 letters and digits"),
        (("--flow", "reminder", "--from", "12"), Exit.USAGE, "'12' is no telephone number"),
    ],
)
def test_what_cannot_be_is_refused_with_the_mend_and_nobody_is_called(
    deployed: Deployed, args: tuple[str, ...], code: Exit, said: str
) -> None:
    before = deployed.calls()
    refused = deployed.run("call", ADA, *args)
    assert (refused.exit_code, refused.stdout) == (code, "")
    assert said in " ".join(refused.stderr.split())
    assert deployed.calls() == before


def test_a_number_without_plus_needs_the_country(deployed: Deployed) -> None:
    refused = deployed.run("call", "06 12 34 56 78", "--flow", "reminder", COUNTRY="")
    assert refused.exit_code == Exit.USAGE
    assert "COUNTRY=FR" in refused.stderr


def test_of_several_voice_apps_one_must_be_chosen(deployed: Deployed, ada: threading.Event) -> None:
    second = deployed.run("apps", "create", "Another", "--flow", "reminder").stdout.strip()
    try:
        refused = deployed.run("call", ADA, "--flow", "reminder")
        assert refused.exit_code == Exit.REFUSED
        assert "2 voice apps have the URL" in refused.stderr
        assert "--app HASH" in refused.stderr
        chosen = deployed.run("call", ADA, "--flow", "reminder", "--app", second)
        assert chosen.exit_code == Exit.OK
        assert ada.wait(30)
    finally:
        deployed.run("apps", "delete", second, "--yes")


def test_a_wrong_token_is_told_as_such(deployed: Deployed) -> None:
    refused = deployed.run("call", ADA, "--flow", "reminder", API_TOKEN="another-token")
    assert refused.exit_code == Exit.SETTINGS
    assert "refuses this API_TOKEN" in refused.stderr
    assert "another-token" not in refused.output


def test_without_a_token_the_command_line_dials_itself_where_its_journal_is_the_apps(
    deployed: Deployed,
) -> None:
    dialled = deployed.run("call", ADA, "--flow", "reminder", API_TOKEN="")
    assert dialled.exit_code == Exit.OK
    assert "placed" in dialled.stdout


def test_without_a_token_nothing_is_dialled_where_the_journal_is_another(
    deployed: Deployed, tmp_path: Path
) -> None:
    other = f"sqlite:///{tmp_path}/other.sqlite3"
    upgrade(other)
    refused = deployed.run("call", ADA, "--flow", "reminder", API_TOKEN="", DATABASE_URL=other)
    assert refused.exit_code != Exit.OK
    assert "API_TOKEN" in refused.stderr


def test_the_public_url_is_needed(deployed: Deployed) -> None:
    refused = deployed.run("call", ADA, "--flow", "reminder", PUBLIC_URL="")
    assert refused.exit_code == Exit.SETTINGS
    assert "PUBLIC_URL=..." in refused.stderr


def command_line(app: AppDouble, **more: str) -> CommandLine:
    return CommandLine(
        {
            "PUBLIC_URL": app.url,
            "API_TOKEN": TOKEN,
            "CALLR_API_URL": "http://127.0.0.1:9/",
            **more,
        }
    )


def test_what_is_asked_of_the_app_is_asked_once_with_a_key_of_its_own() -> None:
    with app_double(journal=JOURNAL, calls=STARTED) as app:
        run = command_line(app, COUNTRY="FR")
        for _ in range(2):
            run("call", "0612345678", "--flow", "reminder", "--var", "name=A=B", "--app", "A1B2")
    assert [one.what for one in app.seen] == ["GET /api/journal", "POST /api/calls"] * 2
    posts = [one for one in app.seen if one.what.startswith("POST")]
    assert json.loads(posts[0].body) == {
        "number": ADA,
        "flow": "reminder",
        "from": "",
        "ring": 30,
        "variables": {"name": "A=B"},
        "field": "",
        "app": "A1B2",
    }
    assert {one.headers["Authorization"] for one in app.seen} == {f"Bearer {TOKEN}"}
    assert len({one.headers["Idempotency-Key"] for one in posts}) == 2


@pytest.mark.parametrize(("answer", "posts"), [(True, 1), (False, 0), (None, 0)])
def test_live_is_asked_about_before_it_is_dialled(*, answer: bool | None, posts: int) -> None:
    with app_double(journal=JOURNAL, calls=STARTED) as app:
        run = command_line(app, CALLR_API_URL="https://api.callr.com/")
        ran = run("call", ADA, "--flow", "reminder", answer=answer)
        assert sum(one.what.startswith("POST") for one in app.seen) == posts
    assert run.asked == [f"Call {ADA} with flow 'reminder' now?"]
    assert "LIVE" in ran.stderr.splitlines()[0]
    assert ran.exit_code == (Exit.OK if answer else Exit.DECLINED)


def test_with_yes_nobody_is_asked() -> None:
    with app_double(journal=JOURNAL, calls=STARTED) as app:
        run = command_line(app, CALLR_API_URL="https://api.callr.com/")
        assert run("call", ADA, "--flow", "reminder", "--yes").exit_code == Exit.OK
    assert run.asked == []


def test_an_app_elsewhere_is_taken_to_dial_live() -> None:
    run = CommandLine(
        {
            "PUBLIC_URL": "https://offhook.invalid",
            "API_TOKEN": TOKEN,
            "CALLR_API_URL": "http://127.0.0.1:9/",
        }
    )
    refused = run("call", ADA, "--flow", "reminder")
    assert "the app at https://offhook.invalid dials (taken to dial LIVE)" in refused.stderr
    assert refused.exit_code == Exit.REFUSED


PAGE = Answer(b"<html>\x1b[31mWelcome</html>")
LOOK = "It may have dialled; look before trying again (`offhook calls list`)."


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (PAGE, "a web page (HTTP 200)"),
        (replace(PAGE, status=503), "a web page (HTTP 503)"),
        (Answer(b"", 302, {"Location": "https://x.example/login"}), "a redirect to x.example"),
        (Answer(b"", 302, {"Location": "http://[x"}), "a redirect to nowhere"),
        (Answer(breaks=True), "it broke off"),
        (Answer([1]), "no JSON that is expected (HTTP 200)"),
        (Answer({"instance_id": 5}), "no instance_id"),
        (
            refusal(503, "This server has no API_TOKEN,\nso its API is closed.", "Set API_TOKEN."),
            "says: This server has no API_TOKEN, so its API is closed. Set API_TOKEN.",
        ),
    ],
)
def test_what_is_no_app_is_found_out_before_anything_can_be_dialled(
    answer: Answer, said: str
) -> None:
    with app_double(journal=answer, calls=STARTED) as app:
        refused = command_line(app)("call", ADA, "--flow", "reminder")
    assert refused.exit_code == Exit.REFUSED
    assert said in refused.stderr
    assert "\x1b" not in refused.stderr
    assert "may have dialled" not in refused.stderr
    assert [one.what for one in app.seen] == ["GET /api/journal"]


@pytest.mark.parametrize(
    "answer",
    [
        PAGE,
        replace(PAGE, status=504),
        Answer(breaks=True),
        Answer({"no": "token"}, 201),
        refusal(504, "CALLR did not answer within 20 s.", "Look at the network."),
        refusal(504, "CALLR did not answer within 20 s.", LOOK),
        refusal(500, "Something went wrong on our side."),
    ],
)
def test_an_answer_that_is_not_clear_may_have_dialled_and_is_not_asked_for_again(
    answer: Answer,
) -> None:
    with app_double(journal=JOURNAL, calls=answer) as app:
        unclear = command_line(app)("call", ADA, "--flow", "reminder")
    assert (unclear.exit_code, unclear.stdout) == (Exit.UNKNOWN, "")
    assert unclear.stderr.count(LOOK) == 1
    assert len(app.seen) == 2


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (refusal(400, "no", "mend"), Exit.USAGE),
        (refusal(404, "no", "mend"), Exit.NOT_FOUND),
        (refusal(409, "no", "mend"), Exit.REFUSED),
        (refusal(502, "CALLR refused.", "mend"), Exit.REFUSED),
        (refusal(401, "no"), Exit.SETTINGS),
        (Answer(b"", 308, {"Location": "https://x.example/"}), Exit.REFUSED),
        (replace(PAGE, status=404), Exit.REFUSED),
    ],
)
def test_a_refusal_is_one_and_has_dialled_nobody(answer: Answer, code: Exit) -> None:
    with app_double(journal=JOURNAL, calls=answer) as app:
        refused = command_line(app)("call", ADA, "--flow", "reminder")
    assert refused.exit_code == code
    assert "may have dialled" not in refused.stderr


def test_an_app_that_is_silent_may_have_dialled() -> None:
    waits = threading.Event()
    with (
        app_double(calls=Answer(waits=waits)) as app,
        OwnApi(app.url, TOKEN, read_s=0.05) as api,
        pytest.raises(PlacingError, match=r"silent for 0.05 s.*may have dialled") as error,
    ):
        api.place({}, "key")
    assert exit_of(error.value) == Exit.UNKNOWN


def test_an_app_that_takes_no_connections_has_dialled_nobody() -> None:
    with app_double() as app:
        url = app.url
    with OwnApi(url, TOKEN) as api, pytest.raises(ApiError, match=r"offhook serve") as error:
        api.place({}, "key")
    assert exit_of(error.value) == Exit.REFUSED
    refused = CommandLine({"PUBLIC_URL": url, "API_TOKEN": TOKEN})("call", ADA, "--flow", "x")
    assert refused.exit_code == Exit.REFUSED


@pytest.mark.parametrize("token", ["white space", "new\nline", "jeton-é"])
def test_a_token_that_no_header_can_hold_is_a_wrong_setting(token: str) -> None:
    with pytest.raises(SettingsError, match="visible ASCII"):
        OwnApi("https://line.example.com", token)


def test_a_netrc_of_the_user_changes_no_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with app_double(journal=JOURNAL) as app:
        for token in (TOKEN, ""):
            with OwnApi(app.url, token) as api:
                api._session.trust_env = True
                api.instance_id()
    assert [one.headers.get("Authorization") for one in app.seen] == [f"Bearer {TOKEN}", None]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[tuple[CommandLine, Simulator, str]]:
    """Somebody without API_TOKEN, with a journal and the platform's credentials."""
    url = f"sqlite:///{tmp_path / 'journal.sqlite3'}"
    upgrade(url)
    account = Account(login="acme", password=CALLR_PASSWORD)
    with Simulator(account, conditions=Conditions(speed=200)) as simulator:
        run = CommandLine(
            {
                "CALLR_API_URL": simulator.api_url,
                "CALLR_LOGIN": "acme",
                "CALLR_PASSWORD": CALLR_PASSWORD,
                "CALLR_WEBHOOK_LOGIN": LOGIN,
                "CALLR_WEBHOOK_PASSWORD": WEBHOOK_PASSWORD,
                "DATABASE_URL": url,
            }
        )
        yield run, simulator, url


def test_without_a_token_it_dials_itself_where_the_journal_is_the_app_s(
    here: tuple[CommandLine, Simulator, str],
) -> None:
    run, simulator, url = here
    same = Answer({"instance_id": History(url).instance_id()})
    with app_double(journal=same) as app:
        run = CommandLine({**run.environ, "PUBLIC_URL": app.url})
        run("apps", "create", "Reminder", "--flow", "reminder")
        dialled = run(
            "call", ADA, "--flow", "reminder", "--from", OURS, "--var", "name=Ada", "--json"
        )
        assert dialled.exit_code == Exit.OK, dialled.output
        told = json.loads(dialled.stdout)
        assert dialled.stderr.startswith("CALLR: simulator 127.0.0.1:")
        refused = run("call", ADA, "--flow", "reminder", "--var", "nme=Ada")
        assert refused.exit_code == Exit.USAGE
        assert run("call", ADA, "--flow", "remindr").exit_code == Exit.NOT_FOUND
        simulator.platform.stop()
    assert app.seen[0].what == "GET /api/journal"
    assert "Authorization" not in app.seen[0].headers
    journal = SqlJournal(url, on_lost=lambda *_: None)
    try:
        start = journal.start(told["token"])
    finally:
        journal.close()
    assert start is not None
    assert (start.status, start.platform_id) == ("placed", told["platform_id"])
    assert start.variables == {"name": "Ada", "time": "tomorrow"}


def test_without_a_token_it_does_not_dial_where_the_app_keeps_another_journal(
    here: tuple[CommandLine, Simulator, str],
) -> None:
    run, simulator, _ = here
    with app_double(journal=JOURNAL) as app:
        refused = run("call", ADA, "--flow", "reminder", "--app", "A1B2C3D4", PUBLIC_URL=app.url)
    assert refused.exit_code == Exit.SETTINGS
    assert "keeps another journal" in refused.stderr
    assert "API_TOKEN=..." in refused.stderr
    assert simulator.platform.callids == ()


def test_without_a_token_and_without_an_app_it_does_not_dial(
    here: tuple[CommandLine, Simulator, str],
) -> None:
    run, simulator, _ = here
    with app_double() as app:
        url = app.url
    refused = run("call", ADA, "--flow", "reminder", "--app", "A1B2C3D4", PUBLIC_URL=url)
    assert refused.exit_code == Exit.SETTINGS
    assert "it takes no connections" in refused.stderr
    assert "API_TOKEN=..." in refused.stderr
    assert simulator.platform.callids == ()


def test_without_a_token_live_is_asked_about_too(
    here: tuple[CommandLine, Simulator, str],
) -> None:
    run, _, url = here
    same = Answer({"instance_id": History(url).instance_id()})
    with app_double(journal=same) as app:
        live = {"PUBLIC_URL": app.url, "CALLR_API_URL": "https://api.callr.com/"}
        run = CommandLine({**run.environ, **live})
        declined = run("call", ADA, "--flow", "reminder", answer=False)
    assert declined.exit_code == Exit.DECLINED
    assert declined.stderr.startswith("CALLR: LIVE, login acme\n")
    assert run.asked == [f"Call {ADA} with flow 'reminder' now?"]


def test_a_call_is_watched_to_its_end(deployed: Deployed, ada: threading.Event) -> None:
    watched = deployed.run("call", ADA, "--flow", "reminder", "--var", "name=Ada", "--watch")
    assert watched.exit_code == Exit.OK, watched.output
    assert ada.is_set()
    lines = [line[10:] for line in watched.stdout.splitlines()]
    assert f"called    {ADA} answers; called from a withheld number" in lines
    assert "called    presses 2" in lines
    assert lines[-1].startswith("call      completed: we hung up, as the flow says")

    assert lines.count("called    presses 1") == 1


def test_a_call_to_somebody_who_is_busy_is_watched_too(deployed: Deployed) -> None:
    platform = deployed.simulator.platform
    platform.people.put(ADA, lambda: Scripted(Script(answer=PersonAnswers.BUSY)))
    try:
        watched = deployed.run("call", ADA, "--flow", "reminder", "--watch")
    finally:
        platform.people.remove(ADA)
    assert watched.exit_code == Exit.OK, watched.output
    assert watched.stdout.splitlines()[-1].endswith("busy: the number that we called was busy")


def test_a_call_is_not_placed_where_it_could_not_be_watched(
    deployed: Deployed, tmp_path: Path
) -> None:
    other = f"sqlite:///{tmp_path / 'other.sqlite3'}"
    upgrade(other)
    before = deployed.calls()
    refused = deployed.run("call", ADA, "--flow", "reminder", "--watch", DATABASE_URL=other)
    assert refused.exit_code == Exit.SETTINGS
    assert "keeps another journal" in refused.stderr
    assert "leave out --watch" in refused.stderr.lower()
    both = deployed.run("call", ADA, "--flow", "reminder", "--watch", "--json")
    assert both.exit_code == Exit.USAGE
    assert deployed.calls() == before
