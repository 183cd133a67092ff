"""When a student may disagree about their money, and how far that has come. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from coaching.payments.money_outcomes import MoneyOutcome

# So long after the call, or after it was called off.
OBJECTED_UNTIL = timedelta(days=60)
LONGEST_SENTENCE = 500
LONGEST_REPLY = 1000


@dataclass(frozen=True)
class ObjectionFacts:
    """What decides whether the student can still disagree."""

    money_outcome: MoneyOutcome
    ended_at: datetime  # the call's end as planned, or when it was called off
    left_cents: int  # of what they paid, and could still get
    is_made: bool


def may_object(facts: ObjectionFacts, now: datetime) -> bool:
    """True when the outcome is known, there is money it is about, and it was not asked before."""
    is_known = facts.money_outcome is not MoneyOutcome.OPEN
    is_in_time = facts.ended_at <= now < facts.ended_at + OBJECTED_UNTIL
    return is_known and is_in_time and facts.left_cents > 0 and not facts.is_made
