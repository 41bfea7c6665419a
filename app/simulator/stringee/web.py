"""The simulated Stringee's REST API over HTTP, beside CALLR's.

The token comes in the header X-STRINGEE-AUTH or as `access_token` in the query: one of a project's
API key, or, for projects and numbers, one of the account. Where it is refused the answer is HTTP
403 with an `r`; where a call is, HTTP 200 with an `r`.

- `POST /v1/call2/callout`, `stop`, `putactions`, `transfer`, `adduser`, `whisper`
- `GET /v1/call/log`
- `GET /v1/call/recording/<id>` and `GET /v1/call/play/<id>`: the sound, a tone as long as the
  recording, in parts too. Before it is there, see `StringeeHostility`.
- `POST` and `GET /v1/greetingfile`
- `POST` and `GET /v1/project`, `PUT /v1/project/<id>`
- `GET /v1/number`, `PUT /v1/number/<id>`
"""

from collections.abc import Callable
from typing import Any, Final

from flask import Blueprint, Response, jsonify, request

from app.simulator.media import tone
from app.simulator.stringee.call_log import call_log
from app.simulator.stringee.codes import RefusedError
from app.simulator.stringee.objects import OwnProject
from app.simulator.stringee.platform import StringeePlatform
from app.simulator.stringee.rest_account import AccountApi
from app.simulator.stringee.rest_calls import UNREADABLE, CallsApi
from app.simulator.stringee.tokens import (
    KEY_INVALID,
    TokenError,
    check_rest_token,
    issuer_of,
)

PREFIX: Final = "/v1/"
AUTH: Final = "X-STRINGEE-AUTH"
PROCESSING: Final = b"processing"

_FORBIDDEN: Final = 403


def blueprint(platform: StringeePlatform) -> Blueprint:
    """The REST API of a platform."""
    api = Blueprint("stringee", __name__)
    _add_calls(api, platform)
    _add_recordings(api, platform)
    _add_greetings(api, platform)
    _add_account(api, platform)
    api.register_error_handler(TokenError, _refuse_token)
    api.register_error_handler(RefusedError, _refuse)
    return api


def _add_calls(api: Blueprint, platform: StringeePlatform) -> None:
    def view(run: Callable[[OwnProject, Any], dict[str, Any]]) -> Callable[[], Response]:
        def answer() -> Response:
            project = _project(platform)
            return jsonify(run(project, _body()))

        return answer

    for name, run in CallsApi(platform).methods().items():
        api.add_url_rule(f"{PREFIX}call2/{name}", name, view(run), methods=["POST"])
    api.add_url_rule(
        f"{PREFIX}call/log",
        "log",
        lambda: jsonify(call_log(platform.store, _project(platform), request.args)),
        methods=["GET"],
    )


def _add_recordings(api: Blueprint, platform: StringeePlatform) -> None:
    def recording(recording_id: str) -> Response:
        project = _project(platform)
        call = platform.store.ended_call(recording_id)
        if call is None or call.project.id != project.id:
            return _error(404, "there is no such recording")
        seconds = call.seconds_of(recording_id)
        if seconds is None:
            return _error(400, "the call was not recorded")
        early = _too_early(platform, recording_id)
        return early if early is not None else _sound(recording_id, seconds)

    for name in ("recording", "play"):
        api.add_url_rule(f"{PREFIX}call/{name}/<recording_id>", name, recording, methods=["GET"])


def _too_early(platform: StringeePlatform, recording_id: str) -> Response | None:
    """What comes first, each so often as it is asked for."""
    hostility = platform.conditions.hostility
    asked = platform.store.fetch(recording_id)
    if asked < hostility.not_yet:
        return _error(404, "there is no such recording")
    if asked < hostility.not_yet + hostility.processing:
        return Response(PROCESSING, mimetype="audio/mpeg")
    if asked < hostility.not_yet + hostility.processing + hostility.too_often:
        late = _error(429, "too many requests")
        late.headers["Retry-After"] = "1"
        return late
    return None


def _sound(name: str, seconds: float) -> Response:
    content = tone(seconds)
    response = Response(content, mimetype="audio/mpeg")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.mp3"'
    response.make_conditional(request, accept_ranges=True, complete_length=len(content))
    return response


def _add_greetings(api: Blueprint, platform: StringeePlatform) -> None:
    def upload() -> Response:
        _project(platform)
        if request.args.get("uploadType") == "multipart":
            sent = request.files.get("file")
            content = sent.read() if sent is not None else b""
        else:
            content = request.get_data()
        if not content:
            raise RefusedError(1, "there is no sound in the request")
        ms = round(platform.now().timestamp() * 1000)
        greeting = platform.store.add_greeting(content, request.args.get("desc", ""), ms)
        if greeting is None:
            raise RefusedError(1, "there are too many greeting files")
        return jsonify(r=0, filename=greeting.name, fileSid=greeting.sid, message="success")

    def list_all() -> Response:
        _project(platform)
        files = [one.json() for one in platform.store.greetings()]
        return jsonify(r=0, message="success", data={"files": files})

    api.add_url_rule(f"{PREFIX}greetingfile", "upload", upload, methods=["POST"])
    api.add_url_rule(f"{PREFIX}greetingfile", "greetings", list_all, methods=["GET"])


def _add_account(api: Blueprint, platform: StringeePlatform) -> None:
    account = AccountApi(platform)

    def create() -> Response:
        _account(platform)
        return jsonify(account.create_project(_body()))

    def projects() -> Response:
        _account(platform)
        return jsonify(account.projects(request.args))

    def change_project(project_id: int) -> Response:
        _account(platform)
        return jsonify(account.change_project(project_id, _body()))

    def numbers() -> Response:
        _account(platform)
        return jsonify(account.numbers(request.args))

    def change_number(number_id: int) -> Response:
        _account(platform)
        return jsonify(account.change_number(number_id, _body()))

    api.add_url_rule(f"{PREFIX}project", "create", create, methods=["POST"])
    api.add_url_rule(f"{PREFIX}project", "projects", projects, methods=["GET"])
    one_project = f"{PREFIX}project/<int:project_id>"
    api.add_url_rule(one_project, "change_project", change_project, methods=["PUT"])
    api.add_url_rule(f"{PREFIX}number", "numbers", numbers, methods=["GET"])
    one_number = f"{PREFIX}number/<int:number_id>"
    api.add_url_rule(one_number, "change_number", change_number, methods=["PUT"])


def _token() -> str:
    return request.headers.get(AUTH) or request.args.get("access_token", "")


def _project(platform: StringeePlatform) -> OwnProject:
    """The project whose API key made the token.

    Raises:
        TokenError: it is refused.
    """
    token = _token()
    project = platform.store.project_of_key(issuer_of(token))
    if project is None:
        raise TokenError(KEY_INVALID, "keySid invalid")
    check_rest_token(token, project.key_secret)
    return project


def _account(platform: StringeePlatform) -> None:
    """Check that the token is the account's.

    Raises:
        TokenError: it is refused.
    """
    token = _token()
    if issuer_of(token) != platform.account.account_sid:
        raise TokenError(KEY_INVALID, "keySid invalid")
    check_rest_token(token, platform.account.account_key)


def _body() -> dict[str, Any]:
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise RefusedError(-1, UNREADABLE)
    return body


def _refuse_token(error: TokenError) -> tuple[Response, int]:
    return jsonify(r=error.r, message=error.message), _FORBIDDEN


def _refuse(error: RefusedError) -> Response:
    return jsonify(r=error.refusal.r, message=error.refusal.why)


def _error(status: int, message: str) -> Response:
    response = jsonify(r=status, message=message)
    response.status_code = status
    return response
