"""The yardstick: the least that a Flask server can do with a report and still have read it."""

from __future__ import annotations

import json

from flask import Flask, Response, request
from marshmallow import Schema, fields

STATE_CHARS = 280
"""As many as a sealed state of ``reception`` has on the average."""


class ReportSchema(Schema):
    """The 14 fields of a report, with the types that CALLR documents."""

    app = fields.String(required=True)
    callid = fields.Integer(required=True)
    request_hash = fields.String(required=True, allow_none=True)
    cli_name = fields.String(required=True)
    cli_number = fields.String(required=True)
    date_started = fields.String(required=True)
    number = fields.String(required=True)
    command = fields.String(required=True)
    command_id = fields.Integer(required=True)
    command_result = fields.String(required=True)
    command_error = fields.String(required=True)
    call_status = fields.String(required=True)
    cdr_field = fields.String(required=True)
    variables = fields.Dict(required=True)


app = Flask(__name__)
schema = ReportSchema()
reply = Response(
    json.dumps(
        {
            "command": "play",
            "command_id": 1,
            "params": {"media_id": "TTS|TTS_EN-GB_SERENA|Thanks for calling Acme."},
            "variables": {"offhook": "x" * STATE_CHARS},
        },
        separators=(",", ":"),
    ),
    content_type="application/json",
)


@app.post("/callr/<flow>")
def echo(flow: str) -> Response:  # noqa: ARG001 - the URL is that of Offhook's webhook
    schema.loads(request.get_data())
    return reply
