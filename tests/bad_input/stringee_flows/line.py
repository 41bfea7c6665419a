"""Flows that get Stringee's bad input: one without a fallback, one with."""

from app.callflow import Client, Flow, dial, hang_up, menu, record, say
from app.callflow.parties import Other, Party


def whoever(call: object) -> str:
    """The caller, as the flow knows them."""
    caller: Party = getattr(call, "caller")  # noqa: B009 - whatever it is
    return f"Xin chào {caller.id if isinstance(caller, Other) else caller or 'bạn'}."


line = Flow(
    "line",
    start="hello",
    language="vi-VN",
    on=("stringee",),
    given={"custom": "", "name": ""},
    steps={
        "hello": say(whoever, then="choose"),
        "choose": menu("Bấm 1 hoặc 2.", {"1": "ring", "2": "other"}, tries=3, failure="mail"),
        "ring": dial(Client("user_2"), "+84900000009", no_answer="mail"),
        "other": menu("Bấm 3.", {"3": "bye"}, failure="bye"),
        "mail": record("Xin để lại lời nhắn.", into="message", then="bye"),
        "bye": hang_up("Tạm biệt {custom}.", disposition="bye"),
    },
)

careful = Flow(
    "careful",
    start="choose",
    language="vi-VN",
    on=("stringee",),
    fallback="sorry",
    steps={
        "choose": menu("Bấm 1.", {"1": "fails"}, failure="bye"),
        "fails": say(lambda call: str(call["nothing"]), then="bye"),
        "bye": hang_up("Tạm biệt."),
        "sorry": hang_up("Xin lỗi.", disposition="sorry"),
    },
)
