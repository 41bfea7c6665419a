"""JSON-RPC v1.1: the envelope, the table of methods, and how they refuse.

Envelope, positional params, error texts and the use of null are documented or seen in the vendor's
SDKs and tests (docs.callr.com/api/json-rpc; THECALLR/sdk-dotnet 7f3f35b, `CallrApiTest`). The
codes 100, 150, 151, 205 and 401 come from a third-party list (optiflows/thecallrapi 21601b3). What
the platform says to a wrong number of params or an unknown method is unknown; the codes that
JSON-RPC 2.0 reserves are used.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

NO_FEATURE: Final = 100
VALUE: Final = 151
NO_DID: Final = 205
INTERNAL: Final = -32000
PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
NO_METHOD: Final = -32601
INVALID_PARAMS: Final = -32602


class RpcError(Exception):
    """A method refuses; becomes the `error` object of the answer."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Method:
    """A method: what runs, and how many params it takes, at least and at most."""

    run: Callable[..., Any]
    least: int
    most: int


Methods = Mapping[str, Method]


def value_error(name: str) -> RpcError:
    """A param, or a property of one, is out of range or names nothing."""
    return RpcError(VALUE, f"PROPERTY_VALUE_ERROR [{name}]")


def format_error(name: str) -> RpcError:
    """A param has another JSON type, or is null where it must not be."""
    return RpcError(VALUE, f"INVALID_PARAM_FORMAT [{name}]")


def text(value: object, name: str) -> str:
    """A param that is a string."""
    if not isinstance(value, str):
        raise format_error(name)
    return value


def mapping(value: object, name: str) -> dict[str, Any]:
    """A param that is an object."""
    if not isinstance(value, dict):
        raise format_error(name)
    return value


def whole(value: object, name: str) -> int:
    """A param that is an integer."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise format_error(name)
    return value


def flag(value: object, name: str) -> bool:
    """A param that is true or false."""
    if not isinstance(value, bool):
        raise format_error(name)
    return value


@dataclass(frozen=True, slots=True)
class RpcAnswer:
    """An answer's JSON, and whether it is an error."""

    body: dict[str, Any]
    is_error: bool


class JsonRpc:
    """Answers requests out of a table of methods."""

    def __init__(self, methods: Methods) -> None:
        self._methods = methods

    def answer(self, body: bytes) -> RpcAnswer:
        """Answer one request. No batches, no notifications, no params by name."""
        request_id = None
        try:
            request = _read(body)
            request_id = request["id"]
            result = self._run(request["method"], request.get("params", []))
        except RpcError as error:
            told = {"code": error.code, "message": error.message}
            return RpcAnswer({"jsonrpc": "2.0", "id": request_id, "error": told}, is_error=True)
        return RpcAnswer({"jsonrpc": "2.0", "id": request_id, "result": result}, is_error=False)

    def _run(self, name: object, params: object) -> object:
        method = self._methods.get(name) if isinstance(name, str) else None
        if method is None:
            raise RpcError(NO_METHOD, f"Method not found: {name}")
        if not isinstance(params, list):
            raise RpcError(INVALID_PARAMS, "Invalid params: send them as an array, by position")
        if not method.least <= len(params) <= method.most:
            takes = str(method.least)
            if method.most != method.least:
                takes += f" to {method.most}"
            message = f"Invalid params: {name} takes {takes}, got {len(params)}"
            raise RpcError(INVALID_PARAMS, message)
        return method.run(*params)


def _read(body: bytes) -> dict[str, Any]:
    try:
        request = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RpcError(PARSE_ERROR, f"Parse error: {error}") from error
    if not isinstance(request, dict) or request.get("jsonrpc") != "2.0":
        raise RpcError(INVALID_REQUEST, "Invalid Request: expected one JSON-RPC 2.0 object")
    if "id" not in request or "method" not in request:
        raise RpcError(INVALID_REQUEST, "Invalid Request: 'id' and 'method' are required")
    return request
