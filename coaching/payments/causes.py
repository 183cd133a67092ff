"""Why money goes back: one table, from which rules, pages, messages and the docs are drawn. Pure."""

from enum import StrEnum


class Cause(StrEnum):
    """What a refund is for. The name is stored, and never changes."""

    COACH_CANCELLED = "coach_cancelled"
    DECLINED = "declined"  # after it was paid
    UNANSWERED = "unanswered"  # a paid request that its coach let lapse
    STUDENT_CANCELLED = "student_cancelled"  # what the policy gave at that instant
    NOT_LET_IN = "not_let_in"  # for a cause that was not the student's
    COACH_ABSENT = "coach_absent"
    STUDENT_ABSENT = "student_absent"  # what the policy gives
    LATE = "late"  # paid after the time had gone to somebody else
    TWICE = "twice"  # paid a second time for one seat
    UNSEATED = "unseated"  # paid for what no seat is known of, after a restore
    BY_COACH = "by_coach"  # a part or all of it, with a reason
    BY_ADMIN = "by_admin"  # an objection was upheld
