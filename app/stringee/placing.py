"""Places calls on Stringee: takes the call's first turn, and sends its list with the order to ring.

Stringee rings, and does the list when somebody answers
(developer.stringee.com/docs/rest-api-reference/call-rest-api-make-outbound-call). So what the flow
says first is decided, and journalled, before anybody is rung. How long it rings cannot be said.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from app.callflow.errors import ApiError, PlacingError
from app.fates import Fate
from app.ports import Start
from app.settings import Settings
from app.stringee.bodies import PROVIDER
from app.stringee.calls import open_calls
from app.stringee.refusals import StringeeError

Begin = Callable[[Start], bytes | None]
"""Takes the first turn of a call, and gives its list as JSON; None where the flow cannot begin."""


class StringeePlacer:
    """Fulfils ``app.ports.Placer``; connects for each call that it places, since that is rare.

    Args:
        settings: with the project's API key.
        begin: takes the first turn.
        refuse: told of a call whose first turn was taken and that will not be.
    """

    name = PROVIDER

    def __init__(self, settings: Settings, begin: Begin, refuse: Callable[[Start], object]) -> None:
        self._settings = settings
        self._begin = begin
        self._refuse = refuse

    def voice_app(self, flow: str, chosen: str) -> str:
        """Stringee has none: what a call does goes with the order to ring.

        Raises:
            ApiError: one was chosen.
        """
        del flow
        if chosen:
            msg = "Stringee has no voice apps."
            raise ApiError(msg, mend="Leave out --app.", status=400)
        return ""

    def place(self, start: Start) -> str:
        """Dial. Gives the call's id, "" where Stringee does not tell it.

        Raises:
            PlacingError: the flow could not begin, or Stringee refused, or did not answer.
        """
        if not start.caller_id:
            msg = "there is no number of ours that Stringee could show."
            mend = "Set CALLER_ID, or say it: --from N."
            raise PlacingError(msg, mend=mend, may_have_dialled=False)
        if start.field:
            msg = "Stringee's own records have no field of ours."
            raise PlacingError(msg, mend="Leave out --field.", may_have_dialled=False)
        with open_calls(self._settings) as api:
            actions = self._begin(start)
            if actions is None:
                msg = f"flow '{start.flow}' could not take its first turn, so nobody was called."
                mend = "The journal says why: `offhook calls show last`."
                raise PlacingError(msg, mend=mend, may_have_dialled=False)
            try:
                return api.callout(
                    caller_id=start.caller_id, number=start.number, actions=json.loads(actions)
                )
            except StringeeError as problem:
                unknown = problem.fate is Fate.UNKNOWN
                if not unknown:
                    self._refuse(start)
                raise PlacingError(
                    problem.message, mend=problem.mend, may_have_dialled=unknown
                ) from None
