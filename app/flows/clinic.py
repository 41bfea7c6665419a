"""A clinic's line in English and French.

Hours, a doctor on duty at night, results behind a secret code.
"""

from app.callflow import (
    Flow,
    In,
    at_most,
    collect,
    dial,
    hang_up,
    hours,
    menu,
    record,
    say,
    to,
)

LUHN_MODULUS = 10


def is_patient_code(entry: str) -> bool:
    """Whether the last digit of a patient code is right (Luhn): a mistyped one is asked again."""
    total = 0
    for place, key in enumerate(reversed(entry)):
        value = int(key) * (1 + place % 2)
        total += sum(divmod(value, 10))
    return total % LUHN_MODULUS == 0


clinic = Flow(
    "clinic",
    start="which_language",
    language="en-GB",
    timezone="Europe/Paris",
    on=("callr",),  # Stringee does not tell whether a message was left
    fallback="front_desk",
    steps={
        "which_language": menu(
            (
                In("en-GB", "Welcome to the clinic. For English, press 1."),
                In("fr-FR", "Pour le français, tapez 2."),
            ),
            {"1": to("open_now", language="en-GB"), "2": to("open_now", language="fr-FR")},
            tries=2,
            invalid="",
            no_input="",
            failure="open_now",
        ),
        "open_now": hours(
            {"mon-fri": "08:30-12:30 14:00-18:30", "sat": "09:00-12:00"},
            closed=("12-25", "01-01", "05-01"),
            open="choices",
            closed_step="after_hours",
        ),
        "choices": menu(
            {
                "en-GB": "For an appointment, press 1. For results, press 2. For a doctor, 3.",
                "fr-FR": "Pour un rendez-vous, tapez 1. Des résultats, 2. Un médecin, 3.",
            },
            {"1": "front_desk", "2": "code", "3": "doctor"},
            failure="front_desk",
        ),
        "code": collect(
            {
                "en-GB": "Type your patient code, then the hash key.",
                "fr-FR": "Tapez votre code patient, puis dièse.",
            },
            into="patient_code",
            min_digits=4,
            max_digits=8,
            secret=True,
            valid=is_patient_code,
            timeout_s=8,
            then="results",
            failure="front_desk",
        ),
        "results": say(
            {
                "en-GB": "Thank you. A nurse will tell you your results.",
                "fr-FR": "Merci. Une infirmière va vous donner vos résultats.",
            },
            then="front_desk",
        ),
        "front_desk": dial("+33123456781", ring_s=25, busy="busy", no_answer="message"),
        "busy": at_most(2, then="please_wait", failure="message"),
        "please_wait": say(
            {
                "en-GB": "Everybody is talking to somebody. We try again.",
                "fr-FR": "Toutes nos lignes sont occupées. Nous réessayons.",
            },
            then="front_desk",
        ),
        "after_hours": menu(
            {
                "en-GB": "The clinic is closed. If it is urgent, press 1. For a message, press 2.",
                "fr-FR": "Le cabinet est fermé. En cas d'urgence, tapez 1. Pour un message, 2.",
            },
            {"1": "doctor", "2": "message"},
            failure="message",
        ),
        "doctor": dial("+33612345679", ring_s=30, no_answer="message"),
        "message": record(into="message", max_s=180, then="thanks", nothing="goodbye"),
        "thanks": hang_up(
            {"en-GB": "Thank you. Goodbye.", "fr-FR": "Merci. Au revoir."},
            disposition="message",
        ),
        "goodbye": hang_up({"en-GB": "Goodbye.", "fr-FR": "Au revoir."}, disposition="nothing"),
    },
)
