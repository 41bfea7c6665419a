"""``offhook stringee verify`` and ``token``."""

from __future__ import annotations

import json
import time
from pathlib import Path

import jwt
import pytest
from command_line import CommandLine

from app.cli.exits import Exit

KEY = "test-signing-secret"
SECRET = "a-secret-of-an-api-key-of-44-letters-and-more"
URL = (
    "/stringee/answer?from=user_1&to=user_2&fromInternal=true&userId=user_1&projectId=22512"
    "&callId=call-vn-1-ABCDWXKUQM-1542377678921&custom="
)
SIGNATURE = "PsYDNyjo6PLo36PfcwxnQy+vT4g="


def verify(*args: str, keys: str = f"22512={KEY}, 7=another-secret-key") -> tuple[int, str]:
    ran = CommandLine({"STRINGEE_SIGNING_KEY": keys})("stringee", "verify", *args)
    assert KEY not in ran.output
    return ran.exit_code, " ".join(ran.output.split())


def test_a_signature_that_fits_says_whose_key_and_over_what() -> None:
    code, told = verify("--url", f"https://line.example.com{URL}", "--signature", SIGNATURE)
    assert (code, told) == (0, "It fits: the key of project 22512, over the URL as it came.")


def test_a_body_is_checked_byte_by_byte(tmp_path: Path) -> None:
    body = tmp_path / "event.json"
    body.write_bytes(b'{"call_status":"ended","call_id":"call-vn-1-AAAA-1"}')
    args = ("--url", "/stringee/events", "--signature", "JnSmG/H0R5NZUDkunYbReD6r4E4=", "--body")
    assert verify(*args, str(body), keys=KEY) == (
        0,
        "It fits: the key of every project, over the body.",
    )
    body.write_bytes(body.read_bytes() + b"\n")
    code, told = verify(*args, str(body), keys=KEY)
    assert code == Exit.UNSIGNED
    assert "Give the body byte by byte" in told


@pytest.mark.parametrize(
    ("signature", "keys", "told"),
    [
        (SIGNATURE, "22512=wrong-secret-key", "fits none of the key of project 22512. Give the"),
        ("ab" * 20, f"22512={KEY}", "it is hexadecimal, 40 digits; Stringee's is base64."),
        (SIGNATURE, f"7={KEY}", "Add 22512=KEY to STRINGEE_SIGNING_KEY."),
    ],
)
def test_one_that_does_not_fit_says_what_to_look_at(signature: str, keys: str, told: str) -> None:
    code, said = verify("--url", URL, "--signature", signature, keys=keys)
    assert code == Exit.UNSIGNED
    assert told in said


def test_without_a_key_the_line_to_add_is_told() -> None:
    ran = CommandLine()("stringee", "verify", "--url", URL, "--signature", SIGNATURE)
    assert ran.exit_code == Exit.SETTINGS
    assert "Add STRINGEE_SIGNING_KEY=" in ran.output


def token(*args: str, **environ: str) -> tuple[int, str]:
    ran = CommandLine(environ)("stringee", "token", *args)
    assert SECRET not in ran.output
    return ran.exit_code, ran.output


PROJECT = {"STRINGEE_API_KEY_SID": "SK.0.abc", "STRINGEE_API_KEY_SECRET": SECRET}
ACCOUNT = {"STRINGEE_ACCOUNT_SID": "AC00", "STRINGEE_ACCOUNT_KEY": SECRET}


@pytest.mark.parametrize(
    ("args", "environ", "issuer", "told"),
    [
        (("user_1",), PROJECT, "SK.0.abc", {"userId": "user_1"}),
        (("a", "--contact-center"), PROJECT, "SK.0.abc", {"userId": "a", "icc_api": True}),
        (("--rest",), PROJECT, "SK.0.abc", {"rest_api": True}),
        (("--account",), ACCOUNT, "AC00", {"rest_api": True}),
    ],
)
def test_a_token_is_printed_and_nothing_beside_it(
    args: tuple[str, ...], environ: dict[str, str], issuer: str, told: dict[str, object]
) -> None:
    code, printed = token(*args, "--lasts", "60", **environ)
    assert code == 0
    claims = jwt.decode(printed.strip(), SECRET, algorithms=["HS256"])
    assert claims.pop("iss") == issuer
    assert 0 < claims.pop("exp") - time.time() <= 60
    assert claims.pop("jti").startswith(f"{issuer}-")
    assert claims == told


def test_a_token_as_json_says_until_when_it_is_good() -> None:
    code, printed = token("user_1", "--json", **PROJECT)
    made = json.loads(printed)
    assert code == 0
    assert made.keys() == {"access_token", "expires_at", "user_id"}
    assert 3590 < made["expires_at"] - time.time() <= 3600


@pytest.mark.parametrize(
    "args", [(), ("user_1", "--rest"), ("--rest", "--account"), ("--rest", "--contact-center")]
)
def test_a_token_is_of_one_kind(args: tuple[str, ...]) -> None:
    assert token(*args, **PROJECT)[0] == Exit.USAGE


def test_a_user_id_with_a_space_is_no_user_id() -> None:
    code, told = token("a b", **PROJECT)
    assert code == Exit.USAGE
    assert "letters, digits" in told


def test_a_missing_key_is_told_by_its_settings() -> None:
    code, told = token("user_1")
    assert code == Exit.SETTINGS
    assert "STRINGEE_API_KEY_SID=..." in told
    assert "STRINGEE_API_KEY_SECRET=..." in told


def test_a_body_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    there = str(tmp_path / "none.json")
    code, told = verify("--url", "/", "--signature", SIGNATURE, "--body", there)
    assert code == Exit.USAGE
    assert "No such file" in told
