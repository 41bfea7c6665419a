"""The answer_url of a call, with the parameters that the platform adds to its query."""

from typing import Final
from urllib.parse import quote, urldefrag

from app.simulator.stringee.conditions import StringeeConditions
from app.simulator.stringee.facts import StringeeFacts, plus

_ODDLY_ENCODED: Final = frozenset({"from", "to", "custom"})


def answer_url(url: str, facts: StringeeFacts, conditions: StringeeConditions) -> str:
    """The URL that is asked for the SCCO of a call.

    What the URL itself has in its query stays in front. Which parameters there are stands in the
    vendor's pages of the two answer_urls; projectId and accountId of a number's URL, and accountId
    of a project's, only in requests that customers captured. Those of a callout are assumed.
    """
    hostility = conditions.hostility
    written = plus if hostility.plus else str
    given = {
        "from": written(facts.caller),
        "to": "" if hostility.empty_to else written(facts.called),
        "fromInternal": "true" if facts.from_app else "false",
    }
    project = {"projectId": str(facts.project.id)}
    account = {"accountId": str(facts.project.account_id)}
    call = {"callId": facts.call_id}
    if facts.from_app:
        given |= {"userId": facts.user_id} | project | call | {"custom": facts.custom} | account
    elif facts.kind == "callout":
        given |= call | account | project
    else:
        given |= {"uuid": facts.uuid} | call | account | project
    given |= hostility.extra_parameters
    encoding = conditions.readings.encoding
    added = "&".join(
        f"{name}={_encoded(value, encoding if name in _ODDLY_ENCODED else 'single')}"
        for name, value in given.items()
        if name not in hostility.leave_out
    )
    bare = urldefrag(url).url
    between = "&" if "?" in bare else "?"
    return bare + ("" if bare.endswith(("?", "&")) else between) + added


def _encoded(value: str, encoding: str) -> str:
    once = quote(value, safe="+" if encoding == "raw plus" else "")
    return quote(once, safe="") if encoding == "double" else once
