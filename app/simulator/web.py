"""The simulated platform over HTTP: JSON-RPC, sounds, and telephones.

Telephones are the simulator's own addition, for programs such as a terminal phone. All of it takes
the account's credentials (Basic or Api-Key), telephones also the API key of Stringee's project (its
SID and secret, as Basic), and speaks JSON; errors of the telephones are
`{"error": {"message": ...}}`. Stringee's API is beside it, under `/v1/`, with credentials of its
own: see `app.simulator.stringee.web`.

- `POST /json-rpc/v1.1/`: one JSON-RPC request.
- `GET /media/<hash>.wav`: the sound of a medium, a tone as long as the recording. That sounds are
  served beside the API, and to the account only, is assumed: the vendor tells neither.
- `POST /phones/`: `{"ring": number}` rings one of the account's numbers, `{"listen": number}` waits
  there for outbound calls. Both take `holder`, `ring` also `caller` and `at`. With `as`, a type of
  Stringee's calls, an app's user (`user`) calls whom `ring` names, showing `caller` and giving
  `custom` along, or a phone rings a number there. 201 `{"phone": id}`.
- `GET /phones/<id>/events?after=N&wait=S`: the events from the N-th (from 0) on, waiting up to 25 s
  for one: `{"events": [...], "over": false}`.
- `POST /phones/<id>/keys`: `{"keys": "12#"}` presses keys.
- `POST /phones/<id>/hang-up`: hangs up, or declines.
- `POST /phones/<id>/silence`: lets pass what the platform waits for.
- `DELETE /phones/<id>`: hangs up and puts the phone away.
"""

import hmac
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import Flask, Response, jsonify, request
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import HTTPException, NotFound

from app.simulator.account import Account
from app.simulator.in_progress import AllLinesBusyError
from app.simulator.media import tone
from app.simulator.phone_schemas import KeysSchema, PhoneSchema
from app.simulator.phones import HeldPhone, Holder, NoSuchPhoneError, Phones
from app.simulator.platform import Platform, UnreachableError
from app.simulator.ring import A_CALLER
from app.simulator.rpc import JsonRpc
from app.simulator.rpc_apps import app_methods
from app.simulator.rpc_calls import call_methods
from app.simulator.stringee.account import StringeeAccount
from app.simulator.stringee.facts import APP_KINDS
from app.simulator.stringee.platform import StringeePlatform
from app.simulator.stringee.ring import A_USER
from app.simulator.stringee.web import PREFIX as STRINGEE_PREFIX
from app.simulator.stringee.web import blueprint
from app.simulator.transcript import to_json

MOST_BODY: Final = 1_000_000
LONGEST_WAIT_S: Final = 25.0
RPC_PATH: Final = "/json-rpc/v1.1/"
PHONES_PATH: Final = "/phones/"

_STATUS: Final[dict[type[Exception], int]] = {
    ValidationError: 400,
    UnreachableError: 404,
    NoSuchPhoneError: 404,
    AllLinesBusyError: 503,
}


def create_app(platform: Platform, phones: Phones, stringee: StringeePlatform) -> Flask:
    """The Flask app of both platforms and their phones."""
    app = Flask("app.simulator", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BODY
    app.before_request(lambda: _authenticate(platform.account, stringee.account))
    app.register_blueprint(blueprint(stringee))
    _add_rpc(app, platform)
    _add_sounds(app, platform)
    _add_phones(app, phones)
    for kind, status in _STATUS.items():
        app.register_error_handler(kind, _refusal(status))
    app.register_error_handler(
        HTTPException, lambda error: _error(error.code or 500, error.description or "")
    )
    return app


def _add_rpc(app: Flask, platform: Platform) -> None:
    rpc = JsonRpc({**app_methods(platform), **call_methods(platform)})

    def answer() -> Response:
        login_as = request.headers.get("CALLR-Login-As")
        if login_as is not None:
            platform.logged_in_as.append(login_as)
        answer = rpc.answer(request.get_data())
        response = jsonify(answer.body)
        if answer.is_error:
            response.status_code = platform.conditions.readings.rpc_error_status
        return response

    app.add_url_rule(RPC_PATH, "rpc", answer, methods=["POST"])


def _add_sounds(app: Flask, platform: Platform) -> None:
    def sound(path: str) -> Response:
        media = platform.store.media_at(f"/media/{path}")
        if media is None:
            raise NotFound
        return Response(tone(media.seconds), mimetype="audio/wav")

    app.add_url_rule("/media/<path>", "sound", sound, methods=["GET"])


def _add_phones(app: Flask, phones: Phones) -> None:
    def take() -> tuple[Response, int]:
        wanted = _body(PhoneSchema())
        holder = wanted.get("holder") or Holder()
        if "listen" in wanted:
            return jsonify(phone=phones.listen(wanted["listen"], holder)), 201
        return jsonify(phone=_rung(phones, wanted, holder)), 201

    def events(phone_id: str) -> Response:
        after = max(0, request.args.get("after", 0, type=int))
        wait_s = min(LONGEST_WAIT_S, max(0.0, request.args.get("wait", 0.0, type=float)))
        found, over = phones.get(phone_id).events(after, wait_s=wait_s)
        return jsonify(events=[to_json(event) for event in found], over=over)

    def act(do: Callable[[HeldPhone], None]) -> Callable[[str], tuple[str, int]]:
        def view(phone_id: str) -> tuple[str, int]:
            do(phones.get(phone_id))
            return "", 204

        return view

    def put_away(phone_id: str) -> tuple[str, int]:
        phones.close(phone_id)
        return "", 204

    one = f"{PHONES_PATH}<phone_id>"
    press = act(lambda phone: phone.press(_body(KeysSchema())["keys"]))
    app.add_url_rule(PHONES_PATH, "take", take, methods=["POST"])
    app.add_url_rule(f"{one}/events", "events", events, methods=["GET"])
    app.add_url_rule(f"{one}/keys", "press", press, methods=["POST"])
    app.add_url_rule(f"{one}/hang-up", "hang_up", act(HeldPhone.hang_up), methods=["POST"])
    app.add_url_rule(f"{one}/silence", "silence", act(HeldPhone.stay_silent), methods=["POST"])
    app.add_url_rule(one, "put_away", put_away, methods=["DELETE"])


def _rung(phones: Phones, wanted: Mapping[str, Any], holder: Holder) -> str:
    """Ring a number from a phone, or call from an app; gives the phone's id."""
    kind = wanted.get("as")
    if kind not in APP_KINDS:
        return phones.ring(
            wanted["ring"],
            holder,
            caller=wanted.get("caller", A_CALLER),
            at=wanted.get("at"),
            kind=kind,
        )
    return phones.call_from_app(
        wanted["ring"],
        holder,
        user=wanted.get("user", A_USER),
        kind=kind,
        shows=wanted.get("caller", ""),
        custom=wanted.get("custom", ""),
    )


def _authenticate(account: Account, stringee: StringeeAccount) -> Response | None:
    """Refuse who is not the account; 401 comes as a JSON-RPC error too (assumed)."""
    if request.path.startswith(STRINGEE_PREFIX):
        return None
    scheme, _, proof = request.headers.get("Authorization", "").partition(" ")
    basic = [_basic(account.login, account.password)]
    if request.path.startswith(PHONES_PATH):
        basic.append(_basic(stringee.key_sid, stringee.key_secret))
    for expected in {"basic": basic, "api-key": [account.api_key]}.get(scheme.lower(), ()):
        if expected and hmac.compare_digest(proof.strip().encode(), expected.encode()):
            return None
    told = {"code": 401, "message": "authentication failed"}
    response = jsonify({"jsonrpc": "2.0", "id": None, "error": told})
    response.status_code = 401
    response.headers["WWW-Authenticate"] = 'Basic realm="CALLR"'
    return response


def _basic(login: str, password: str) -> str:
    return b64encode(f"{login}:{password}".encode()).decode()


def _body(schema: Schema) -> Any:
    return schema.load(request.get_json(force=True))


def _refusal(status: int) -> Callable[[Exception], tuple[Response, int]]:
    return lambda error: _error(status, str(error))


def _error(status: int, message: str) -> tuple[Response, int]:
    return jsonify(error={"message": message}), status
