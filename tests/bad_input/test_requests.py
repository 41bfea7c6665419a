"""Requests that are no report of a call: refused in one shape, and nothing of them is kept."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

import pytest
from journal_of import (
    call_of,
    check_refusal,
    logging_only,
    new_callid,
    parametrized,
    turns_of,
)
from serving import FIRST_REPORT, PATIENCE_S, Reply, Server

from app.journal import History, Wanted

pytest_plugins = "bad_input_server"

LIMIT = 64 * 1024


def body(**changes: object) -> bytes:
    return json.dumps({**FIRST_REPORT, **changes}).encode()


def without(name: str) -> bytes:
    return json.dumps({key: value for key, value in FIRST_REPORT.items() if key != name}).encode()


def padded(size: int, callid: int) -> bytes:
    report = body(callid=callid)
    return report + b" " * (size - len(report))


def calls(server: Server) -> set[str]:
    history = History(server.database_url)
    return {call.row.key for call in history.calls(Wanted(tests=True), limit=10_000)}


NO_OBJECTS = {
    "nothing": b"",
    "no JSON": b"callid=7&call_status=UP",
    "half of it": body()[:100],
    "null": b"null",
    "a number": b"7",
    "a text": b'"UP"',
    "a list": b"[%s]" % body(),
    "two objects": body() + body(),
    "deep lists": b"[" * 60_000,
    "deep objects": b'{"callid":' * 6_500,
    "a gzip bomb": gzip.compress(b" " * 10_000_000 + body()),
    "XML": b"<?xml version='1.0'?><callid>7</callid>",
}


@parametrized("content", NO_OBJECTS)
def test_what_is_no_json_object_is_refused(server: Server, content: bytes) -> None:
    before = calls(server)
    with logging_only(server, "the body is no JSON object."):
        reply = server.post("reception", content, **{"Content-Encoding": "gzip"})
    check_refusal(reply, 400, "the body is no JSON object.")
    assert calls(server) == before


@pytest.mark.parametrize(
    "value",
    [None, "", "abc", -1, "-1", 2**64, str(2**64), 1.5, 7.0, True, [], {}, [7], "²", "1e5", " 7"],
    ids=repr,
)
def test_a_callid_that_cannot_be_read_is_named(server: Server, value: object) -> None:
    before = calls(server)
    with logging_only(server, "callid: "):
        check_refusal(server.post("reception", body(callid=value)), 400, "callid: ")
    assert calls(server) == before


@pytest.mark.parametrize("value", [b"NaN", b"Infinity", b"-Infinity", b"1e400", b"9" * 5000])
def test_a_callid_that_is_no_number_of_json_is_refused(server: Server, value: bytes) -> None:
    content = body(callid=7).replace(b'"callid": 7', b'"callid": ' + value)
    assert value in content
    check_refusal(server.post("reception", content), 400)


@pytest.mark.parametrize("value", [None, 7, True, [], {}, ["UP"]], ids=repr)
def test_a_call_status_that_cannot_be_read_is_named(server: Server, value: object) -> None:
    callid = new_callid()
    with logging_only(server, "call_status: "):
        reply = server.post("reception", body(callid=callid, call_status=value))
    check_refusal(reply, 400, "call_status: ")
    assert not turns_of(server, callid)
    assert call_of(server, callid) is None


@pytest.mark.parametrize("name", ["callid", "call_status"])
def test_a_field_that_must_be_there_is_named(server: Server, name: str) -> None:
    with logging_only(server, f"{name}: Missing data"):
        check_refusal(server.post("reception", without(name)), 400, f"{name}: Missing data")


def test_the_widest_callid_is_taken_as_a_number_and_as_digits(server: Server) -> None:
    for callid in (2**64 - 1, str(2**64 - 2)):
        assert server.report("reception", callid=callid).status == 200
        assert len(turns_of(server, int(callid))) == 1


def test_a_body_of_64_kb_is_read_and_a_larger_one_is_not(server: Server) -> None:
    callid = new_callid()
    with logging_only(server, f"the body is over {LIMIT} bytes."):
        reply = server.post("reception", padded(LIMIT + 1, callid))
    check_refusal(reply, 413, f"the body is over {LIMIT} bytes.")
    assert not turns_of(server, callid)
    assert server.post("reception", padded(LIMIT, callid)).status == 200
    assert len(turns_of(server, callid)) == 1


def test_a_body_of_brackets_is_too_large_or_no_object(server: Server) -> None:
    check_refusal(server.post("reception", b"[" * 100_000), 413)
    check_refusal(server.post("reception", b"[" * LIMIT), 400)


def test_a_larger_body_without_a_length_is_refused_too(server: Server) -> None:
    callid = new_callid()
    content = padded(LIMIT + 1024, callid)
    chunks = (content[at : at + 8192] for at in range(0, len(content), 8192))
    check_refusal(chunked(server, chunks), 413, f"the body is over {LIMIT} bytes.")
    assert not turns_of(server, callid)


def test_a_report_in_chunks_is_read(server: Server) -> None:
    callid = new_callid()
    reply = chunked(server, iter([body(callid=callid)[:50], body(callid=callid)[50:]]))
    assert reply.status == 200
    assert len(turns_of(server, callid)) == 1


def chunked(server: Server, chunks: Iterable[bytes]) -> Reply:
    where = urlsplit(server.url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, PATIENCE_S)
    try:
        headers = {"Authorization": server.basic, "Transfer-Encoding": "chunked"}
        connection.request("POST", "/callr/reception", chunks, headers, encode_chunked=True)
        response = connection.getresponse()
        return Reply(response.status, dict(response.getheaders()), response.read())
    finally:
        connection.close()


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_a_report_comes_by_post_alone(server: Server, method: str) -> None:
    callid = new_callid()
    headers = {"Authorization": server.basic}
    with logging_only(server, f"{method} is not what a report comes by."):
        reply = server.request(method, "/callr/reception", body(callid=callid), headers)
    check_refusal(reply, 405, method)
    assert reply.headers["Allow"] == "POST"
    assert not turns_of(server, callid)


def test_other_addresses_have_the_same_shape_and_none_redirects(server: Server) -> None:
    check_refusal(server.request("GET", "/no/such/page"), 404)
    check_refusal(server.post("", body()), 404)
    check_refusal(server.post("reception/more", body()), 404)
    check_refusal(server.request("DELETE", "/healthz"), 405)
    callid = new_callid()
    assert server.post("reception/", body(callid=callid)).status == 200
    assert len(turns_of(server, callid)) == 1


def test_content_types_do_not_matter(server: Server) -> None:
    for kind in ("text/plain", "application/json; charset=latin-1", "application/x-www-form"):
        callid = new_callid()
        reply = server.post("reception", body(callid=callid), **{"Content-Type": kind})
        assert reply.status == 200
        assert len(turns_of(server, callid)) == 1


def test_no_refusal_is_a_defect(server: Server) -> None:
    assert "Traceback" not in server.log()


def test_a_name_that_is_no_utf_8_costs_its_caller_no_call(server: Server) -> None:
    callid = new_callid()
    report = {**FIRST_REPORT, "callid": callid, "cli_name": "@@"}
    raw = json.dumps(report).encode().replace(b"@@", "Zoë".encode("latin-1"))
    reply = server.post("reception", raw)
    assert (reply.status, reply.json["command_id"]) == (200, 1)


def test_a_body_that_does_not_come_is_not_waited_for(server: Server) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    head = "POST /callr/reception HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=30) as sender:
        sender.sendall(head.encode())
        assert sender.recv(100).startswith(b"HTTP/1.1 408 ")


def test_a_body_that_is_no_http_is_refused_in_one_line(server: Server) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    head = "POST /callr/reception HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=30) as sender:
        sender.sendall(head.encode() + b"SUPERSECRETBODY\r\n")
        assert sender.recv(100).startswith(b"HTTP/1.1 400 ")
    assert "SUPERSECRETBODY" not in server.log()
    assert "Traceback" not in server.log()
