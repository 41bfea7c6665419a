"""Rewrites the generated parts of docs/: ``make docs``.

A part stands between ``<!-- generated: NAME -->`` and ``<!-- end -->``; the rest of a page is
written by hand and stays as it is.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial

import told_actions
import told_cli
import told_errors
import told_failures
import told_flows
import told_limits
import told_settings
import told_steps
import told_stringee
from pages import ROOT, Maker, filled, pages

MAKERS: Mapping[str, Maker] = {
    **{f"step.{name}": partial(told_steps.described, name) for name in told_steps.STEPS},
    **{f"example.{name}": partial(told_steps.shown, name) for name in told_steps.STEPS},
    "step.flow": told_steps.described_flow,
    "failures": told_failures.failures,
    "flows.drawings": told_flows.drawings,
    "flows.outcomes": told_flows.outcomes,
    "flows.phrases": told_flows.phrases,
    "flows.voices": told_flows.voices,
    "settings": told_settings.settings_table,
    "settings.where": told_settings.where_table,
    "cli.overview": told_cli.overview,
    "cli.help": told_cli.help_texts,
    "cli.exits": told_cli.exit_codes,
    "errors.tree": told_errors.tree,
    "errors.http": told_errors.http_shape,
    "findings.structure": told_errors.structure,
    "findings.arguments": told_errors.arguments,
    "findings.platform": told_errors.platform,
    "findings.stringee": told_errors.stringee,
    "findings.files": told_errors.files,
    "stringee.codes": told_stringee.codes,
    "limits.call": partial(told_limits.limits, "a call"),
    "limits.server": partial(told_limits.limits, "the server"),
    "limits.callr": partial(told_limits.limits, "callr"),
    "limits.ranges": told_limits.ranges,
    "limits.actions": told_actions.options,
    "limits.stringee": partial(told_limits.limits, "stringee"),
    "stringee.addresses": told_actions.addresses,
    "stringee.ends": told_actions.ends,
    "stringee.first": told_actions.first_list,
    "limits.questions": told_limits.questions,
    "limits.closing": told_limits.closing,
}
"""What makes each part."""


def main() -> None:
    """Rewrite every page that differs, and name it."""
    for page in pages():
        before = page.read_text()
        after = filled(before, MAKERS)
        if after != before:
            page.write_text(after)
            sys.stdout.write(f"wrote {page.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
