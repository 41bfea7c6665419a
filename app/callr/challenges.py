"""Notices whether CALLR sends its credentials unasked, during the calls that ask just that."""

from __future__ import annotations

import hashlib

from app.callr.verifying import VERIFY
from app.ports import WireRequest

CHALLENGED = "the credentials came only after a 401 that asked for them."
"""The incident of a report that was posted once without credentials, and then with them."""

_KEPT = 16


class Challenges:
    """Remembers the last reports that were refused for want of credentials.

    Of the flow that verifies alone, and as digests: whoever posts without credentials can make it
    forget, and nothing more. A process sees what was posted to it; the second try of a report
    mostly comes on the same connection, and a call has some twenty reports.
    """

    def __init__(self) -> None:
        self._digests: tuple[bytes, ...] = ()

    def refused(self, request: WireRequest) -> None:
        """A request came without credentials."""
        if request.flow == VERIFY.name:
            self._digests = (*self._digests[1 - _KEPT :], _digest(request))

    def met(self, request: WireRequest) -> bool:
        """Whether this request, which has credentials, came before without them."""
        return request.flow == VERIFY.name and _digest(request) in self._digests


def _digest(request: WireRequest) -> bytes:
    return hashlib.sha256(request.body).digest()
