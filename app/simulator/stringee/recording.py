"""What the platform does for record and recordMessage."""

from app.simulator.line import Key, LineDroppedError, Quiet
from app.simulator.stringee.actions import Record, RecordMessage
from app.simulator.stringee.leg import Leg, Next, RecordedCall, Step
from app.simulator.stringee.replies import read_answered, steps_of
from app.simulator.transcript import Pressed, Recorded, Recording, Tone, Warned


def record(leg: Leg, step: Step, action: Record) -> None:
    """Record the call from here to its end, or start again with other options."""
    leg.begin(step)
    since = leg.recording.since if leg.recording else leg.line.now
    leg.recording = RecordedCall(action.event_url, action.format, since)


def finish_recording(leg: Leg) -> None:
    """The call is over: keep its recording, and tell where it can be had.

    What nobody answered is not recorded (assumed), nor what two apps said past the platform.
    """
    recording, answered_at = leg.recording, leg.answered_at
    if recording is None or answered_at is None:
        return
    if leg.events.peer_to_peer:
        text = "nothing is recorded: peerToPeerCall leads the sound past Stringee's servers"
        leg.line.tell(Warned, text=text)
        return
    since = max(recording.since, answered_at)
    leg.kept.append((leg.facts.call_id, leg.line.now - since))
    leg.exchange.keep_recording(leg.facts.call_id, leg.line.now - since)
    leg.tell_recording(recording.event_url, leg.facts.call_id, since=since)


def record_message(leg: Leg, step: Step, action: RecordMessage) -> Next:
    """Let the caller speak until the key, silence or the longest time; then post where it is.

    The vendor lists it as asynchronous, but uses it as a step that the next one waits for; so it is
    here. The body of its webhook is assumed to be that of `record`.
    """
    leg.begin(step)
    leg.answer()
    line = leg.line
    if action.beep:
        line.tell(Tone, name="beep")
    leg.messages += 1
    recording = f"{leg.facts.call_id}-{leg.messages}"
    longest = action.timeout_ms / 1000 if action.timeout_ms else leg.readings.message_s
    line.forget(Key, Quiet)
    line.tell(
        Recording,
        max_s=longest,
        silence_s=(action.silence_ms or 0) / 1000,
    )
    since = line.now
    try:
        _listen(leg, action, longest)
    except LineDroppedError:
        _keep(leg, recording, since)
        leg.tell_recording(action.event_url, recording, since=since)
        raise
    _keep(leg, recording, since)
    return _tell(leg, action, recording, since)


def _keep(leg: Leg, recording: str, since: float) -> None:
    seconds = round(leg.line.now - since, 3)
    leg.kept.append((recording, seconds))
    leg.exchange.keep_recording(recording, seconds)
    leg.line.tell(Recorded, file=recording, seconds=seconds)


def _listen(leg: Leg, action: RecordMessage, longest: float) -> None:
    """Wait for the end of a message. A person who falls silent is not waited for in real time."""
    line, end = leg.line, leg.line.now + longest
    while line.now < end:
        act = line.wait(end - line.now, Key, Quiet, patient=True)
        if isinstance(act, Key):
            ends = act.key in action.end_on_key
            line.tell(Pressed, keys=act.key, used=ends)
            if ends:
                return
        elif isinstance(act, Quiet):
            seconds = end - line.now
            line.count(min(seconds, action.silence_ms / 1000) if action.silence_ms else seconds)
            return
        else:
            return


def _tell(leg: Leg, action: RecordMessage, recording: str, since: float) -> Next:
    """Post where the message is; a reply that is an SCCO may replace the list."""
    answered = leg.tell_recording(action.event_url, recording, since=since)
    if answered is None or leg.readings.message_reply == "ignored":
        return Next()
    leg.line.count(answered.took_s)
    if not answered.body.lstrip().startswith(b"["):
        return Next()
    scco = read_answered(answered, leg.facts.project, leg.readings)
    if scco.refusal is not None:
        leg.line.tell(Warned, text=f"the reply to a recordMessage is no SCCO: {scco.refusal.why}")
        return Next()
    return Next(steps_of(scco))
