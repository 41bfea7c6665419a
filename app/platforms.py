"""The platforms that a server is on, and every flow checked for those that it is served on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from app.callflow.errors import Finding
from app.callflow.flow import Flow
from app.callr.heard import Heard, heard_or_nothing
from app.callr.provider import CallrProvider
from app.callr.verifying import VERIFY
from app.flowbook import WithOwn, errors_of, find_flows, names_taken, refused
from app.ports import Provider
from app.settings import Settings
from app.stringee.provider import StringeeProvider
from app.stringee.signatures import Signatures
from app.stringee.simple import FLOWS as SIMPLE_FLOWS

NAMES = ("callr", "stringee")
"""Every platform."""

OWN_FLOWS: Mapping[str, Flow] = {VERIFY.name: VERIFY, **SIMPLE_FLOWS}
"""Offhook's own flows: served by their names, and in no list."""

log = logging.getLogger("offhook")


def all_platforms(
    settings: Settings, warn: Callable[[str], None] = lambda _: None
) -> Mapping[str, Provider]:
    """Every platform, by its name: one without settings answers too, and refuses.

    ``warn`` is told what of ``callr-verified.json`` cannot be used.
    """
    heard = heard_or_nothing(settings.callr_api_url, warn)
    return {"callr": callr_provider(settings, heard), "stringee": stringee_provider(settings)}


def configured(settings: Settings) -> list[Provider]:
    """The platforms that there are settings for; CALLR where there are none for any."""
    served = {
        "callr": settings.serves_callr or not settings.serves_stringee,
        "stringee": settings.serves_stringee,
    }
    return [one for name, one in all_platforms(settings).items() if served[name]]


def callr_provider(settings: Settings, heard: Heard) -> CallrProvider:
    """CALLR as the settings have it, and as it was heard."""
    return CallrProvider(
        login=settings.callr_webhook_login,
        passwords=[settings.callr_webhook_password, settings.callr_webhook_password_old],
        voices=_voices(settings, "callr"),
        caller_id=settings.caller_id,
        fallback_number=settings.fallback_number,
        wait_key=heard.wait_key,
        record_tone=heard.answer("record_tone") != "no",
    )


def stringee_provider(settings: Settings) -> StringeeProvider:
    """Stringee as the settings have it; without PUBLIC_URL, for phones on this machine."""
    url = settings.public_url or f"http://127.0.0.1:{settings.port}"
    return StringeeProvider(
        signatures=Signatures(settings.stringee_keys, url),
        public_url=url,
        voices=_voices(settings, "stringee"),
        caller_id=settings.caller_id,
        fallback_number=settings.fallback_number,
        simple=settings.stringee_simple,
    )


def checked_flows(settings: Settings, providers: Sequence[Provider]) -> Mapping[str, Flow]:
    """Every flow, checked for every platform that it is served on; warnings are logged.

    Raises:
        FlowError: as for ``usable_flows``.
    """
    flows, warnings = usable_flows(settings, providers)
    for warning in warnings:
        log.warning("%s", warning)
    return flows


def usable_flows(
    settings: Settings, providers: Sequence[Provider]
) -> tuple[Mapping[str, Flow], list[Finding]]:
    """Every flow, checked for every platform that it is served on, and the warnings.

    Raises:
        FlowError: flows cannot be used; every such finding of every flow.
    """
    flows, findings = check_flows(settings, providers)
    if errors := errors_of(findings):
        raise refused(errors)
    return flows, findings


def flows_to_try(settings: Settings, providers: Sequence[Provider], name: str) -> dict[str, Flow]:
    """The flows that can be used, where somebody tries the one of this name.

    What is wrong with others is no reason not to: they are left out, and the log says so.

    Raises:
        FlowError: that flow cannot be used, or is not found, and may be what is broken.
    """
    flows, findings = check_flows(settings, providers)
    errors = errors_of(findings)
    unusable = {finding.flow for finding in errors}
    if name in unusable:
        raise refused([one for one in errors if one.flow == name])
    if errors and name not in WithOwn(flows, OWN_FLOWS):
        raise refused(errors, missing=name)
    for finding in findings:
        if finding.flow == name:
            log.warning("%s", finding)
    if unusable:
        others = ", ".join(one or "what cannot be loaded" for one in sorted(unusable))
        log.warning("left out: %s. `offhook flows check` says what is wrong.", others)
    return {one: flow for one, flow in flows.items() if one not in unusable}


def check_flows(
    settings: Settings, providers: Sequence[Provider]
) -> tuple[Mapping[str, Flow], list[Finding]]:
    """Every flow that can be defined, and all that is found in any, errors and warnings."""
    flows, findings = find_flows(settings.flows)
    findings += names_taken(flows, OWN_FLOWS)
    for flow in flows.values():
        findings += flow.findings
        findings += _unknown_platforms(flow)
        for provider in providers:
            if not flow.on or provider.name in flow.on:
                findings += provider.check(flow)
    return flows, findings


def not_served(flows: Mapping[str, Flow], providers: Sequence[Provider]) -> list[str]:
    """The flows that are for other platforms than these, by name."""
    names = {provider.name for provider in providers}
    return [name for name, flow in flows.items() if flow.on and not names & set(flow.on)]


def _unknown_platforms(flow: Flow) -> list[Finding]:
    mend = f"There are: {', '.join(NAMES)}."
    return [
        Finding(flow.name, "", "on", f"there is no platform '{name}'.", mend)
        for name in flow.on
        if name not in NAMES
    ]


def _voices(settings: Settings, platform: str) -> dict[str, str]:
    """The voices of a platform, by language."""
    return {
        name.partition("/")[2]: voice
        for name, voice in settings.voices.items()
        if name.startswith(f"{platform}/")
    }
