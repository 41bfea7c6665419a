"""What ``Flow(...)`` finds wrong without knowing a platform.

Each check gives findings; none raises.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.callflow.call import SPOKEN_NAMES
from app.callflow.errors import Finding
from app.callflow.kinds.base import Step
from app.callflow.kinds.silent import BranchStep, HoursStep
from app.callflow.phrases import APOLOGY, PHRASES
from app.callflow.prompts import LANGUAGE, NAME, Prompt, Template

if TYPE_CHECKING:
    from app.callflow.flow import Flow

MAX_GIVEN_CHARS = 200
"""How many characters a variable that comes from outside can have: the state stays small."""
MAX_OFFERED_BYTES = 400
"""How much all that a platform offers can have together, bytes of UTF-8 as JSON has it.

An app's user may choose it: were the state too large for it, each such call went to the fallback.
"""


def check(flow: Flow) -> Iterator[Finding]:
    """Everything wrong with a flow. Checks of paths run only where every exit leads somewhere."""
    yield from _names(flow)
    yield from _problems(flow)
    unknown = list(_unknown_steps(flow))
    yield from unknown
    yield from _zone(flow)
    yield from _translations(flow)
    if not unknown:
        yield from _unreachable(flow)
        yield from _endless(flow)
        yield from _idle_cycles(flow)
        yield from _variables(flow)


def _names(flow: Flow) -> Iterator[Finding]:
    if not NAME.match(flow.name):
        mend = "Write like reception: a-z, 0-9, _."
        yield Finding(flow.name, "", "name", f"{flow.name!r} is no name.", mend)
    for name in flow.steps:
        if not NAME.match(name):
            mend = "Write like ask_age: a-z, 0-9, _."
            yield Finding(flow.name, name, "", f"{name!r} is no name.", mend)
    if not LANGUAGE.match(flow.language):
        message = f"{flow.language!r} is no tag."
        yield Finding(flow.name, "", "language", message, "Write like en-GB or vi.")
    yield from _given(flow)
    for phrase in flow.phrases:
        if phrase not in PHRASES:
            message = f"'{phrase}' is no phrase."
            yield Finding(flow.name, "", "phrases", message, f"There are: {', '.join(PHRASES)}.")
    apology = flow.phrases.get(APOLOGY)
    if apology is not None and not apology.plain(flow.language):
        message = "it is said when nothing is known of the call."
        mend = "Write plain text: no placeholder, sound or function."
        yield Finding(flow.name, "", phrase_argument(APOLOGY), message, mend)


def _given(flow: Flow) -> Iterator[Finding]:
    given: Mapping[str, object] = flow.given
    for name, default in given.items():
        if not NAME.match(name):
            message = f"{name!r} is no name."
            yield Finding(flow.name, "", "given", message, "Write a-z, 0-9, _.")
        if not isinstance(default, str):
            message = f"'{name}' is {default!r}."
            yield Finding(flow.name, "", "given", message, 'Write its default as text: "".')
    for name, where in _assigned_names(flow):
        if name in SPOKEN_NAMES:
            mend = f"Use another name than {', '.join(SPOKEN_NAMES)}."
            yield Finding(flow.name, where, "", f"'{name}' is taken.", mend)


def _assigned_names(flow: Flow) -> Iterator[tuple[str, str]]:
    yield from ((name, "") for name in flow.given)
    for where, step in flow.steps.items():
        for label, exit_ in step.exits.items():
            yield from ((name, where) for name in step.sets(label))
            yield from ((name, where) for name, _ in exit_.assigned)


def _problems(flow: Flow) -> Iterator[Finding]:
    for argument, message in flow.problems:
        yield Finding(flow.name, "", argument, message, "")
    for name, step in flow.steps.items():
        for argument, message in step.problems:
            yield Finding(flow.name, name, argument, message, "")


def _unknown_steps(flow: Flow) -> Iterator[Finding]:
    known = ", ".join(flow.steps) or "none"
    for argument, name in (("start", flow.start), ("fallback", flow.fallback)):
        if name not in flow.steps and (name or argument == "start"):
            yield Finding(
                flow.name, "", argument, f"there is no step '{name}'.", f"Steps are: {known}."
            )
    for name, step in flow.steps.items():
        for label, exit_ in step.exits.items():
            if exit_.step not in flow.steps:
                message = f"there is no step '{exit_.step}'."
                yield Finding(flow.name, name, label, message, f"Steps are: {known}.")


def _zone(flow: Flow) -> Iterator[Finding]:
    if flow.timezone:
        try:
            ZoneInfo(flow.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            message = f"there is no time zone {flow.timezone!r}."
            yield Finding(flow.name, "", "timezone", message, "Write like Europe/London.")
        return
    for name, step in flow.steps.items():
        if isinstance(step, HoursStep):
            message = "hours needs the flow's time zone."
            yield Finding(flow.name, name, "", message, 'Write Flow(timezone="Europe/London").')


def _texts(flow: Flow) -> Iterator[tuple[str, str, Prompt | Template]]:
    """Every text of a flow with its step and argument; phrases belong to no step."""
    for name, step in flow.steps.items():
        yield from ((name, argument, text) for argument, text in step.texts())
    yield from (("", phrase_argument(phrase), text) for phrase, text in flow.phrases.items())


def phrase_argument(phrase: str) -> str:
    """How a finding names a phrase that a flow replaces."""
    return f"phrases[{phrase!r}]"


def _translations(flow: Flow) -> Iterator[Finding]:
    for name, argument, text in _texts(flow):
        for have in getattr(text, "translations", ()):
            missing = sorted(flow.languages - have)
            if missing:
                message = f"a text has no {', '.join(missing)}."
                mend = "Write it in every language of the flow."
                yield Finding(flow.name, name, argument, message, mend)


def _roots(flow: Flow) -> list[str]:
    return [flow.start, flow.fallback] if flow.fallback else [flow.start]


def _unreachable(flow: Flow) -> Iterator[Finding]:
    reached: set[str] = set()
    waiting = _roots(flow)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += [exit_.step for exit_ in flow.steps[name].exits.values()]
    for name in flow.steps:
        if name not in reached:
            message = "no path leads to it."
            yield Finding(flow.name, name, "", message, "Lead an exit to it, or delete it.")


def _endless(flow: Flow) -> Iterator[Finding]:
    ending = {name for name, step in flow.steps.items() if step.ends_call}
    grew = True
    while grew:
        before = len(ending)
        ending |= {
            name
            for name, step in flow.steps.items()
            if any(exit_.step in ending for exit_ in step.exits.values())
        }
        grew = len(ending) > before
    for name in flow.steps:
        if name not in ending:
            message = "no path from it ends the call."
            yield Finding(flow.name, name, "", message, "Lead one to a hang_up step.")


def _idle_cycles(flow: Flow) -> Iterator[Finding]:
    """Cycles that a call can turn in while its caller does nothing.

    Found on the other exits alone.
    """
    idle = {name: sorted(_idle_exits(step)) for name, step in flow.steps.items()}
    done: set[str] = set()
    for root in flow.steps:
        path: list[tuple[str, Iterator[str]]] = []
        if root not in done:
            path.append((root, iter(idle[root])))
        while path:
            following = next(path[-1][1], None)
            on_path = [name for name, _ in path]
            if following is None:
                done.add(path.pop()[0])
            elif following in on_path:
                cycle = " -> ".join([*on_path[on_path.index(following) :], following])
                message = f"{cycle} can turn for ever without the caller doing anything."
                mend = "Break it with at_most(3, then=..., failure=...)."
                yield Finding(flow.name, following, "", message, mend)
            elif following not in done:
                path.append((following, iter(idle[following])))


def _idle_exits(step: Step) -> set[str]:
    return {
        exit_.step
        for label, exit_ in step.exits.items()
        if not step.needs_caller(label) and not step.bounds(label)
    }


def _variables(flow: Flow) -> Iterator[Finding]:
    known = _known_at_entry(flow)
    ever = set(flow.given) | {name for name, _ in _assigned_names(flow)}
    for name, argument, text in _texts(flow):
        known_here = known[name] if name else _always(flow)
        for placeholder in text.placeholders:
            yield from _placeholder(flow, name, argument, placeholder.name, known_here, ever)
    for name, step in flow.steps.items():
        into = getattr(step, "into", None)
        if into in flow.secrets and not getattr(step, "secret", False):
            message = f"'{into}' is secret at another step."
            mend = "Use another name, or collect(..., secret=True) here too."
            yield Finding(flow.name, name, "into", message, mend)
        if isinstance(step, BranchStep) and isinstance(step.on, str):
            if step.on in flow.secrets:
                yield _secret(flow, name, "on", step.on)
            elif step.on not in ever and step.on not in SPOKEN_NAMES:
                message = f"nothing sets '{step.on}'."
                mend = f"Set are: {', '.join(sorted(ever)) or 'none'}."
                yield Finding(flow.name, name, "on", message, mend)


def _placeholder(
    flow: Flow, step: str, argument: str, name: str, known: frozenset[str], ever: set[str]
) -> Iterator[Finding]:
    if name in flow.secrets:
        yield _secret(flow, step, argument, name)
    elif name not in ever and name not in SPOKEN_NAMES:
        message = f"nothing sets {{{name}}}."
        mend = f"Set are: {', '.join(sorted(ever)) or 'none'}; always: {', '.join(SPOKEN_NAMES)}."
        yield Finding(flow.name, step, argument, message, mend)
    elif name not in known and not step:
        message = f"it can be said before {{{name}}} is set."
        always = ", ".join(sorted(known))
        yield Finding(flow.name, step, argument, message, f"Always set are: {always}.")
    elif name not in known:
        message = f"some path leads here without {{{name}}} being set."
        mend = f"Set it on every exit that leads here, such as to('{step}', {name}=\"\")."
        yield Finding(flow.name, step, argument, message, mend)


def _secret(flow: Flow, step: str, argument: str, name: str) -> Finding:
    message = f"'{name}' is secret and may be read by functions only."
    return Finding(flow.name, step, argument, message, "Leave it out of texts and branches.")


def _known_at_entry(flow: Flow) -> dict[str, frozenset[str]]:
    """For each step: what is set whichever way the call came to it (the meet over all paths)."""
    always = _always(flow)
    everything = always | {name for name, _ in _assigned_names(flow)}
    known = dict.fromkeys(flow.steps, everything)
    for root in _roots(flow):
        known[root] = always
    changed = True
    while changed:
        changed = False
        for name, step in flow.steps.items():
            for label, exit_ in step.exits.items():
                assigned = {variable for variable, _ in exit_.assigned}
                arriving = known[exit_.step] & (known[name] | step.sets(label) | assigned)
                if arriving != known[exit_.step]:
                    known[exit_.step] = arriving
                    changed = True
    return known


def _always(flow: Flow) -> frozenset[str]:
    """What is set at every step."""
    return frozenset(SPOKEN_NAMES) | frozenset(flow.given)
