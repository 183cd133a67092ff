"""Until when a student may move a session and cancel it free of charge, in words for its page."""

from datetime import datetime, timedelta

from blueprints.filters import local_time, money
from coaching.booking.cancel_terms import is_late
from coaching.booking.move_rules import why_not_move
from coaching.booking.queries import SessionView, movable_of, terms_of


def rules_of(view: SessionView, zone: str, now: datetime) -> list[str]:
    """A sentence for each; none for anybody else than the student, or once nothing can be changed any more."""
    coaching_session = view.coaching_session
    is_ahead = coaching_session.state == "scheduled" and now < coaching_session.starts_at
    if view.role != "student" or not view.may_act or not is_ahead:
        return []
    return [move_rule(view, zone, now), *cancel_rule(view, zone, now)]


def move_rule(view: SessionView, zone: str, now: datetime) -> str:
    """How often the session can still be moved and until when; or why it cannot."""
    seat = view.seat
    if hindrance := why_not_move(movable_of(seat), False, now):
        return str(hindrance)
    left = seat.most_moves - seat.moves
    until = view.coaching_session.starts_at - timedelta(minutes=seat.move_notice_minutes)
    more = " more" if seat.moves else ""
    return (
        f"You can move it {'once' if left == 1 else f'{left} times'}{more}, until {local_time(until, zone, 'short')}."
    )


def cancel_rule(view: SessionView, zone: str, now: datetime) -> list[str]:
    """Until when cancelling costs nothing, or that it may; nothing where it never does."""
    terms, seat = terms_of(view.seat), view.seat
    if not terms.binds:
        return []
    ends_at = terms.ends_at(now)
    if not is_late(terms, now):
        until, kept = local_time(ends_at or terms.starts_at, zone, "short"), terms.price_cents - terms.refundable_cents
        if kept > 0:
            return [f"Cancelling is free until {until}, but for {money(kept, seat.currency)} of extras."]
        return [f"Cancelling is free until {until}."]
    when = f"until {local_time(ends_at, zone, 'short')}" if ends_at else "now"
    if seat.paid_at:
        back = terms.back_at(now)
        return [f"If you cancel {when}, {money(back, seat.currency) if back else 'nothing'} goes back to you."]
    due, coach = terms.due_at(now), view.coaching_session.coach.name
    amount = "the price" if due == terms.price_cents else money(due, seat.currency)
    return [f"If you cancel {when}, {coach} may ask for {amount}."]
