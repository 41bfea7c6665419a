"""What Offhook asks of Stringee's account API: numbers and projects.

As on developer.stringee.com/docs/account-rest-api-reference; its key is the account's, not a
project's.
"""

from __future__ import annotations

from typing import Self

from app.callflow.errors import SettingsError
from app.settings import Settings
from app.stringee.objects import Number, Project, read_number, read_project
from app.stringee.pages import each_page
from app.stringee.refusals import StringeeError
from app.stringee.rest import Rest
from app.stringee.tokens import ApiKey


class AccountApi:
    """Stringee's account API: numbers and projects. Errors as for ``CallApi``."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._rest.close()

    def numbers(self) -> list[Number]:
        """All numbers of the account."""
        return [read_number("GET number", one) for one in each_page(self._rest, "number")]

    def projects(self) -> list[Project]:
        """All projects of the account."""
        return [read_project("GET project", one) for one in each_page(self._rest, "project")]

    def point_number(self, number_id: str, *, answer_url: str, event_url: str) -> None:
        """Have a number's calls answered, and told, at these addresses; "" for none."""
        told = {"answer_url": answer_url, "event_url": event_url}
        self._rest.put(f"/v1/number/{number_id}", told)

    def point_project(self, project: Project, *, answer_url: str, event_url: str) -> None:
        """Have a project's calls of client apps answered, and told, at these addresses.

        That a project is changed by PUT is not documented.

        Raises:
            StringeeError: as ever; where Stringee refuses, with the way by hand.
        """
        # Whether what is left out stays as it is, is not documented: the name goes along.
        told = {"name": project.name, "answer_url": answer_url, "callback_url": event_url}
        try:
            self._rest.put(f"/v1/project/{project.id}", told)
        except StringeeError as problem:
            by_hand = "In Stringee's dashboard: Projects, the project, Config URL."
            problem.mend = f"{problem.mend} {by_hand}".strip()
            raise


def open_account(settings: Settings) -> AccountApi:
    """The account API by the account's key of the settings.

    Raises:
        SettingsError: there is no key.
        StringeeError: the address cannot be used.
    """
    if not has_account_key(settings):
        msg = (
            "There is no key of your Stringee account. Add to .env or to the environment:\n"
            "  STRINGEE_ACCOUNT_SID=...   # Stringee's dashboard, your account: SID, AC...\n"
            "  STRINGEE_ACCOUNT_KEY=...   # its key"
        )
        raise SettingsError(
            msg, mend="No account yet? `offhook simulator` prints lines that work with it."
        )
    key = ApiKey(sid=settings.stringee_account_sid, secret=settings.stringee_account_key)
    return AccountApi(Rest(key, url=settings.stringee_api_url))


def has_account_key(settings: Settings) -> bool:
    """Whether the settings name an account."""
    return bool(settings.stringee_account_sid and settings.stringee_account_key)
