"""What the simulated platform remembers: apps, numbers, media, ended calls. In memory, locked."""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from app.simulator.objects import App, Cdr, Did, Media
from app.simulator.ring import new_hash

MOST_CDRS: Final = 10_000


class Store:
    """The account's things. Each method is one transaction; what it gives back is frozen.

    Args:
        numbers: the DIDs of the account, E.164.
        now: tells the time.
    """

    def __init__(self, numbers: tuple[str, ...], now: Callable[[], datetime]) -> None:
        self._lock = threading.Lock()
        self._now = now
        self._apps: dict[str, App] = {}
        dids = [Did(hash=new_hash(), number=number) for number in numbers]
        self._dids = {did.hash: did for did in dids}
        self._media: dict[int, Media] = {}
        self._media_made = 0
        self._cdrs: deque[Cdr] = deque(maxlen=MOST_CDRS)

    def create_app(self, kind: str, name: str, p: Mapping[str, Any]) -> App:
        """A new voice app."""
        now = self._now()
        app = App(hash=new_hash(), kind=kind, name=name, p=p, created=now, updated=now)
        with self._lock:
            self._apps[app.hash] = app
        return app

    def edit_app(self, app: App, name: str | None, p: Mapping[str, Any] | None) -> App:
        """Change a voice app; None leaves a part as it is."""
        with self._lock:
            was = self._apps[app.hash]
            new = replace(
                was,
                name=was.name if name is None else name,
                p=was.p if p is None else p,
                updated=self._now(),
            )
            self._apps[new.hash] = new
            for did in self._dids.values():
                if did.app is not None and did.app.hash == new.hash:
                    self._dids[did.hash] = replace(did, app=new)
        return new

    def delete_app(self, app: App) -> None:
        """Forget a voice app. Its numbers are free again."""
        with self._lock:
            self._apps.pop(app.hash, None)
            for did in self._dids.values():
                if did.app is not None and did.app.hash == app.hash:
                    self._dids[did.hash] = replace(did, app=None, assigned=None)

    def app(self, app_hash: object) -> App | None:
        """The voice app of a hash."""
        with self._lock:
            return self._apps.get(app_hash) if isinstance(app_hash, str) else None

    def apps(self) -> tuple[App, ...]:
        """All voice apps, oldest first."""
        with self._lock:
            return tuple(self._apps.values())

    def did(self, did_hash: object) -> Did | None:
        """The number of a hash."""
        with self._lock:
            return self._dids.get(did_hash) if isinstance(did_hash, str) else None

    def dids(self) -> tuple[Did, ...]:
        """All numbers."""
        with self._lock:
            return tuple(self._dids.values())

    def dids_of(self, app: App) -> list[Did]:
        """The numbers that an app answers."""
        return [did for did in self.dids() if did.app is not None and did.app.hash == app.hash]

    def did_of(self, number: str) -> Did | None:
        """The DID with this E.164 number."""
        return next((did for did in self.dids() if did.number == number), None)

    def assign(self, did: Did, app: App | None) -> None:
        """Let an app answer a number, whoever did before; None frees it."""
        with self._lock:
            assigned = self._now() if app else None
            self._dids[did.hash] = replace(did, app=app, assigned=assigned)

    def create_media(self, name: str) -> Media:
        """A new medium of the library, without content."""
        with self._lock:
            self._media_made += 1
            media = Media(self._media_made, new_hash(), name)
            self._media[media.id] = media
        return media

    def fill_media(self, media: Media, recording: str, seconds: float) -> None:
        """Give a medium the content of a recording."""
        with self._lock:
            self._media[media.id] = replace(media, recording=recording, seconds=seconds)

    def delete_media(self, media: Media) -> None:
        """Forget a medium; its id is not used again."""
        with self._lock:
            self._media.pop(media.id, None)

    def media_at(self, path: str) -> Media | None:
        """The medium whose sound is served at a path."""
        with self._lock:
            found = [media for media in self._media.values() if media.path == path]
        return found[0] if found and path else None

    def media(self, media_id: object) -> Media | None:
        """The medium of an id."""
        with self._lock:
            return self._media.get(media_id) if isinstance(media_id, int) else None

    def keep(self, cdr: Cdr) -> None:
        """An app's call ended."""
        with self._lock:
            self._cdrs.append(cdr)

    def cdrs(self) -> tuple[Cdr, ...]:
        """Ended calls, oldest first; the last 10,000."""
        with self._lock:
            return tuple(self._cdrs)
