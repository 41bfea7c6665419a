"""Reads what Stringee tells without asking anything: status posts, and sounds that are ready.

Sources: developer.stringee.com/docs/server/call-events, stringeecom/server-samples
``event_url/php``; what a recording's post holds is not documented.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from app.callflow.errors import PlatformError
from app.callflow.events import Direction, NotAnswered, Unanswered
from app.callflow.prompts import printable
from app.ports import Notice, Start, Told, WireRequest, start_key
from app.stringee.bodies import (
    MAX_ID,
    MAX_TURN_DIGITS,
    PROVIDER,
    Body,
    body_of,
    call_id_of,
    raw_of,
    without_keys,
)
from app.stringee.ends import about_end, end_of
from app.stringee.spelling import RECORDED

OVER, REFUSED = "ended", "refused"
"""The kinds of posts that end a call: Stringee's, and ours for a call that it did not place."""

_NOT_PLACED = NotAnswered(Unanswered.REJECTED)
_SOUND_NAMES = ("recording_url", "recordingUrl", "recordUrl", "url", "link", "fileUrl")
"""How a sound's address is called: the first is seen in products, the others are guesses there."""


def told_by(request: WireRequest, received_at: datetime) -> Notice:
    """A status post of the event_url: any status, in any order, as often as it comes.

    Raises:
        PlatformError: it names no call, or no status.
    """
    body = body_of(request)
    call_id = call_id_of(body)
    status = body.text("call_status", 40)
    for name, text in (("call_id", call_id), ("call_status", status)):
        if not text:
            msg = f"{name}: it is missing."
            raise PlatformError(msg, mend="Send what Stringee documents for an event_url.")
    event_id = body.text("event_id") or body.text("timestamp_ms")
    return Notice(
        event_id=f"{PROVIDER}:{call_id}:{status}:{event_id}",
        provider=PROVIDER,
        platform_id=call_id,
        kind=status,
        received_at=received_at,
        raw=_kept_of(request, body),
        event=end_of(body) if status == OVER else None,
        direction=_placed_or_not(body),
        about=about_end(body) if status == OVER else {},
    )


def sound_of(request: WireRequest, received_at: datetime) -> Notice:
    """That a sound is ready, told to the address which its action had.

    What such a post holds is not documented; products read ``recording_url``. Without any address
    the call's own id fetches the sound.

    Raises:
        PlatformError: the address is none of ours.
    """
    body = body_of(request)
    query = request.query
    turn, at, key = query.get("turn", ""), query.get("at", ""), query.get("call", "")[:MAX_ID]
    if not (turn.isdecimal() and at.isdecimal() and len(turn + at) <= 2 * MAX_TURN_DIGITS and key):
        msg = "call, turn or at: the address is none that this server gave out."
        raise PlatformError(msg, mend="Send it to the eventUrl of the action.")
    call_id = call_id_of(body)
    named = next((text for name in _SOUND_NAMES if (text := body.text(name, 512))), "")
    file = named or body.text("recording_id") or call_id or key.rpartition(":")[2]
    told = Told(turn=int(turn), at=int(at), file=file)
    return Notice(
        event_id=printable(f"{key}:rec:{turn}.{at}:{file}"),
        provider=PROVIDER,
        platform_id=call_id,
        call_key=printable(key),
        kind=RECORDED,
        received_at=received_at,
        raw=_kept_of(request, body),
        about=asdict(told),
        sound=told,
    )


def refused_by(start: Start, received_at: datetime) -> Notice:
    """That a call which we wanted to place is over before it began: Stringee refused it."""
    key = start_key(PROVIDER, start.token)
    return Notice(
        event_id=f"{key}:refused",
        provider=PROVIDER,
        platform_id="",
        call_key=key,
        kind=REFUSED,
        received_at=received_at,
        raw=b"",
        event=_NOT_PLACED,
        direction="outbound",
    )


def reread(notice: Notice) -> Notice:
    """A post that the journal gave back, as it was first read: it keeps not what a post does.

    Where its bytes were not kept (``_kept_of``), what was kept for people tells how the call ended.
    """
    if notice.kind == REFUSED and not notice.platform_id:
        return replace(notice, event=_NOT_PLACED, direction="outbound")
    asked = notice.raw.startswith(b"/")
    target = notice.raw.decode(errors="replace") if asked else ""
    request = WireRequest(
        method="GET" if asked else "POST",
        target=target,
        headers={},
        body=b"" if asked else notice.raw,
        flow="",
        query=dict(reversed(parse_qsl(urlsplit(target).query))),
    )
    try:
        read = told_by(request, notice.received_at)
    except PlatformError:
        told = notice.about
        body = Body(
            {
                "endCallCause": told.get("cause"),
                "endedBy": told.get("by"),
                "answerDuration": told.get("answered_s"),
            }
        )
        return replace(notice, event=end_of(body) if notice.kind == OVER else None)
    return replace(notice, event=read.event, direction=read.direction)


def _kept_of(request: WireRequest, body: Body) -> bytes:
    """A post as it is kept: without keys, which no page says it holds, but might be a secret."""
    keys = body.data.get("dtmf")
    return raw_of(request) if keys is None else without_keys(raw_of(request), len(str(keys)))


def _placed_or_not(body: Body) -> Direction:
    placed = body.text("callCreatedReason").startswith("SERVER_CALL_OUT")
    return "outbound" if placed else "inbound"
