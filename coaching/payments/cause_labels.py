"""Why money goes back, in a sentence for either side. Pure.

The pages, the messages and the statements say it with these.
"""

from coaching.payments.causes import Cause

# By cause: what the student reads, and what the coach reads. {coach} and {student} are their names.
_SENTENCES = {
    # By that side itself, or by an admin in its place.
    Cause.COACH_CANCELLED: ("The call was cancelled on {coach}’s side.", "The call was cancelled on your side."),
    Cause.DECLINED: (
        "{coach} has declined the call after you had paid.",
        "You have declined the call after it was paid.",
    ),
    Cause.UNANSWERED: (
        "{coach} has not answered your request in time.",
        "You have not answered the request in time.",
    ),
    Cause.STUDENT_CANCELLED: (
        "It was cancelled on your side, and this is what the policy of your booking gives back.",
        "It was cancelled on {student}’s side, and this is what the policy of the booking gives back.",
    ),
    Cause.NOT_LET_IN: (
        "The room did not let you in, and that was not your doing.",
        "The room did not let {student} in, and that was not their doing.",
    ),
    Cause.COACH_ABSENT: (
        "{coach} was not in the call.",
        "By the record you were not in the call, and {student} was.",
    ),
    Cause.STUDENT_ABSENT: (
        "You were not in the call, and this is what the policy of your booking gives back.",
        "{student} was not in the call, and this is what the policy of the booking gives back.",
    ),
    Cause.LATE: (
        "Your payment came when the time was not yours any more.",
        "The payment came when the time was not {student}’s any more.",
    ),
    Cause.TWICE: ("You have paid twice for the same call.", "{student} has paid twice for the same call."),
    Cause.UNSEATED: (
        "You have paid for a call of which this site has no record any more.",
        "It was paid for a call of which this site has no record any more.",
    ),
    Cause.BY_COACH: ("{coach} gives it back to you.", "You give it back."),
    Cause.BY_ADMIN: (
        "Whoever runs this site has looked at it and decided so.",
        "Whoever runs this site has looked at it and decided so.",
    ),
}
# For a list, without a name.
_LABELS = {
    Cause.COACH_CANCELLED: "Cancelled by the coach",
    Cause.DECLINED: "Declined after it was paid",
    Cause.UNANSWERED: "Not answered in time",
    Cause.STUDENT_CANCELLED: "Cancelled by the student",
    Cause.NOT_LET_IN: "The room let nobody in",
    Cause.COACH_ABSENT: "The coach was absent",
    Cause.STUDENT_ABSENT: "The student was absent",
    Cause.LATE: "Paid too late",
    Cause.TWICE: "Paid twice",
    Cause.UNSEATED: "No booking for it",
    Cause.BY_COACH: "Given back by the coach",
    Cause.BY_ADMIN: "Decided by an admin",
}
# What the coach has set off or was told of otherwise needs no message to them.
NEWS_TO_COACH = frozenset(
    (Cause.NOT_LET_IN, Cause.COACH_ABSENT, Cause.STUDENT_ABSENT, Cause.TWICE, Cause.BY_ADMIN, Cause.UNANSWERED)
)


def why_for_student(cause: str, coach: str) -> str:
    """Why it goes back, for whoever gets it; empty for a cause that this version does not know."""
    return _SENTENCES[Cause(cause)][0].format(coach=coach) if cause in _SENTENCES else ""


def why_for_coach(cause: str, student: str) -> str:
    """Why it goes back, for whoever gives it; empty for a cause that this version does not know."""
    return _SENTENCES[Cause(cause)][1].format(student=student) if cause in _SENTENCES else ""


def cause_label(cause: str) -> str:
    """Why, in a few words; a cause that this version does not know by its stored name."""
    return _LABELS[Cause(cause)] if cause in _LABELS else cause
