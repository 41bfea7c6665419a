"""``offhook stringee verify``: checks a signature by hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.callflow.errors import SignatureError
from app.cli.exits import Exit
from app.cli.options import manual
from app.cli.shell import Shell

if TYPE_CHECKING:
    from app.ports import WireRequest
    from app.stringee.signatures import SigningKey


@click.command(
    epilog=manual(
        "offhook stringee verify --url '/stringee/x/answer?from=user_1&to=user_2' --signature S",
        "offhook stringee verify --url /stringee/events --body event.json --signature S",
        exits=(Exit.UNSIGNED,),
        reads=("STRINGEE_SIGNING_KEY", "STRINGEE_SIGNING_KEY_OLD", "PUBLIC_URL"),
        see=("doctor", "docs/stringee.md"),
    )
)
@click.option("--url", required=True, metavar="U", help="As it was asked for, with its query.")
@click.option("--signature", required=True, metavar="S", help="The header X-STRINGEE-SIGNATURE.")
@click.option(
    "--body",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The raw body of a POST; without it, it was a GET.",
)
@click.pass_obj
def verify(shell: Shell, *, url: str, signature: str, body: Path | None) -> None:
    """Check a signature by hand, with the signing keys of the settings.

    Says over what it was made, and with which project's key; or, with exit code 15, that it fits
    none. No key is printed.
    """
    from app.stringee.signatures import (  # noqa: PLC0415 -- not for --help
        SigningKey,
        candidates,
        fitting,
        keys_for,
        project_of,
        require_keys,
    )

    keys = [SigningKey(project, key) for project, key in shell.settings.stringee_keys]
    require_keys(keys)
    request = _request(url, body)
    project = project_of(request)
    of_project = keys_for(keys, project)
    found = fitting(candidates(request, shell.settings.public_url), of_project, signature)
    if found is None:
        raise _unfit(keys, of_project, project, signature, is_post=body is not None)
    candidate, key = found
    shell.output.data(f"It fits: {key}, over {candidate.how}.")


def _request(url: str, body: Path | None) -> WireRequest:
    from urllib.parse import parse_qsl, urlsplit  # noqa: PLC0415 -- only here

    from app.ports import WireRequest  # noqa: PLC0415 -- not for --help

    return WireRequest(
        method="GET" if body is None else "POST",
        target=url,
        headers={},
        body=b"" if body is None else _bytes_of(body),
        flow="",
        query=dict(reversed(parse_qsl(urlsplit(url).query))),
    )


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as problem:
        msg = f"{file} cannot be read: {problem.strerror}."
        raise click.UsageError(msg) from None


def _unfit(
    keys: list[SigningKey],
    of_project: tuple[SigningKey, ...],
    project: str,
    signature: str,
    *,
    is_post: bool,
) -> SignatureError:
    """Why a signature does not fit, as far as can be told, and what to look at."""
    from app.stringee.signatures import shape_problem  # noqa: PLC0415 -- not for --help

    if not of_project:
        there = ", ".join(str(key) for key in keys)
        msg = f"The request names project {project}, and there is only {there}."
        return SignatureError(msg, mend=f"Add {project}=KEY to STRINGEE_SIGNING_KEY.")
    told = ", ".join(str(key) for key in of_project)
    if problem := shape_problem(signature):
        msg = f"The signature fits none of {told}: {problem}"
        return SignatureError(msg, mend="Stringee's is base64 of HMAC-SHA1.")
    what = (
        "the body byte by byte, as it was received" if is_post else "the URL with its whole query"
    )
    mend = f"Give {what}; the key is the project's signing secret key, not an API key's secret."
    return SignatureError(f"The signature fits none of {told}.", mend=mend)
