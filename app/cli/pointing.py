"""``offhook numbers point``: a call flow answers a number, all the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from app.callflow.errors import ApiError, JournalError
from app.cli.completing import flow_names
from app.cli.exits import Exit, NotFoundError
from app.cli.finding import doing, find_app, find_did
from app.cli.options import CALLR, OF_CALLR, STRINGEE_ACCOUNT, WEBHOOK, manual, yes_option
from app.cli.shell import Shell
from app.cli.stringee.numbers import point_number
from app.cli.undoing import note_end
from app.cli.voice_apps import (
    WEBHOOK_SETTINGS,
    Credentials,
    check_flow,
    check_reachable,
    check_server_takes,
    credentials_of,
    webhook_of,
)
from app.cli.which_platform import platform_of, provider_option
from app.fates import Fate, RequestFailedError

if TYPE_CHECKING:
    from app.callr.api import CallrApi
    from app.callr.objects import Did, VoiceApp
    from app.journal.moves import Move, Moves


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done to have a number answered by a flow.

    Attributes:
        did: the number.
        rings: what it does now, in words.
        from_name: the name of the voice app that it rings now; "" for none.
        flow: the flow; a voice app that has to be made gets its name.
        url: where its calls are posted.
        app: the voice app with this URL; None where it has to be made.
        tell: whether the voice app has to be told login and password.
    """

    did: Did
    rings: str
    from_name: str
    flow: str
    url: str
    app: VoiceApp | None
    tell: bool

    @property
    def moves(self) -> bool:
        """Whether the number rings something else now."""
        return self.app is None or self.did.app != self.app.hash

    @property
    def target(self) -> str:
        """The voice app, in words."""
        if self.app is None:
            return f"a new voice app '{self.flow}'"
        return f"voice app '{self.app.name}' ({self.app.hash})"


@click.command(
    epilog=manual(
        'offhook numbers point "01 99 00 10 20" reception',
        "offhook numbers point +33199001020 clinic --yes",
        'offhook numbers point "+84 24 0000 0002" reception --provider stringee',
        exits=(*OF_CALLR, Exit.NOT_FOUND, Exit.FLOW, Exit.DECLINED, Exit.JOURNAL),
        reads=(*CALLR, *WEBHOOK, "OFFHOOK_FLOWS", "COUNTRY", "DATABASE_URL", *STRINGEE_ACCOUNT),
        see=("numbers undo", "doctor", "apps create"),
    )
)
@click.argument("number")
@click.argument("flow", shell_complete=flow_names)
@click.option("--app", "chosen", default="", metavar="HASH", help="Which of several voice apps.")
@provider_option
@yes_option
@click.pass_obj
def point(
    shell: Shell, number: str, flow: str, *, chosen: str, provider: str | None, yes: bool
) -> None:
    """Have a call flow answer a number, all the way.

    On CALLR it finds the voice app whose URL is PUBLIC_URL/callr/FLOW, or makes it; gives it login
    and password of the settings; and assigns it NUMBER, one of the account's as people write it, or
    its DID hash. On Stringee it gives NUMBER, which may be the number's id, the addresses
    PUBLIC_URL/stringee/FLOW/answer and PUBLIC_URL/stringee/events. Shows before and after, and asks
    first.

    What the number rang before is kept in the journal (DATABASE_URL), so that `offhook numbers
    undo` puts it back, also from another machine. Where that cannot be kept, nothing is moved.
    """
    from app.journal.moves import Moves  # noqa: PLC0415 -- loads SQLAlchemy and Alembic

    if platform_of(shell.settings, provider) == "stringee":
        if chosen:
            msg = "--app goes with CALLR, which has voice apps."
            raise click.UsageError(msg)
        point_number(shell, number, flow, yes=yes)
        return
    shell.require(*WEBHOOK_SETTINGS)
    check_flow(shell, flow)
    check_reachable(shell)
    moves = Moves(shell.settings.database_url)
    moves.prepare()
    with shell.callr() as api:
        plan = plan_move(shell, api, number, flow, chosen)
        if not plan.moves and not plan.tell:
            shell.output.note(f"{plan.did.number} {plan.rings} already: {plan.url}")
            return
        check_server_takes(shell, flow)
        show(shell, plan)
        shell.confirm(f"Let flow '{flow}' answer {plan.did.number}?", yes=yes)
        app = carry_out(shell, api, moves, plan)
    shell.output.note(f"{plan.did.number} rings voice app '{app.name}' ({app.hash}): {plan.url}")
    if plan.moves:
        shell.output.note(f"To put it back: offhook numbers undo {plan.did.number}")


def plan_move(shell: Shell, api: CallrApi, number: str, flow: str, chosen: str = "") -> Plan:
    """Find what is to be done; does nothing yet.

    Args:
        shell: with PUBLIC_URL.
        api: the account.
        number: one of the account's as people write it, or its DID hash.
        flow: that shall answer it.
        chosen: the hash of one of several voice apps with the flow's URL.

    Raises:
        NotFoundError: the number, or the chosen voice app, is not there.
        ApiError: CALLR refused, or did not answer.
    """
    from app.callr.placing import webhook_url  # noqa: PLC0415 -- loads requests and marshmallow

    apps = api.apps()
    did = find_did(api.dids(), number, shell.settings.country)
    url = webhook_url(shell.settings.public_url, flow)
    app = _app_of(apps, url, chosen, did)
    told = credentials_of(app, shell.settings) if app else Credentials.OTHER
    return Plan(
        did=did,
        rings=doing(did, apps),
        from_name=_name_of(did, apps),
        flow=flow,
        url=url,
        app=app,
        tell=told is not Credentials.SAME,
    )


def _app_of(apps: list[VoiceApp], url: str, chosen: str, did: Did) -> VoiceApp | None:
    """The voice app with this URL; None where there is none.

    Raises:
        NotFoundError: several have it; or the chosen one is not there, or has another URL.
    """
    if chosen:
        app = find_app(apps, chosen)
        if app.url != url:
            msg = f"Voice app '{app.name}' ({app.hash}) posts to {app.url or 'no URL'}, not {url}."
            mend = f"`offhook apps edit {app.hash} --flow FLOW` changes that."
            raise NotFoundError(msg, mend=mend)
        return app
    found = [app for app in apps if app.url == url]
    if len(found) > 1:
        found = [app for app in found if app.hash == did.app] or found
    if len(found) > 1:
        hashes = ", ".join(app.hash for app in found)
        msg = f"{len(found)} voice apps have the URL {url}: {hashes}."
        raise NotFoundError(msg, mend="Say which with --app HASH.")
    return found[0] if found else None


def show(shell: Shell, plan: Plan) -> None:
    """Say what the number does now, and what it will do."""
    shell.output.note(f"Now:  {plan.did.number} ({plan.did.hash}) {plan.rings}.")
    shell.output.note(f"Then: it rings {plan.target}, whose calls go to {plan.url}.")
    if plan.app is not None and plan.tell:
        shell.output.note("      The voice app is told login and password of the settings anew.")


def carry_out(shell: Shell, api: CallrApi, moves: Moves, plan: Plan) -> VoiceApp:
    """Make the voice app, tell it the credentials, and move the number, telling each step.

    Raises:
        ApiError: CALLR refused, or did not answer. What was done by then is told.
        JournalError: the move could not be written down; nothing was done.
    """
    from app.journal.moves import MoveStatus  # noqa: PLC0415 -- loads SQLAlchemy

    move_id = moves.begin(_move(plan)) if plan.moves else 0
    app = plan.app
    try:
        if app is None:
            app = _made(shell, api, plan)
            moves.aimed(move_id, app.hash)
        elif plan.tell:
            app = api.edit_app(app.hash, webhook=webhook_of(shell.settings, plan.url))
            shell.output.note(f"Voice app '{app.name}' ({app.hash}) has login and password anew.")
        if plan.moves:
            api.assign_did(app.hash, plan.did.hash)
    except (ApiError, JournalError) as problem:
        _tell_unfinished(shell, api, plan, app)
        if move_id and not _may_have_moved(problem):
            note_end(shell, moves, move_id, MoveStatus.FAILED)
        raise
    if move_id:
        note_end(shell, moves, move_id, MoveStatus.MADE)
    return app


def _made(shell: Shell, api: CallrApi, plan: Plan) -> VoiceApp:
    url, login, password = webhook_of(shell.settings, plan.url)
    app = api.create_app(plan.flow, url=url, login=login, password=password)
    shell.output.note(f"Created voice app '{app.name}' ({app.hash}).")
    return app


def _tell_unfinished(shell: Shell, api: CallrApi, plan: Plan, app: VoiceApp | None) -> None:
    """Say where an attempt that failed has left the number."""
    try:
        dids = [did for did in api.dids() if did.hash == plan.did.hash]
    except ApiError:
        rings = f"{plan.rings}, as far as is known"
    else:
        known = [app] if app else []
        rings = doing(dids[0], known) if dids else "is no more on the account"
    shell.output.warn(f"It is not finished: {plan.did.number} {rings}.")
    if plan.app is None and app is not None:
        shell.output.warn(
            f"Voice app '{app.name}' ({app.hash}) stays; the next try takes it. "
            f"`offhook apps delete {app.hash}` takes it back."
        )


def _move(plan: Plan) -> Move:
    from app.journal.moves import Move  # noqa: PLC0415 -- loads SQLAlchemy

    return Move(
        did=plan.did.hash,
        number=plan.did.number,
        from_app=plan.did.app or "",
        from_name=plan.from_name,
        to_app=plan.app.hash if plan.app else "",
        to_name=plan.app.name if plan.app else plan.flow,
        began_at=datetime.now(UTC),
    )


def _name_of(did: Did, apps: list[VoiceApp]) -> str:
    return did.app_name or next((app.name for app in apps if app.hash == did.app), "")


def _may_have_moved(problem: Exception) -> bool:
    return isinstance(problem, RequestFailedError) and problem.fate is Fate.UNKNOWN
