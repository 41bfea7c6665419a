"""What can be seen of Stringee: the signature on its way, the API key, numbers and projects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests

from app.callflow.errors import ApiError, SettingsError
from app.cli.doctoring.checks import Check, error, failed, note, ok, warning
from app.cli.doctoring.reaching import Reached, not_reached, reach
from app.cli.exits import Exit
from app.cli.stringee.pointing import Addresses, addresses_of
from app.settings import Settings
from app.stringee.account import has_account_key
from app.stringee.calls import has_project_key
from app.stringee.signatures import HEADER, sign
from app.stringee.urls import answer_url, flow_of

if TYPE_CHECKING:
    from app.callflow.flow import Flow
    from app.cli.shell import Shell
    from app.stringee.objects import Number

ABOUT = "Stringee"

SLOW_MS = 1000
"""How long Stringee waits for an answer is not documented; a second is what one can count on."""

_QUERY = "from=%2B84900000001&custom=a%20b"
"""What may be spelled anew on the way: if a proxy does, this probe's signature no longer fits."""


def in_use(settings: Settings) -> bool:
    """Whether anything of the settings is Stringee's."""
    return settings.serves_stringee or has_project_key(settings) or has_account_key(settings)


def signed_checks(settings: Settings, flow: str) -> tuple[list[Check], Reached | None]:
    """Send a probe the way of a signed question: does the server take the signature?

    Args:
        settings: those that the server should have.
        flow: whose answer_url is probed.
    """
    if not settings.serves_stringee:
        message = "there is no signing key: a server answers Stringee nothing (503)."
        return [error(ABOUT, message, _ADD_KEY, Exit.SETTINGS)], None
    if not settings.public_url:
        return [note(ABOUT, "PUBLIC_URL is not set.", "Set PUBLIC_URL=https://HOST.")], None
    url = probe_url(settings, flow)
    path = url.removeprefix(_origin(url))
    signature = sign(path.encode(), settings.stringee_keys[0][1]).decode()
    try:
        reached = reach(settings, url, headers={HEADER: signature})
    except requests.RequestException as problem:
        return [not_reached(settings.public_url, problem, "Stringee")], None
    return list(_probed(settings, reached)), reached


def probe_url(settings: Settings, flow: str) -> str:
    """The address that is probed; it names the project of the first key, where that has one."""
    project = settings.stringee_keys[0][0]
    named = f"&projectId={project}" if project else ""
    return f"{answer_url(settings.public_url, flow)}?{_QUERY}{named}"


def account_checks(shell: Shell, flows: Mapping[str, Flow]) -> Iterator[Check]:
    """The API key tried, and what numbers and projects have as addresses."""
    settings = shell.settings
    yield from _key_checks(shell)
    if not has_account_key(settings):
        message = "without the account's key, numbers and projects are not compared."
        mend = "Set STRINGEE_ACCOUNT_SID and STRINGEE_ACCOUNT_KEY."
        yield note(ABOUT, message, mend)
        return
    try:
        with shell.stringee_account() as api:
            numbers, projects = api.numbers(), api.projects()
    except (SettingsError, ApiError) as problem:
        yield failed(ABOUT, problem)
        return
    places = [
        (one.number, Addresses(answer_url=one.answer_url, event_url=one.event_url))
        for one in numbers
    ]
    places += [
        (
            f"project '{one.name}' ({one.id})",
            Addresses(answer_url=one.answer_url, event_url=one.event_url),
        )
        for one in projects
    ]
    yield from place_checks(settings, flows, places)
    yield from caller_id_checks(settings, numbers)


def place_checks(
    settings: Settings, flows: Mapping[str, Flow], places: Sequence[tuple[str, Addresses]]
) -> Iterator[Check]:
    """Whether what looks like ours has the addresses that the settings say.

    Args:
        settings: with PUBLIC_URL.
        flows: those that can be used; none where one is wrong.
        places: what has addresses: its name, and they.
    """
    if not settings.public_url:
        return
    ours = 0
    for name, has in places:
        flow = flow_of(has.answer_url)
        if not flow:
            continue
        wanted = addresses_of(settings.public_url, flow)
        if has.answer_url != wanted.answer_url:
            yield note(ABOUT, f"{name} is answered at {has.answer_url}, another server.")
            continue
        ours += 1
        if flows and flow not in flows:
            message = f"{name} is answered by flow '{flow}', which is not here."
            yield error(ABOUT, message, f"There are: {', '.join(flows)}.", Exit.SETTINGS)
        elif has.event_url != wanted.event_url:
            message = f"{name} tells its events {has.event_url or 'nowhere'}: ends are not known."
            mend = f"Point it anew: it takes {wanted.event_url}."
            yield warning(ABOUT, message, mend)
        else:
            yield ok(ABOUT, f"{name} is answered by flow '{flow}'.")
    if not ours:
        message = f"no number and no project is answered at {settings.public_url}."
        mend = "Run `offhook numbers point NUMBER FLOW --provider stringee`."
        yield warning(ABOUT, message, mend)


def caller_id_checks(settings: Settings, numbers: Sequence[Number]) -> Iterator[Check]:
    """Whether CALLER_ID is a number of the account: Stringee shows no other."""
    if not settings.caller_id or any(one.number == settings.caller_id for one in numbers):
        return
    message = f"CALLER_ID {settings.caller_id} is no number of the account, which shows no other."
    yield warning(ABOUT, message, "Write one of `offhook numbers list --provider stringee`.")


def _key_checks(shell: Shell) -> Iterator[Check]:
    if not has_project_key(shell.settings):
        message = "without an API key no call can be placed, and no recording fetched."
        yield note(ABOUT, message, "Set STRINGEE_API_KEY_SID and STRINGEE_API_KEY_SECRET.")
        return
    try:
        with shell.stringee() as api:
            api.check()
    except (SettingsError, ApiError) as problem:
        yield failed(ABOUT, problem)
        return
    yield ok(ABOUT, "the API key is taken.")


def _probed(settings: Settings, reached: Reached) -> Iterator[Check]:
    host = urlsplit(settings.public_url).netloc
    if reached.proof is None:
        message = f"what answers at {host} for Stringee's addresses gives no proof "
        message += f"(HTTP {reached.status})."
        mend = "Give the server the SECRET_KEY of here, and look at what stands in front of it."
        yield error(ABOUT, message, mend, Exit.UNREACHABLE)
        return
    if reached.proof.refused:
        message = f"the server at {host} refuses a signature of STRINGEE_SIGNING_KEY: "
        message += reached.proof.refused
        mend = (
            "Set the same key there, and deploy; a proxy must pass the address on as it came, or "
            "take away no more than the path of PUBLIC_URL."
        )
        yield error(ABOUT, message, mend, Exit.UNREACHABLE)
        return
    yield ok(ABOUT, f"the server at {host} takes the signature of STRINGEE_SIGNING_KEY.")
    if reached.took_ms > SLOW_MS:
        message = f"an answer took {reached.took_ms:.0f} ms; how long Stringee waits is not "
        yield warning(ABOUT, f"{message}documented.", "Take a plan that does not sleep.")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


_ADD_KEY = "Add STRINGEE_SIGNING_KEY=...   # Stringee's dashboard, your project: Signing secret key"
