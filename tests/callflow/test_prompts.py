"""What is said: texts, languages, sounds, placeholders."""

from __future__ import annotations

import json
from typing import Any

import pytest
from phone import flow_of, play

from app.callflow import Call, In, Media, assign, collect, conference, hang_up, menu, say, to
from app.callflow.commands import Collect, Conference, Say, Value
from app.callflow.errors import FlowError
from app.callflow.parties import Phone
from app.callflow.prompts import (
    Placeholder,
    Template,
    joined,
    json_size,
    prompt_from,
    safe_text,
    within,
)

BOTH = {"en-GB": "Hello.", "fr-FR": "Bonjour."}


def said(prompt: Any, **options: Any) -> str:
    command = play(flow_of(hang_up(prompt), **options)).command
    assert isinstance(command, Say)
    return command.text


def test_adjacent_texts_of_one_voice_are_one_command() -> None:
    play(flow_of(say(("One.", "Two."), then="bye"))).hears("One. Two.").is_hung_up()


def test_texts_of_two_voices_are_two_commands() -> None:
    call = play(flow_of(hang_up(("One.", In("fr-FR", "Deux.")))))
    assert call.command == Say("One.", "en-GB")
    assert call.is_done().command == Say("Deux.", "fr-FR")


def test_a_step_may_ask_for_a_voice_and_a_language() -> None:
    call = play(flow_of(hang_up("Hallo.", language="de-DE", voice="TTS_X")))
    assert call.command == Say("Hallo.", "de-DE", "TTS_X")


def test_a_function_gives_a_text_or_a_sound() -> None:
    bell = Media(callr=1, says="bell")

    def greet(call: Call) -> str:
        return f"Hello {call['name']}."

    flow = flow_of(say([greet, lambda _: bell], then="bye"), given={"name": "{Eve}"})
    play(flow).hears("Hello {Eve}.", "bell").is_hung_up()


def test_what_a_function_gives_is_said_in_the_steps_language_or_the_calls() -> None:
    assert play(flow_of(hang_up(str, language="fr-FR"))).command.language == "fr-FR"  # type: ignore[union-attr] # a Say
    assert play(flow_of(hang_up(str), language="de-DE")).command.language == "de-DE"  # type: ignore[union-attr] # a Say


@pytest.mark.parametrize("gives", [5, None, ["a"], True])
def test_a_function_that_gives_neither_fails_the_turn(gives: Any) -> None:
    with pytest.raises(FlowError, match=r"prompt: function .* expected a text or a Media"):
        said(lambda _: gives)


def test_a_function_that_raises_fails_the_turn_with_its_line() -> None:
    def broken(call: Call) -> str:
        return str(call["nothing"])

    with pytest.raises(FlowError) as caught:
        said(broken)
    assert caught.value.step == "first"
    assert "test_prompts.py, line" in caught.value.message
    assert "variable 'nothing' is not set in this call." in caught.value.message
    assert caught.value.mend == "Set are: none. Use call.get('nothing')."


# Placeholders.


def test_placeholders_are_filled_once_and_values_are_no_templates() -> None:
    assert said("Hello {name}!", given={"name": "{called}"}) == "Hello {called}!"


def test_what_the_call_is_can_be_said() -> None:
    text = said("{caller} {called} {direction} {language}{result}")
    assert text == "+33612345678 +33199001020 inbound en-GB"


def test_digits_are_said_one_by_one() -> None:
    assert said("{caller:digits}") == "3, 3, 6, 1, 2, 3, 4, 5, 6, 7, 8"
    assert said("{code:digits}", given={"code": "018"}) == "0, 1, 8"


@pytest.mark.parametrize(("value", "text"), [(True, "true"), (False, "false"), (7, "7")])
def test_values_are_said_as_text(value: Value, text: str) -> None:
    step = assign(x=value, then="told")
    play(flow_of(step, told=hang_up("It is {x}."))).hears(f"It is {text}.")


def test_a_placeholder_that_is_unset_at_run_time_is_left_out_with_an_incident() -> None:
    call = play(flow_of(hang_up("From {caller}.")), caller=None).hears("From .")
    assert "step 'first': {caller} is not set and was left out." in call.incidents


def test_a_variable_that_is_none_is_left_out() -> None:
    call = play(flow_of(assign(x=None, then="told"), told=hang_up("X{x}."))).hears("X.")
    assert "{x} is not set" in call.incidents


# Languages.


def test_a_call_begins_in_the_flows_language_and_changes_by_an_exit() -> None:
    flow = flow_of(
        menu(BOTH, {"1": to("told", language="fr-FR"), "2": "told"}, failure="told"),
        told=hang_up(BOTH),
    )
    play(flow).hears("Hello.").presses("1").hears("Bonjour.")
    play(flow).hears("Hello.").presses("2").hears("Hello.")


def test_shipped_notices_speak_the_calls_language() -> None:
    flow = flow_of(menu(BOTH, {"1": "bye"}, failure="bye"), language="fr-FR")
    call = play(flow).hears("Bonjour.").presses("9")
    call.hears("Désolé, je n'ai pas compris. Bonjour.")


def test_shipped_notices_fall_back_to_english() -> None:
    flow = flow_of(menu("Hallo.", {"1": "bye"}, failure="bye"), language="de-DE")
    call = play(flow).presses("9")
    assert call.command == Say("Sorry, I did not understand that.", "en-GB")
    asked = call.is_done().command
    assert isinstance(asked, Collect)
    assert asked.prompt == Say("Hallo.", "de-DE")


def test_a_plain_text_is_in_the_flows_language_whatever_the_calls_is() -> None:
    flow = flow_of(
        assign(language="fr-FR", then="told"), told=say("Hello.", then="both"), both=hang_up(BOTH)
    )
    call = play(flow)
    assert call.command == Say("Hello.", "en-GB")
    assert call.is_done().command == Say("Bonjour.", "fr-FR")


def test_a_text_in_a_language_of_its_own_stays_in_it() -> None:
    flow = flow_of(menu((In("en-GB", "One."), In("fr-FR", "Deux.")), {"1": "bye"}, failure="bye"))
    call = play(flow)
    assert call.command == Say("One.", "en-GB")
    last = call.is_done().command
    assert isinstance(last, Collect)
    assert last.prompt == Say("Deux.", "fr-FR")


def test_pieces_may_be_written_in_several_languages() -> None:
    prompt = {"en-GB": ["Hello.", "You."], "fr-FR": ["Bonjour.", "Toi."]}
    assert said(prompt) == "Hello. You."
    assert said(prompt, language="fr-FR") == "Bonjour. Toi."


def test_sounds_may_be_written_in_several_languages() -> None:
    sounds = {"en-GB": Media(callr=1, says="hello"), "fr-FR": Media(callr=2, says="bonjour")}
    play(flow_of(hang_up(sounds), language="fr-FR")).hears("bonjour")


def test_rooms_speak_the_flows_language() -> None:
    step = conference("x", then="bye", welcome=BOTH, waiting="Wait.")
    command = play(flow_of(step, language="fr-FR")).command
    assert isinstance(command, Conference)
    assert command.welcome == Say("Bonjour.", "fr-FR")
    assert command.waiting == Say("Wait.", "fr-FR")
    assert command.pin_prompt is None


# What is made safe.


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("One|two", "One,two"),
        ("a\x00b\x1bc\u2028d\x7fe\x9ff", "a b c d e f"),
        ("a\ud800b", "a b"),
        ("Zoë 你好 👋", "Zoë 你好 👋"),
        ("", ""),
    ],
)
def test_what_no_platform_should_be_asked_to_say_is_made_safe(text: str, safe: str) -> None:
    assert safe_text(text) == safe


def test_values_are_made_safe_too() -> None:
    assert said("Hello {name}.", given={"name": "A|B\nC"}) == "Hello A,B C."


def test_empty_texts_are_left_out_when_texts_are_joined() -> None:
    texts = [Say("a", "en-GB"), Say(" ", "fr-FR"), Say("b", "en-GB")]
    assert joined(texts) == (Say("a b", "en-GB"),)


# How texts are read.


@pytest.mark.parametrize(
    ("text", "placeholders"),
    [
        ("Hello.", ()),
        ("{a}{b:digits}", (Placeholder("a"), Placeholder("b", digits=True))),
        ("{a2_b}", (Placeholder("a2_b"),)),
    ],
)
def test_a_text_is_cut_at_its_placeholders(
    text: str, placeholders: tuple[Placeholder, ...]
) -> None:
    template = Template.parse(text)
    assert template.placeholders == placeholders
    assert str(template) == text


@pytest.mark.parametrize(
    "text",
    ["{", "}", "a{b", "{}", "{A}", "{a b}", "{a.b}", "{a:}", "{a:x}", "{{a}}", "{0}", "{a!r}"],
)
def test_anything_else_in_braces_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"brace stands alone|is no placeholder"):
        Template.parse(text)


@pytest.mark.parametrize(
    "written",
    [
        5,
        b"Hello.",
        {"english": "Hello."},
        {"en-GB": 5},
        {"en-GB": ["Hello.", 5]},
        {"en-GB": str},
        {"en-GB": "Hello.", "fr-FR": ["Bonjour.", "Toi."]},
        {"en-GB": "Hello.", "fr-FR": Media(callr=1)},
        {5: "Hello."},
        In("EN", "Hello."),
        In("en-GB", 5),  # type: ignore[arg-type] # as an author may
        ["Hello.", 5],
        "{Hello}",
    ],
)
def test_what_is_no_prompt_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match=r"\. |\."):
        prompt_from(written)


def test_a_prompt_shows_its_texts() -> None:
    def greet(_: Call) -> str:
        return ""

    prompt = prompt_from(["Hello {name}.", Media(says="beep"), Media(callr=1), greet, BOTH])
    assert str(prompt) == "Hello {name}. beep (sound) (greet) Hello."


def test_an_entry_is_not_said_where_it_is_secret() -> None:
    flow = flow_of(
        collect("PIN?", "pin", secret=True, then="told", failure="bye"),
        told=hang_up("Thanks{result}."),
    )
    play(flow).presses("1234").hears("Thanks.")


def test_a_party_is_said_as_its_number() -> None:
    flow = flow_of(hang_up("{called}"))
    play(flow, called=Phone("+4420")).hears("+4420")


@pytest.mark.parametrize("text", ["", "a" * 50, "ệ" * 50, "😀" * 50, '"\\' * 30, 'aệ😀"' * 20])
def test_a_text_is_cut_to_the_bytes_that_it_has_in_json(text: str) -> None:
    for room in (0, 1, 7, 40, 1000):
        cut = within(text, room)
        assert text.startswith(cut)
        assert json_size(cut) == len(json.dumps(cut, ensure_ascii=False).encode()) - 2 <= room
    assert within(text, 1000) == text
