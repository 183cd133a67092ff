"""The messages that show_messages.py draws: made-up facts, and what is different in each. Read by tests, too."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

from coaching.accounts import emails
from coaching.alerts.emails import to_coach, when
from coaching.coaches import emails as coach_emails
from coaching.messages.facts import MessageMoney, MessageReview
from coaching.messages.planning.desired import Need, RoomDelay
from coaching.messages.sender import Sender
from coaching.messages.texts.account import with_addresses
from coaching.notices.kinds import MessageKind
from coaching.own_data import export_rules
from coaching.payments.causes import Cause
from coaching.refusals import Refusal
from coaching.students.emails import asks_to_book

STARTS_AT = datetime(2027, 3, 9, 17, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SITE = "https://calls.example"
SENDER = Sender(
    name="Greenroom",
    url=SITE,
    discord_url="https://discord.com",
    link_keys=(b"k" * 32,),
    sends_mail=True,
    mail_address="hello@calls.example",
    imprint_url=f"{SITE}/imprint",
    privacy_url=f"{SITE}/privacy",
)
UNTIL = STARTS_AT - 7 * 24 * HOUR
ASKED = {"state": "requested", "held_until": UNTIL, "price_cents": 5000, "payment": "outside"}
BERLIN = {"fields": {"zone": "Europe/Berlin", "before": "2027-03-09T17:00+00:00"}, "revision": 1}
NEW_YORK = {"fields": {"zone": "America/New_York", "before": "2027-03-09T11:00-06:00"}, "revision": 1}
HELD = ASKED | {"state": "held", "pays_first": True, "pay_text": "Bank transfer to DE00 1234 5678, with your name."}
CARD = {"price_cents": 4900, "payment": "stripe"}
WHOLE = MessageMoney(4900, "EUR", by_card=True, paper_code="k7w2mh4qzt", paper_number="2027-14")
HALF = replace(WHOLE, amount_cents=2450)
PAID = CARD | {"is_paid": True}
HELD_CALL = {"state": "completed", "now": STARTS_AT + 3 * HOUR}
REVIEW = MessageReview(
    4,
    "We found what made the low end woolly within ten minutes.\nI would have liked more on the master.",
    answer="Thank you! Bring the master next time, and we begin with it.",
)
HIDDEN = replace(REVIEW, hidden_why="It names where somebody lives.")
OFF = CARD | {"state": "cancelled", "is_paid": True, "ended_by": "student"}
# What tells the messages of one kind apart: a name for each, with what is different.
CASES: dict[MessageKind, dict[str, dict[str, Any]]] = {
    MessageKind.BOOKED: {
        "": {},
        "-paid-outside": {
            "price_cents": 5000,
            "payment": "outside",
            "pay_text": "Bank transfer to DE00 1234 5678, with your name.",
            "own_words": "Bring your stems as WAV files, and two songs that sound as you want yours to sound.",
        },
        "-phone": {"session_type": "phone", "opens_at": None, "closes_at": None, "server_url": None},
    },
    MessageKind.MOVED: {
        "": {
            "fields": {"before": (STARTS_AT - 24 * HOUR).isoformat(), "by": "coach"},
            "revision": 1,
            "move_reason": "My studio has no power until Tuesday. Sorry, and thank you.",
        },
    },
    MessageKind.CANCELLED: {
        "": {
            "state": "cancelled",
            "ended_by": "coach",
            "revision": 1,
            "end_reason": "I am ill, and sorry. Take any other time next week.",
        },
        "-paid": {
            "state": "cancelled",
            "ended_by": "student",
            "price_cents": 5000,
            "payment": "outside",
            "is_paid": True,
            "reply_to": "alice@example.com",
        },
        "-late": {
            "state": "cancelled",
            "ended_by": "student",
            "price_cents": 5000,
            "payment": "outside",
            "due_cents": 5000,
        },
        "-by-card": OFF | {"money": replace(WHOLE, goes_back_cents=2450)},
        "-by-card-nothing": OFF | {"money": WHOLE},
    },
    MessageKind.PAID: {"": CARD | {"is_paid": True, "money": WHOLE}},
    MessageKind.PAYMENT_FAILED: {
        "": HELD | CARD | {"state": "expired"},
        "-held": HELD | CARD,
    },
    MessageKind.PAYMENT_LATE: {"": HELD | CARD | {"state": "expired", "money": WHOLE}},
    MessageKind.REFUNDED: {
        "": OFF | {"money": replace(HALF, cause=Cause.STUDENT_CANCELLED)},
        "-by-coach": CARD
        | {"is_paid": True, "money": replace(HALF, cause=Cause.BY_COACH, reason="We lost half an hour to my cable.")},
        "-by-hand": OFF | {"payment": "outside", "money": replace(WHOLE, cause=Cause.NOT_LET_IN, is_by_hand=True)},
    },
    MessageKind.REFUND_FAILED: {"": OFF | {"money": replace(HALF, cause=Cause.STUDENT_CANCELLED)}},
    MessageKind.RECEIPT: {
        "": {"price_cents": 5000, "payment": "outside", "is_paid": True, "money": replace(WHOLE, amount_cents=5000)},
        "-credit-note": OFF | {"money": replace(HALF, cause=Cause.STUDENT_CANCELLED)},
    },
    MessageKind.COACH_PAYMENT_LATE: {"": HELD | CARD | {"state": "expired", "money": WHOLE}},
    MessageKind.COACH_REFUNDED: {
        "": CARD | {"is_paid": True, "money": replace(WHOLE, cause=Cause.NOT_LET_IN)},
        "-by-hand": {
            **{"price_cents": 4900, "payment": "outside", "is_paid": True},
            "money": replace(WHOLE, cause=Cause.BY_ADMIN, is_by_hand=True, reason="The presence record shows it."),
        },
    },
    MessageKind.COACH_REFUND_FAILED: {"": OFF | {"money": replace(HALF, cause=Cause.STUDENT_CANCELLED)}},
    MessageKind.LEFT_SERVER: {"": {}},
    MessageKind.OUTCOME_ASKED: {"": PAID, "-by-phone": PAID | {"session_type": "phone"}},
    MessageKind.OBJECTION_DECIDED: {
        "": PAID | {"fields": {"amount_cents": 2450}},
        "-nothing": PAID | {"fields": {"amount_cents": 0}},
    },
    MessageKind.COACH_OUTCOME_ASKED: {"": PAID},
    MessageKind.COACH_MISSED: {
        "": PAID | {"fields": {"amount_cents": 4900, "until": (STARTS_AT + 49 * HOUR).isoformat()}}
    },
    MessageKind.COACH_OBJECTION: {"": PAID},
    MessageKind.COACH_OBJECTION_DECIDED: {
        "": PAID | {"fields": {"amount_cents": 2450}},
        "-nothing": PAID | {"fields": {"amount_cents": 0}},
    },
    MessageKind.COACH_DISPUTED: {"": PAID | {"fields": {"amount_cents": 4900}}},
    MessageKind.FOLDER_WRITTEN: {"": HELD_CALL},
    MessageKind.COACH_FOLDER_WRITTEN: {"": HELD_CALL},
    MessageKind.REVIEW_ASKED: {"": HELD_CALL},
    MessageKind.REVIEW_ANSWERED: {"": HELD_CALL | {"review": REVIEW}},
    MessageKind.REVIEW_DECIDED: {
        "": HELD_CALL | {"review": HIDDEN, "fields": {"decision": "hidden"}},
        "-shown": HELD_CALL | {"review": REVIEW, "fields": {"decision": "shown"}},
    },
    MessageKind.COACH_REVIEWED: {
        "": HELD_CALL | {"review": REVIEW},
        "-changed": HELD_CALL | {"review": REVIEW, "fields": {"is_changed": True}},
    },
    MessageKind.COACH_REVIEW_DECIDED: {
        "": HELD_CALL | {"review": HIDDEN, "fields": {"decision": "hidden"}},
        "-kept": HELD_CALL | {"review": REVIEW, "fields": {"decision": "kept"}},
    },
    MessageKind.PROPOSED: {"": {"proposed": (STARTS_AT + 24 * HOUR, STARTS_AT + 49 * HOUR)}},
    MessageKind.INVITED: {
        "": {
            "state": "held",
            "price_cents": 5000,
            "payment": "outside",
            "held_until": STARTS_AT - 6 * 24 * HOUR,
            "note": "As we said: bring the stems.",
        },
    },
    MessageKind.REMINDER: {
        "": {"now": STARTS_AT - 24 * HOUR, "price_cents": 5000, "payment": "outside"},
        "-coming": {"now": STARTS_AT - HOUR, "is_coming": True, "own_words": "Bring your stems."},
        "-open": {"now": STARTS_AT - 10 * MINUTE, "room_url": "https://discord.com/channels/1/2"},
    },
    MessageKind.ROOM_OPEN: {"": {"now": STARTS_AT - 15 * MINUTE, "room_url": "https://discord.com/channels/1/2"}},
    MessageKind.NEEDED: {f"-{need}": {"fields": {"need": need}} for need in Need},
    MessageKind.ROOM_LATE: {f"-{delay}": {"fields": {"delay": delay}, "now": STARTS_AT} for delay in RoomDelay},
    MessageKind.RUNNING_LATE: {
        "": {"fields": {"minutes": 10}, "now": STARTS_AT - 5 * MINUTE},
        "-next": {"fields": {"minutes": 10, "is_next": True}, "now": STARTS_AT - 30 * MINUTE},
        "-taken-back": {"fields": {"minutes": 0}, "now": STARTS_AT - 5 * MINUTE},
        "-next-taken-back": {"fields": {"minutes": 0, "is_next": True}, "now": STARTS_AT - 20 * MINUTE},
    },
    MessageKind.COACH_BOOKED: {
        "": {},
        "-with-answers": {
            "goals": "A mix that holds up on small speakers.\nAnd less mud around 200 Hz.",
            "answers": (("Which program do you mix in?", "Reaper"), ("Link to the song", "https://example.com/song")),
            "price_cents": 5000,
            "payment": "outside",
        },
    },
    MessageKind.COACH_MOVED: {
        "": {"fields": {"before": (STARTS_AT - 24 * HOUR).isoformat(), "by": "student"}, "revision": 1},
    },
    MessageKind.COACH_CANCELLED: {
        "-by-card": OFF | {"money": replace(HALF, amount_cents=4900, goes_back_cents=2450)},
        "": {"state": "cancelled", "ended_by": "student", "price_cents": 5000, "payment": "outside", "is_paid": True},
        "-late": {
            "state": "cancelled",
            "ended_by": "student",
            "price_cents": 5000,
            "payment": "outside",
            "due_cents": 2500,
            "end_reason": "My train is stuck, and I cannot make it.",
        },
    },
    MessageKind.COACH_NONE_FITS: {"": {}},
    MessageKind.COACH_REMINDER: {"": {"now": STARTS_AT - HOUR, "is_coming": True}},
    MessageKind.REQUESTED: {"": ASKED, "-then-paid": ASKED | {"pays_first": True}},
    MessageKind.ACCEPTED: {"": {}, "-to-pay": HELD},
    MessageKind.DECLINED: {"": {"state": "declined", "ended_by": "coach", "end_reason": "I am away that week."}},
    MessageKind.HELD: {"": HELD, "-by-card": HELD | CARD},
    MessageKind.HOLD_ENDING: {"": HELD, "-by-card": HELD | CARD},
    MessageKind.CONFIRMED: {"": {"price_cents": 5000, "payment": "outside", "is_paid": True}},
    MessageKind.LAPSED: {
        "": HELD | {"state": "expired", "fields": {"was": "held"}},
        "-unanswered": ASKED | {"state": "expired", "fields": {"was": "requested"}},
        "-unconfirmed": HELD | {"state": "expired", "fields": {"was": "held"}, "has_said_paid": True},
        "-not-received": HELD | {"state": "expired", "fields": {"was": "held", "by": "coach"}, "has_said_paid": True},
        "-by-card": HELD | CARD | {"state": "expired", "fields": {"was": "held"}},
    },
    MessageKind.COACH_REQUESTED: {"": ASKED},
    MessageKind.COACH_HELD: {"": HELD, "-by-card": HELD | CARD},
    MessageKind.COACH_PAID: {"": HELD, "-too-late": HELD | {"state": "expired"}},
    MessageKind.COACH_WAITING: {"": ASKED, "-payment": HELD | {"has_said_paid": True}},
    MessageKind.COACH_LAPSED: {
        "": ASKED | {"state": "expired", "fields": {"was": "requested"}},
        "-payment": HELD | {"state": "expired", "fields": {"was": "held"}, "has_said_paid": True},
    },
    MessageKind.CLOCKS: {"": BERLIN, "-of-the-coach": {"fields": {"zone": "America/New_York"}, "revision": 1}},
    MessageKind.COACH_CLOCKS: {"": NEW_YORK, "-of-the-student": {"fields": {"zone": "Europe/Berlin"}, "revision": 1}},
    MessageKind.COACH_RUNNING_LATE: {
        "": {"fields": {"minutes": 10}, "now": STARTS_AT - 5 * MINUTE},
        "-taken-back": {"fields": {"minutes": 0}, "now": STARTS_AT - 5 * MINUTE},
    },
}
LINK = f"{SITE}/verify-email/nTq4uWvQ0Z0c7b1mJx3mVw"
ABOUT = SimpleNamespace(code="gw56pb", title="Mixing feedback call", starts_at=STARTS_AT)
CLOCK = partial(when, zone="Europe/Berlin")
REFUSED = to_coach(Refusal.MISSING_PERMISSION, "nova", ABOUT, STARTS_AT - HOUR, CLOCK, "Connect")
EMAILS = {
    MessageKind.COACH_APPLIED: coach_emails.applied("Robin", False, SITE),
    MessageKind.APPLICATION_ANSWERED: coach_emails.rejected(
        "We have no room for another mixing coach this year.", SITE
    ),
    MessageKind.COACH_STANDING: coach_emails.stopped("Three students waited for you in vain this month.", SITE),
    MessageKind.COACH_ASKED: asks_to_book(
        "Bob", "Mixing feedback call", "Sorry, I was ill both times.", f"{SITE}/students/7"
    ),
    MessageKind.DATA_READY: export_rules.ready("Wed 10 March, 18:00 Berlin", SITE),
}
WRITTEN = {
    **{kind: (email.subject, email.body) for kind, email in EMAILS.items()},
    MessageKind.ALERT: (REFUSED.subject, with_addresses(REFUSED.body, SITE)),
    MessageKind.VERIFY: (emails.verify(LINK).subject, emails.verify(LINK).body),
    MessageKind.RESET: (emails.reset(LINK).subject, emails.reset(LINK).body),
    MessageKind.CLAIM: (emails.claim(LINK).subject, emails.claim(LINK).body),
    MessageKind.DATA_LINK: (emails.own_data(LINK).subject, emails.own_data(LINK).body),
    MessageKind.CHANGED: (emails.changed("").subject, emails.changed(emails.PASSWORD_CHANGED).body),
}
