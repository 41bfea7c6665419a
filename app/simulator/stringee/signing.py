"""X-STRINGEE-SIGNATURE, as the vendor's page on validating requests and its PHP samples make it."""

import base64
import hashlib
import hmac
from typing import Final

HEADER: Final = "X-STRINGEE-SIGNATURE"


def sign(data: bytes, key: str) -> str:
    """Sign the body of a POST, or the target of a GET (path, `?` and query, spaces as %20).

    Args:
        data: what is signed.
        key: the project's signing secret key.

    Returns:
        Base64 of the HMAC-SHA1.
    """
    return base64.b64encode(hmac.new(key.encode(), data, hashlib.sha1).digest()).decode()
