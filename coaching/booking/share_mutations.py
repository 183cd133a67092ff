"""Whether a booking counts for the partner who sent it: its coach may say that it does not."""

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat
from coaching.db import database
from coaching.errors import NotFound
from coaching.pricing.partner_rules import share_percent_of


def decide_share(code: str, coach: Person, counts: bool) -> None:
    """The partner has no share of this booking, as where they booked for themselves; or the one that holds now.

    NotFound for anybody but the session's coach, and where no partner has sent it.
    """
    with database.atomic():
        theirs = Seat.select().join(CoachingSession).where(CoachingSession.code == code, CoachingSession.coach == coach)
        seat = theirs.where(Seat.partner.is_null(False)).first()
        if seat is None:
            raise NotFound
        product = seat.coaching_session.product
        percent = share_percent_of(seat.partner.share_percent, product.share_percent) if counts else 0
        Seat.update(share_percent=percent).where(Seat.id == seat.id).execute()
