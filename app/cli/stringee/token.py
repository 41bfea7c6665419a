"""``offhook stringee token``: makes tokens of client apps and of the REST API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app.cli.options import STRINGEE, STRINGEE_ACCOUNT, json_option, manual
from app.cli.shell import Shell

if TYPE_CHECKING:
    from app.stringee.tokens import Token


@click.command(
    epilog=manual(
        "offhook stringee token user_1",
        "offhook stringee token agent_7 --contact-center --lasts 28800",
        "offhook stringee token --rest",
        reads=(*STRINGEE[1:], *STRINGEE_ACCOUNT[1:]),
        see=("stringee verify", "docs/stringee.md"),
    )
)
@click.argument("user_id", metavar="[USER]", required=False, default="")
@click.option("--contact-center", is_flag=True, help="For an agent of Stringee's contact centre.")
@click.option("--rest", "is_rest", is_flag=True, help="Of the REST API, not of a user.")
@click.option("--account", "is_account", is_flag=True, help="Of the account's REST API.")
@click.option(
    "--lasts",
    "lasts_s",
    type=click.IntRange(1, 30 * 24 * 3600),
    default=3600,
    show_default=True,
    metavar="S",
    help="How long it is good for, seconds.",
)
@json_option
@click.pass_obj
def token(
    shell: Shell,
    user_id: str,
    *,
    contact_center: bool,
    is_rest: bool,
    is_account: bool,
    lasts_s: int,
    as_json: bool,
) -> None:
    """Make a token with which a client app connects as USER.

    Needs STRINGEE_API_KEY_SID and STRINGEE_API_KEY_SECRET; with --account STRINGEE_ACCOUNT_SID and
    STRINGEE_ACCOUNT_KEY. Asks nobody: whoever has the key can make tokens. Whoever has the token is
    that user, or may do all that the API does, until it is over.
    """
    from app.stringee.tokens import user_id_problem  # noqa: PLC0415 -- loads jwt

    if sum((bool(user_id), is_rest, is_account)) != 1:
        msg = "Give USER, or --rest, or --account."
        raise click.UsageError(msg)
    if contact_center and not user_id:
        msg = "--contact-center goes with USER."
        raise click.UsageError(msg)
    if user_id and (problem := user_id_problem(user_id)):
        msg = f"USER: {problem}"
        raise click.UsageError(msg)
    made = _make_token(shell, user_id, contact_center, is_account, lasts_s)
    if as_json:
        told = {"access_token": made.text, "expires_at": made.expires_at}
        shell.output.json(told | ({"user_id": user_id} if user_id else {}))
    else:
        shell.output.data(made.text)


def _make_token(
    shell: Shell,
    user_id: str,
    contact_center: bool,  # noqa: FBT001 -- click's options, handed on
    is_account: bool,  # noqa: FBT001 -- as above
    lasts_s: int,
) -> Token:
    from app.stringee.tokens import ApiKey, client_token, rest_token  # noqa: PLC0415 -- loads jwt

    settings = shell.settings
    if is_account:
        shell.require("stringee_account_sid", "stringee_account_key")
        key = ApiKey(sid=settings.stringee_account_sid, secret=settings.stringee_account_key)
        return rest_token(key, lasts_s=lasts_s)
    shell.require("stringee_api_key_sid", "stringee_api_key_secret")
    key = ApiKey(sid=settings.stringee_api_key_sid, secret=settings.stringee_api_key_secret)
    if user_id:
        return client_token(key, user_id, contact_center=contact_center, lasts_s=lasts_s)
    return rest_token(key, lasts_s=lasts_s)
