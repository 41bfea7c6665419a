"""gunicorn's settings, which it finds by this file's name: `gunicorn wsgi:app`."""

import gc
import os
import random
import sys
from contextlib import suppress
from typing import Any

from app.settings import Settings
from app.web.gunicorn_log import Unquoted
from app.web.starting import or_end

with or_end():
    settings = Settings.load(os.environ)

host = "127.0.0.1" if settings.development else "0.0.0.0"  # noqa: S104 - a router stands in front
bind = f"{host}:{settings.port}"

# A turn computes for a few milliseconds and waits for its journal: threads carry the calls, and
# processes the processors.
worker_class = "gthread"
workers = settings.web_concurrency
threads = settings.threads

# Settings and flows are read once, before the fork: what is wrong with them stops the start, once
# and with all findings, and SQLite's schema is upgraded by one process.
preload_app = True

# Heroku kills what still runs 30 s after SIGTERM.
graceful_timeout = 25

# Longer than Heroku's router keeps an idle connection (90 s): were it closed from here, a report
# could be on its way (devcenter.heroku.com/articles/http-routing#keepalives).
keepalive = 95

# The state of a Stringee call rides in its URLs; this is the most that gunicorn reads.
limit_request_line = 8190

# The same state is why no request line is logged. Heroku's Python buildpack asks for a log all the
# same (GUNICORN_CMD_ARGS="--access-logfile -"): then it holds nothing that a sender chooses.
accesslog = None
access_log_format = "%(h)s %(s)s %(B)s bytes %(M)s ms"

# One a user, not one a server: servers on one machine would take it from each other.
control_socket_disable = True


def on_starting(arbiter: Any) -> None:
    """Keep what senders chose out of gunicorn's own log; its workers inherit that."""
    arbiter.log.error_log.addFilter(Unquoted())


def when_ready(_arbiter: Any) -> None:
    """Count all that was loaded as here to stay, in the workers that are about to be forked.

    To go through it in search of garbage, as Python does time and again, takes 70 ms, for which all
    calls of a worker stand still; and a memory page that is not touched stays shared.
    """
    gc.collect()
    gc.freeze()


def pre_fork(arbiter: Any, worker: Any) -> None:
    """Choose a worker's processor: by lot among those that the fewest other workers have.

    By lot, since servers on one machine do not know of each other.
    """
    if sys.platform == "linux":
        there = sorted(os.sched_getaffinity(0))
        taken = [getattr(other, "processor", None) for other in arbiter.WORKERS.values()]
        worker.processor = min(random.sample(there, len(there)), key=taken.count)


def post_fork(_arbiter: Any, worker: Any) -> None:
    """Keep a worker's threads on its processor.

    One of them runs at a time, for Python's lock. Spread over processors, they wake each other
    across them at each step of a turn, and find there nothing of what they work on
    (docs/decisions.md).
    """
    if sys.platform == "linux":
        with suppress(OSError):  # a sandbox may forbid it; the calls go on without
            os.sched_setaffinity(0, {worker.processor})


def post_worker_init(worker: Any) -> None:
    """Start what each worker does besides calls: threads do not survive the fork."""
    worker.app.wsgi().extensions["offhook"].start()


def worker_exit(_arbiter: Any, worker: Any) -> None:
    """End what is done besides calls, and write what the journal has in hand.

    The arbiter too calls this, for a worker that is gone; its own journal must stay as it is, since
    the next workers are its forks.
    """
    if worker.pid == os.getpid():
        worker.app.wsgi().extensions["offhook"].close()
