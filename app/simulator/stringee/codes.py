"""What Stringee answers to a call: the `r` codes, as its page of call error codes lists them."""

from dataclasses import dataclass
from typing import Final

SUCCESS: Final = 0
NO_ANSWER_URL: Final = 1
BAD_SCCO: Final = 2
TO_TYPE: Final = 3
FROM_NOT_FOUND: Final = 4
FROM_OF_ANOTHER_ACCOUNT: Final = 5
NO_SIP_TRUNK: Final = 6
NO_MONEY: Final = 8
BAD_NUMBER: Final = 10
NOT_ALLOWED: Final = 11
TOO_MANY_CALLS: Final = 12
WAIT_FOR_SPEECH: Final = 13
FROM_OF_ANOTHER_PROJECT: Final = 15
NO_ANSWER_FROM_URL: Final = 18

NAMES: Final = {
    -1: "NOT_INIT",
    SUCCESS: "SUCCESS",
    NO_ANSWER_URL: "ANSWER_URL_EMPTY",
    BAD_SCCO: "ANSWER_URL_SCCO_INCORRECT_FORMAT",
    TO_TYPE: "TO_TYPE_IS_NOT_INTERNAL_OR_EXTERNAL",
    FROM_NOT_FOUND: "FROM_NUMBER_NOT_FOUND",
    FROM_OF_ANOTHER_ACCOUNT: "FROM_NUMBER_NOT_BELONG_YOUR_ACCOUNT",
    NO_SIP_TRUNK: "SIP_TRUNK_NOT_FOUND",
    7: "SIP_TRUNK_NOT_BELONG_YOUR_ACCOUNT",
    NO_MONEY: "NOT_ENOUGH_MONEY",
    9: "UNKNOW_ERROR_1",
    BAD_NUMBER: "FROM_NUMBER_OR_TO_NUMBER_INVALID_FORMAT",
    NOT_ALLOWED: "CALL_NOT_ALLOWED_BY_YOUR_SERVER",
    TOO_MANY_CALLS: "MAX_CONCURRENT_CALL",
    WAIT_FOR_SPEECH: "WAIT_TEXT_TO_SPEECH",
    14: "TO_NUMBER_INVALID",
    FROM_OF_ANOTHER_PROJECT: "FROM_NUMBER_NOT_BELONG_YOUR_PROJECT",
    16: "NOT_ALLOW_CHAT_USER",
    17: "NOT_ALLOW_CALLOUT",
    NO_ANSWER_FROM_URL: "REQUEST_ANSWER_URL_ERROR",
    19: "ACCOUNT_LOCKED",
}
"""Name of each code; the vendor's spelling."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something is not carried out.

    Attributes:
        r: the code, not 0.
        why: what came and what was expected, as a sentence.
    """

    r: int
    why: str

    @property
    def name(self) -> str:
        """The code's name, such as ANSWER_URL_SCCO_INCORRECT_FORMAT."""
        return NAMES[self.r]

    def __str__(self) -> str:
        """The code, its name and the sentence."""
        return f"r={self.r} {self.name}: {self.why}"


class RefusedError(Exception):
    """Something is refused, with an `r` code."""

    def __init__(self, r: int, why: str) -> None:
        super().__init__(why)
        self.refusal = Refusal(r, why)
