"""The server as it runs: its start, its stop, and what neither may lose."""

from __future__ import annotations

from pathlib import Path

from serving import serving


def test_a_call_is_answered_over_http(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        welcome = server.report("reception")
        assert welcome.status == 200
        assert welcome.json["command"] == "play"
        assert server.answer("reception", welcome).json["command"] == "read"
        assert server.stop() == 0
