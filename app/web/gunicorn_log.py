"""gunicorn's own log, without what a sender chose.

gunicorn quotes a request that it cannot read, and names the whole target of one that failed. Both
may hold a telephone number or sealed state, which Stringee's URLs carry in their query.
"""

from __future__ import annotations

import logging
import re

_QUOTED = re.compile(r"(Invalid request from ip=\S+: [^:,]*|No more data after)[:,].*", re.DOTALL)
"""What was wrong with a request, in gunicorn's words; from ``:`` or ``,`` on in the sender's."""

_FAILED = "Error handling request"
_LONG_NUMBER = re.compile(r"\d{5,}")


class Unquoted(logging.Filter):
    """Takes out of a record what stood in a request; the record itself always goes on.

    What was wrong and who sent it stays, and of a request that failed its method and path, in which
    a number of five digits or more is starred.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record."""
        if str(record.msg).startswith(_FAILED):
            record.args = tuple(_path(str(one)) for one in record.args or ())
        else:
            record.msg, record.args = _QUOTED.sub(r"\1.", record.getMessage()), ()
        return True


def _path(target: str) -> str:
    path = target.partition("?")[0]
    return _LONG_NUMBER.sub(lambda found: "*" * len(found[0]), path)
