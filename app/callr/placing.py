"""Places calls on CALLR: finds the voice app of a flow, and dials with it."""

from __future__ import annotations

from app.callflow.errors import ApiError, PlacingError
from app.callr.api import connect
from app.callr.refusals import CallrError
from app.fates import Fate
from app.ports import Start
from app.settings import Settings


class CallrPlacer:
    """Fulfils ``app.ports.Placer``; connects for each call that it places, since that is rare."""

    name = "callr"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def voice_app(self, flow: str, chosen: str) -> str:
        """The voice app whose URL is the flow's.

        Raises:
            ApiError: none or several have it; or CALLR refused, or did not answer.
        """
        if chosen:
            return chosen
        url = webhook_url(self._settings.public_url, flow)
        with connect(self._settings) as api:
            found = [app for app in api.apps() if app.url == url]
        if len(found) == 1:
            return found[0].hash
        if found:
            hashes = ", ".join(app.hash for app in found)
            msg = f"{len(found)} voice apps have the URL {url}: {hashes}."
            raise ApiError(msg, mend="Say which with --app HASH.", status=409)
        msg = f"No voice app has the URL {url}."
        mend = f"Make one: offhook apps create {flow} --flow {flow}"
        raise ApiError(msg, mend=mend, status=409)

    def place(self, start: Start) -> str:
        """Dial, with the start's token at the end of ``cdr_field``.

        Raises:
            PlacingError: CALLR refused, or did not answer.
        """
        try:
            with connect(self._settings) as api:
                return api.start_call(
                    start.app,
                    start.number,
                    ring_s=start.ring_s,
                    caller_id=start.caller_id,
                    field=start.field + start.token,
                )
        except CallrError as problem:
            unknown = problem.fate is Fate.UNKNOWN
            raise PlacingError(
                problem.message, mend=problem.mend, may_have_dialled=unknown
            ) from None


def webhook_url(public_url: str, flow: str) -> str:
    """Where CALLR posts a flow's calls: ``https://line.example.com/callr/reception``."""
    return f"{public_url}/callr/{flow}"
