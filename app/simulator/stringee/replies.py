"""What the server answers, taken as the platform takes it."""

from collections.abc import Iterable
from dataclasses import replace

from app.simulator.deadline import Answered
from app.simulator.stringee.actions import Action, Connect, End
from app.simulator.stringee.codes import (
    FROM_NOT_FOUND,
    NO_ANSWER_FROM_URL,
    NO_SIP_TRUNK,
    Refusal,
)
from app.simulator.stringee.conditions import StringeeReadings
from app.simulator.stringee.facts import Project
from app.simulator.stringee.leg import Leg, Next, OverError, Step
from app.simulator.stringee.scco import Scco, read_scco
from app.simulator.transcript import Fault, Warned

CAN_NOT_MAKE_CALL = "CAN_NOT_MAKE_CALL"


def read_answered(answered: Answered | None, project: Project, readings: StringeeReadings) -> Scco:
    """Read an answer as an SCCO of this project; None, no proper answer, is r=18."""
    if answered is None:
        return Scco(refusal=Refusal(NO_ANSWER_FROM_URL, "there was no answer with an SCCO"))
    scco = read_scco(
        answered.body,
        content_type=answered.content_type,
        lenient=readings.lenient,
        unknown_actions=readings.unknown_actions,
    )
    return with_numbers_checked(scco, project)


def with_numbers_checked(scco: Scco, project: Project) -> Scco:
    """The SCCO, or a refusal where it shows a number that the project does not have."""
    if scco.refusal is not None:
        return scco
    refusal, warnings = _check_numbers(scco.actions, project)
    told = (*scco.warnings, *warnings)
    if refusal is not None:
        return Scco(warnings=told, refusal=refusal, parts=scco.parts)
    return replace(scco, warnings=told)


def steps_of(scco: Scco) -> tuple[Step, ...]:
    """Its actions, to be carried out."""
    return tuple(
        Step(action, given) for action, given in zip(scco.actions, scco.given, strict=True)
    )


def obey_reply(leg: Leg, what: str, answered: Answered | None) -> Next:
    """Take the reply to an input or onFail webhook, which replaces the list that was running.

    Raises:
        OverError: it is no SCCO, and that ends the call.
    """
    scco = read_answered(answered, leg.facts.project, leg.readings)
    for text in scco.warnings:
        leg.line.tell(Warned, text=text)
    if scco.refusal is None:
        return Next(steps_of(scco))
    if answered is not None:
        leg.line.tell(Fault, reason=f"{what}: {scco.refusal}")
    if leg.readings.bad_reply == "go on":
        return Next()
    raise OverError(CAN_NOT_MAKE_CALL, by="platform, for want of a proper reply")


def _check_numbers(actions: Iterable[Action], project: Project) -> tuple[Refusal | None, list[str]]:
    warnings: list[str] = []
    for number, action in enumerate(actions, start=1):
        if not isinstance(action, Connect) or action.to.type != "external":
            continue
        where = f"action {number} (connect)"
        if action.to.sip_trunk:
            why = f"{where}: to: there is no SIP trunk {action.to.sip_trunk} here"
            return Refusal(NO_SIP_TRUNK, why), warnings
        if project.numbers is None:
            continue
        shown = _shown(action.from_, project.numbers)
        if shown not in project.numbers:
            why = f"{where}: from shows {shown!r}, which is no number of this account"
            return Refusal(FROM_NOT_FOUND, why), warnings
        if action.from_.type == "external" and shown != action.from_.alias:
            warnings.append(f"{where}: from.alias must be your number; from.number is shown here")
    return None, warnings


def _shown(from_: End, numbers: frozenset[str]) -> str:
    """The caller id: the alias of an external `from`, else its number."""
    if from_.type == "internal" or (from_.number in numbers and from_.alias not in numbers):
        return from_.number
    return from_.alias
