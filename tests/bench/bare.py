"""gunicorn.conf.py for a server that is not Offhook: the same settings, without Offhook's hooks."""

from __future__ import annotations

import runpy

from serving import ROOT

HOOKS = ("post_worker_init", "worker_exit")

globals().update(
    {
        name: value
        for name, value in runpy.run_path(str(ROOT / "gunicorn.conf.py")).items()
        if name not in HOOKS and not name.startswith("__")
    }
)
