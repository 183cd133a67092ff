"""What holds for each kind of message: when, until when it is worth sending, and what people may choose. Pure.

The preferences page, the docs and the tests are drawn from this table.
"""

from dataclasses import dataclass
from enum import Enum, auto

from coaching.notices.kinds import Audience, MessageKind


class Worth(Enum):
    """Until when a message is worth sending."""

    START = auto()  # of the session
    END = auto()  # of the session
    DAY = auto()  # a day after it was written
    WEEK = auto()  # a week after it was written
    ANSWER = auto()  # as long as the hold or the request it is about
    ALWAYS = auto()  # as long as anybody tries


@dataclass(frozen=True)
class KindRules:
    """What holds for every message of a kind: `title` and `when` are how people read of it."""

    audience: Audience
    title: str
    when: str
    worth: Worth
    can_be_off: bool = False  # never for money, safety, a cancellation, or a change by the other side
    is_on: bool = True  # as long as its person has not chosen
    waits: bool = False  # in quiet hours, until they are over
    outlives: bool = False  # it is true of a session that is off, too
    is_for_admins: bool = False  # nobody else ever gets one
    is_account: bool = False  # the way into an account: by mail to the address it is about, and nowhere else


def _of_account(title: str, when: str) -> KindRules:
    return KindRules(Audience.OWNER, title, when, Worth.ALWAYS, is_account=True)


def _of_money(audience: Audience, title: str, when: str) -> KindRules:
    return KindRules(audience, title, when, Worth.ALWAYS, outlives=True)


AT_ONCE = "At once"
WHEN_ASKED = "When you ask for it"
UNLESS_SEEN = "Minutes later unless you have seen it, at most once an hour"
WHEN_NOTICED = "When whoever runs the site has noticed"
RULES = {
    MessageKind.BOOKED: KindRules(Audience.STUDENT, "You booked a call", AT_ONCE, Worth.END),
    MessageKind.REQUESTED: KindRules(Audience.STUDENT, "You asked for a call", AT_ONCE, Worth.ANSWER),
    MessageKind.ACCEPTED: KindRules(Audience.STUDENT, "A call you asked for was accepted", AT_ONCE, Worth.END),
    MessageKind.DECLINED: KindRules(Audience.STUDENT, "A call you asked for was declined", AT_ONCE, Worth.DAY),
    MessageKind.HELD: KindRules(Audience.STUDENT, "A time is held for you until you have paid", AT_ONCE, Worth.ANSWER),
    MessageKind.HOLD_ENDING: KindRules(
        *(Audience.STUDENT, "A time held for you is about to run out", "Before it does, by a quarter of its time"),
        Worth.ANSWER,
    ),
    MessageKind.CONFIRMED: KindRules(
        Audience.STUDENT, "Your payment was confirmed, and the time is yours", AT_ONCE, Worth.END
    ),
    MessageKind.LAPSED: KindRules(
        Audience.STUDENT, "A time you held or asked for is free again", "When it runs out", Worth.DAY
    ),
    MessageKind.MOVED: KindRules(Audience.STUDENT, "A call of yours has another time", AT_ONCE, Worth.END),
    MessageKind.CLOCKS: KindRules(
        *(
            Audience.STUDENT,
            "A country has changed its clocks, and with them the time of day of your call",
            WHEN_NOTICED,
        ),
        Worth.END,
        waits=True,
    ),
    MessageKind.CANCELLED: KindRules(
        Audience.STUDENT, "A call of yours was cancelled", AT_ONCE, Worth.DAY, outlives=True
    ),
    MessageKind.PROPOSED: KindRules(
        Audience.STUDENT, "Your coach proposes another time for a call", AT_ONCE, Worth.START
    ),
    MessageKind.INVITED: KindRules(Audience.STUDENT, "A coach keeps a time for you", AT_ONCE, Worth.ANSWER),
    MessageKind.REMINDER: KindRules(
        *(
            Audience.STUDENT,
            "A reminder of your call",
            "As its coach has set it, a day and an hour before",
            Worth.START,
        ),
        can_be_off=True,
        waits=True,
    ),
    MessageKind.ROOM_OPEN: KindRules(
        *(Audience.STUDENT, "The room of your call is open", "As it opens, with the way in", Worth.END),
        can_be_off=True,
    ),
    MessageKind.NEEDED: KindRules(
        *(Audience.STUDENT, "Something is needed of you", "When a call would fail without it", Worth.END), waits=True
    ),
    MessageKind.ROOM_LATE: KindRules(
        Audience.STUDENT, "The room is late, or could not be made", "As soon as that is known", Worth.END
    ),
    MessageKind.RUNNING_LATE: KindRules(
        Audience.STUDENT, "Your coach is running late, or not any more", AT_ONCE, Worth.END
    ),
    MessageKind.PAID: KindRules(Audience.STUDENT, "You paid by card, and the time is yours", AT_ONCE, Worth.END),
    MessageKind.PAYMENT_FAILED: KindRules(
        Audience.STUDENT, "A payment of yours did not go through", "As soon as that is known", Worth.DAY
    ),
    MessageKind.PAYMENT_LATE: _of_money(
        Audience.STUDENT, "You paid when the time was gone, and get it back", "As soon as that is known"
    ),
    MessageKind.REFUNDED: _of_money(Audience.STUDENT, "Money goes back to you", "Once it is on its way"),
    MessageKind.REFUND_FAILED: _of_money(
        Audience.STUDENT, "Money could not be sent back to you", "As soon as that is known"
    ),
    MessageKind.RECEIPT: _of_money(
        Audience.STUDENT, "A receipt or a credit note", "Where no other message has brought it"
    ),
    MessageKind.LEFT_SERVER: KindRules(
        *(Audience.STUDENT, "You are not on your coach’s server any more, and a call is near or on", AT_ONCE),
        Worth.END,
    ),
    MessageKind.OUTCOME_ASKED: KindRules(
        Audience.STUDENT,
        "Nobody knows whether a call you paid for took place",
        "Once, when it is over",
        Worth.ALWAYS,
        waits=True,
    ),
    MessageKind.OBJECTION_DECIDED: _of_money(Audience.STUDENT, "What you disagreed with was decided", AT_ONCE),
    MessageKind.FOLDER_WRITTEN: KindRules(
        *(Audience.STUDENT, "Your coach has written into the folder of a call", UNLESS_SEEN, Worth.WEEK),
        can_be_off=True,
        waits=True,
    ),
    MessageKind.REVIEW_ASKED: KindRules(
        Audience.STUDENT,
        "Whether you want to review a call",
        "Once, an hour after it",
        Worth.WEEK,
        can_be_off=True,
        waits=True,
    ),
    MessageKind.REVIEW_ANSWERED: KindRules(
        Audience.STUDENT, "Your coach has answered your review", AT_ONCE, Worth.WEEK, can_be_off=True, waits=True
    ),
    MessageKind.REVIEW_DECIDED: KindRules(
        Audience.STUDENT, "A review of yours was hidden, or is shown again", AT_ONCE, Worth.ALWAYS
    ),
    MessageKind.COACH_BOOKED: KindRules(
        Audience.COACH, "Somebody booked a call with you", AT_ONCE, Worth.END, can_be_off=True, waits=True
    ),
    MessageKind.COACH_REQUESTED: KindRules(Audience.COACH, "Somebody asks for a call with you", AT_ONCE, Worth.ANSWER),
    MessageKind.COACH_HELD: KindRules(
        *(Audience.COACH, "Somebody holds a time with you and is to pay", AT_ONCE, Worth.ANSWER),
        can_be_off=True,
        waits=True,
    ),
    MessageKind.COACH_PAID: KindRules(Audience.COACH, "A student says that they have paid you", AT_ONCE, Worth.START),
    MessageKind.COACH_WAITING: KindRules(
        *(Audience.COACH, "A student still waits for your answer", "Before it is too late, by a quarter of the time"),
        Worth.ANSWER,
    ),
    MessageKind.COACH_LAPSED: KindRules(
        Audience.COACH, "Somebody waited for your answer in vain", "When their time runs out", Worth.DAY
    ),
    MessageKind.COACH_MOVED: KindRules(Audience.COACH, "A call with you has another time", AT_ONCE, Worth.END),
    MessageKind.COACH_CLOCKS: KindRules(
        *(Audience.COACH, "A country has changed its clocks, and with them the time of day of a call", WHEN_NOTICED),
        Worth.END,
        waits=True,
    ),
    MessageKind.COACH_CANCELLED: KindRules(
        Audience.COACH, "A call with you was cancelled", AT_ONCE, Worth.DAY, outlives=True
    ),
    MessageKind.COACH_NONE_FITS: KindRules(
        Audience.COACH, "None of the times that you proposed fits", AT_ONCE, Worth.START
    ),
    MessageKind.COACH_REMINDER: KindRules(
        Audience.COACH,
        "A reminder of a call you give",
        "An hour before, unless you choose otherwise",
        Worth.START,
        can_be_off=True,
        waits=True,
    ),
    MessageKind.COACH_RUNNING_LATE: KindRules(
        Audience.COACH, "A student of yours is running late, or not any more", AT_ONCE, Worth.END
    ),
    MessageKind.COACH_PAYMENT_LATE: _of_money(
        Audience.COACH, "A student paid when the time was gone", "As soon as that is known"
    ),
    MessageKind.COACH_REFUNDED: _of_money(
        Audience.COACH, "Money goes back to a student by the rules", "Once it is on its way, or for you to send"
    ),
    MessageKind.COACH_REFUND_FAILED: _of_money(
        Audience.COACH, "Money could not be sent back to a student", "As soon as that is known"
    ),
    MessageKind.COACH_OUTCOME_ASKED: KindRules(
        Audience.COACH,
        "Nobody knows whether a paid call took place, and you decide",
        "Once, when it is over",
        Worth.ALWAYS,
        waits=True,
    ),
    MessageKind.COACH_MISSED: KindRules(
        Audience.COACH,
        "By the record you missed a paid call, and its money goes back unless you correct it",
        "Once, when it is over",
        Worth.ALWAYS,
        waits=True,
    ),
    MessageKind.COACH_OBJECTION: _of_money(Audience.COACH, "A student disagrees about their money", AT_ONCE),
    MessageKind.COACH_OBJECTION_DECIDED: _of_money(
        Audience.COACH, "What a student disagreed with was decided", AT_ONCE
    ),
    MessageKind.COACH_DISPUTED: _of_money(
        Audience.COACH, "A student’s bank has taken a payment back", "Within the hour, or as soon as Stripe tells"
    ),
    MessageKind.COACH_FOLDER_WRITTEN: KindRules(
        *(Audience.COACH, "A student has written into the folder of a call", UNLESS_SEEN, Worth.WEEK),
        can_be_off=True,
        waits=True,
    ),
    MessageKind.COACH_REVIEWED: KindRules(
        Audience.COACH, "A student has reviewed a call with you", AT_ONCE, Worth.WEEK, can_be_off=True, waits=True
    ),
    MessageKind.COACH_REVIEW_DECIDED: KindRules(
        Audience.COACH, "A review of a call with you was hidden, or stays", AT_ONCE, Worth.ALWAYS
    ),
    MessageKind.COACH_ASKED: KindRules(
        Audience.COACH, "A student whom a call of yours refuses writes to you", AT_ONCE, Worth.ALWAYS, waits=True
    ),
    MessageKind.COACH_DAY: KindRules(
        *(Audience.COACH, "The calls of your day", "Each morning at 7, if there are any", Worth.DAY),
        can_be_off=True,
        is_on=False,
        waits=True,
    ),
    MessageKind.COACH_APPLIED: KindRules(
        *(Audience.OWNER, "Somebody applies to become a coach", AT_ONCE, Worth.ALWAYS),
        can_be_off=True,
        waits=True,
        is_for_admins=True,
    ),
    MessageKind.APPLICATION_ANSWERED: KindRules(
        Audience.OWNER, "Your application to become a coach was answered", AT_ONCE, Worth.ALWAYS
    ),
    MessageKind.COACH_STANDING: KindRules(
        Audience.OWNER, "Your approval as a coach was taken back, or given again", AT_ONCE, Worth.ALWAYS
    ),
    MessageKind.DATA_READY: KindRules(
        Audience.OWNER, "The data that you asked for is ready to download", "When it is put together", Worth.DAY
    ),
    MessageKind.ALERT: KindRules(
        Audience.OWNER,
        "Your server, your calendars or your site need a hand",
        "At most once a day for one thing",
        Worth.DAY,
    ),
    MessageKind.VERIFY: _of_account("Confirm your address", WHEN_ASKED),
    MessageKind.RESET: _of_account("Choose a new password", WHEN_ASKED),
    MessageKind.CLAIM: _of_account("Merge two accounts", WHEN_ASKED),
    MessageKind.DATA_LINK: _of_account("Get a copy of your data while your account is suspended", WHEN_ASKED),
    MessageKind.CHANGED: _of_account("Your account was changed", AT_ONCE),
}
