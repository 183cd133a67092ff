"""Reads of what deleting an account would do, and of what keeps it from being done."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from coaching.accounts.admin_queries import admins
from coaching.accounts.factor_queries import has_factor
from coaching.accounts.models import Person
from coaching.accounts.queries import find_discord_link
from coaching.accounts.tokens import digest
from coaching.booking.lapse_queries import takes_time
from coaching.booking.models import BOOKED_STATES, CoachingSession, Invitation, Seat
from coaching.booking.queries import SessionView, terms_of, upcoming_sessions
from coaching.catalog.models import Product, Store
from coaching.catalog.queries import stores_of
from coaching.coaches.standing_queries import coach_of
from coaching.folders.models import Folder, FolderEntry
from coaching.own_data.farewell import Hindrance, Obstacle
from coaching.own_data.models import ErasedPerson
from coaching.payments.account_queries import accounts_of
from coaching.payments.dispute_rules import FINAL
from coaching.payments.models import Dispute, Objection, Payment, Receipt, Refund
from coaching.payments.refund_queries import is_settled_otherwise
from coaching.pricing.models import Partner
from coaching.reviews.models import Review


@dataclass(frozen=True)
class Deletion:
    """What goes with an account and what stays, as things stand; `obstacles` keep it from being deleted now."""

    person: Person
    obstacles: tuple[Obstacle, ...]
    taken: list[SessionView]
    given: list[SessionView]
    kept_for_others: int  # times that a coach keeps by an invitation
    kept_for_them: int  # and that coaches keep for this person
    stores: list[Store]
    products: int
    discord: str | None
    is_coach: bool
    has_receipts: bool
    has_card_key: bool
    reviews: int
    has_dispute: bool
    has_objection: bool
    has_factor: bool
    has_partners: bool
    has_folders: bool
    awaits_money: bool  # that a coach sends back themselves, or will have to
    mark: str

    @cached_property
    def coming(self) -> list[SessionView]:
        """The sessions that would be called off, the next one first."""
        return sorted([*self.taken, *self.given], key=lambda view: view.coaching_session.starts_at)


def what_goes(person: Person, now: datetime) -> Deletion:
    """What deleting the account means now; `now` is the product's."""
    taken = [view for view in upcoming_sessions(person, "student", now) if view.coaching_session.starts_at > now]
    given = upcoming_sessions(person, "coach", now)
    seats = Seat.select(Seat.id).where(Seat.student == person)
    stores = stores_of(person)
    sold = Product.select().where(Product.store.in_(stores), Product.state != "archived")
    kept = CoachingSession.select().join(Invitation).where(CoachingSession.coach == person, takes_time(now))
    obstacles = (*_last_admin(person), *_running(person, now), *_owed_by_hand(person, now))
    return Deletion(
        person=person,
        obstacles=obstacles,
        taken=taken,
        given=given,
        kept_for_others=kept.where(Invitation.used_at.is_null()).count(),
        kept_for_them=len(invitations_to(person, now)),
        stores=stores,
        products=sold.count(),
        discord=link.username if (link := find_discord_link(person)) else None,
        is_coach=coach_of(person) is not None,
        has_receipts=Receipt.select().join(Payment).where(Payment.seat.in_(seats)).exists()
        or Receipt.select().where(Receipt.store.in_(stores)).exists(),
        has_card_key=any(accounts_of(store) for store in stores),
        reviews=Review.select().where(Review.student == person).count(),
        has_dispute=_disputes(person).exists(),
        has_objection=Objection.select().where(Objection.seat.in_(seats), Objection.decided_at.is_null()).exists(),
        has_factor=has_factor(person),
        has_partners=Partner.select().where(Partner.store.in_(stores)).exists(),
        has_folders=_folders(person, seats).exists(),
        awaits_money=any(view.seat.payment == "outside" and view.seat.paid_at for view in taken)
        or _left_to_a_hand(seats),
        mark=_mark([*taken, *given], stores, obstacles, now),
    )


def invitations_to(person: Person, now: datetime) -> list[Invitation]:
    """Those that name the person, and that can still be taken at `now`, each with its session."""
    named = Invitation.select(Invitation, CoachingSession).join(CoachingSession)
    return list(named.where(Invitation.student == person, Invitation.used_at.is_null(), takes_time(now)))


def live_sessions(person: Person, now: datetime, most: int) -> list[CoachingSession]:
    """What the person gives or takes and could still call off at `now`, the next one first: so many at most."""
    taken = Seat.select(Seat.coaching_session).where(Seat.student == person)
    given = (CoachingSession.coach == person) & (CoachingSession.ends_at > now)
    may = given | (CoachingSession.id.in_(taken) & (CoachingSession.starts_at > now))
    return list(CoachingSession.select().where(may, takes_time(now)).order_by(CoachingSession.starts_at).limit(most))


def unfinished_deletions() -> list[ErasedPerson]:
    """Accounts that were deleted and of which something is left to be done."""
    return list(ErasedPerson.select().where(ErasedPerson.finished_at.is_null()).order_by(ErasedPerson.id))


def find_erased(erased: ErasedPerson) -> Person | None:
    """The row that is left of the person; None where the number is nobody's, or somebody else's."""
    person: Person | None = Person.get_or_none(
        Person.id == erased.person_id, Person.created_at == erased.person_created_at
    )
    return person


def _mark(views: list[SessionView], stores: list[Store], obstacles: tuple[Obstacle, ...], now: datetime) -> str:
    """Changes with anything that the page says and that matters: another session, other money, another store."""
    sessions = sorted(
        (
            view.coaching_session.id,
            view.coaching_session.revision,
            terms_of(view.seat).back_at(now) if view.role == "student" else 0,
        )
        for view in views
    )
    return digest(repr((sessions, [store.id for store in stores], obstacles)))[:16]


def _last_admin(person: Person) -> list[Obstacle]:
    is_alone = person.is_admin and all(admin == person for admin in admins())
    return [Obstacle(Hindrance.LAST_ADMIN)] if is_alone else []


def _running(person: Person, now: datetime) -> list[Obstacle]:
    taken = Seat.select(Seat.coaching_session).where(Seat.student == person)
    is_theirs = (CoachingSession.coach == person) | CoachingSession.id.in_(taken)
    is_on = CoachingSession.state.in_(BOOKED_STATES), CoachingSession.starts_at <= now, CoachingSession.ends_at > now
    running = CoachingSession.select().where(is_theirs, *is_on).order_by(CoachingSession.starts_at)
    return [Obstacle(Hindrance.IN_A_CALL, session.code, session.title) for session in running]


def _owed_by_hand(coach: Person, now: datetime) -> list[Obstacle]:
    given = CoachingSession.coach == coach
    directly = Seat.select().join(CoachingSession).where(given, takes_time(now), CoachingSession.ends_at > now)
    directly = directly.where(Seat.payment == "outside", Seat.paid_at.is_null(False))
    sold = Seat.select(Seat.id).join(CoachingSession).where(given)
    return [Obstacle(Hindrance.OWES_BY_HAND)] if directly.exists() or _left_to_a_hand(sold) else []


def _left_to_a_hand(seats: Any) -> bool:
    """True where money of these seats goes back by the coach's own hand alone: from the start, or since it failed."""
    refunds = Refund.select(Refund, Payment).join(Payment).where(Payment.seat.in_(seats))
    return any(not is_settled_otherwise(refund) for refund in refunds.where(Refund.state.in_(("by_hand", "failed"))))


def _folders(person: Person, seats: Any) -> Any:
    """The entries that go: of folders of calls that the person took, and their own of those that they gave."""
    is_theirs = Folder.seat.in_(seats) | (FolderEntry.writer == person)
    return FolderEntry.select().join(Folder).where(is_theirs)


def _disputes(person: Person) -> Any:
    """The disputes over the person's calls, on either side, that no bank has decided yet."""
    is_theirs = (Seat.student == person) | (CoachingSession.coach == person)
    disputes = Dispute.select().join(Payment).join(Seat).join(CoachingSession)
    return disputes.where(is_theirs, Dispute.state.not_in(FINAL))
