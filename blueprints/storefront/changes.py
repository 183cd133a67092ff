"""What the coach changed since a booking form was drawn, in sentences."""

from blueprints.filters import minutes, money
from coaching.booking.changes import Changes, Price

KINDS = {"video": "a video call on Discord", "audio": "a voice call on Discord", "phone": "a phone call"}


def sentences(changes: Changes, coach: str) -> list[str]:
    """One for each change, what binds the student first."""
    lines = []
    if changes.title:
        lines.append(f"This call is called “{changes.title[1]}” now. It was “{changes.title[0]}”.")
    if changes.session_type:
        was, now = (KINDS.get(kind, kind) for kind in changes.session_type)
        lines.append(f"It is {now} now. It was {was}.")
    if changes.price:
        lines.append(_price_sentence(*changes.price))
    for old, question in changes.reworded:
        if old.label == question.label:
            lines.append(f"{coach} changed how “{question.label}” is answered.")
        else:
            lines.append(f"{coach} changed a question. It was “{old.label}”, now it is “{question.label}”.")
    lines += [f"{coach} asks one more question: “{question.label}”." for question in changes.added]
    lines += [f"{coach} needs an answer to “{question.label}” now." for question in changes.required]
    return lines + [f"{coach} no longer asks “{question.label}”." for question in changes.removed]


def _price_sentence(was: Price, now: Price) -> str:
    length = minutes(was.minutes)
    if was.minutes != now.minutes:
        costs = f"for {money(now.cents, now.currency)}" if now.cents else "free"
        return f"{length} is no longer on offer. The closest is {minutes(now.minutes)}, {costs}."
    costs = f"costs {money(now.cents, now.currency)}" if now.cents else "is free"
    return f"{length} {costs} now (it was {money(was.cents, was.currency) if was.cents else 'free'})."
