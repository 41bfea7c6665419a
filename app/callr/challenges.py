"""Notices whether CALLR sends its credentials unasked, during the calls that ask just that."""

from __future__ import annotations

import hashlib
import mmap

from app.callr.verifying import VERIFY
from app.ports import WireRequest

CHALLENGED = "the credentials came only after a 401 that asked for them."
"""The incident of a report that was posted once without credentials, and then with them."""

_SLOTS = 64
_DIGEST_BYTES = 32


class Challenges:
    """Remembers reports that were refused for want of credentials, in memory that forks share.

    The two tries of a report may come to two processes of a server: what is made before they fork
    is one page of memory for all of them. Each report has its one place there, by its digest, so
    that nothing need be locked; of the flow that verifies alone, so that whoever posts without
    credentials can make it forget, and nothing more.
    """

    def __init__(self) -> None:
        self._page = mmap.mmap(-1, _SLOTS * _DIGEST_BYTES)

    def refused(self, request: WireRequest) -> None:
        """A request came without credentials."""
        if request.flow == VERIFY.name:
            digest, place = _digest(request)
            self._page[place : place + _DIGEST_BYTES] = digest

    def met(self, request: WireRequest) -> bool:
        """Whether this request, which has credentials, came before without them."""
        if request.flow != VERIFY.name:
            return False
        digest, place = _digest(request)
        return self._page[place : place + _DIGEST_BYTES] == digest


def _digest(request: WireRequest) -> tuple[bytes, int]:
    """What stands for a request, and where."""
    digest = hashlib.sha256(request.body).digest()
    return digest, digest[0] % _SLOTS * _DIGEST_BYTES
