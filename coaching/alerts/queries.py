"""Reads for the mails about refusals: which wait to be written, and who has to hear."""

from dataclasses import dataclass
from datetime import datetime

from coaching.accounts.models import Person
from coaching.alerts.emails import AboutSession, day_key, notice_key
from coaching.alerts.models import Alert
from coaching.booking.models import CoachingSession
from coaching.catalog.models import Guild, Product, Store
from coaching.notices.models import Notice
from coaching.refusals import Refusal

MOST_AT_ONCE = 100


@dataclass(frozen=True)
class Audience:
    """The coaches a refusal concerns, each with the store where it is mended, and the session it is about."""

    coaches: tuple[tuple[Person, Store], ...]
    about: AboutSession | None = None


def waiting_alerts() -> list[Alert]:
    """The refusals about which nothing was written yet, the oldest first."""
    return list(Alert.select().order_by(Alert.id).limit(MOST_AT_ONCE))


def was_notified(session_id: int | None, guild_id: str, kind: Refusal, now: datetime) -> bool:
    """True when the session's coach has had a mail about such a refusal today."""
    coaching_session = CoachingSession.get_or_none(CoachingSession.id == session_id)
    if coaching_session is None:
        return False
    key = notice_key(day_key(kind, guild_id, now), coaching_session.coach_id)
    return bool(Notice.select().where(Notice.key == key).exists())


def audience_of(alert: Alert) -> Audience:
    """The session's coach; without a session every coach who has rooms made in the guild."""
    if alert.coaching_session_id is None:
        return Audience(tuple((store.owner, store) for store in _stores_in(alert.discord_guild_id)))
    coaching_session = _session(alert.coaching_session_id)
    about = AboutSession(coaching_session.code, coaching_session.title, coaching_session.starts_at)
    return Audience(((coaching_session.coach, coaching_session.product.store),), about)


def _stores_in(guild_id: str) -> list[Store]:
    query = Store.select(Store, Person).join(Person).switch(Store).join(Guild)
    is_theirs = (Guild.discord_guild_id == guild_id) & Store.guild_verified_at.is_null(False)
    return list(query.where(is_theirs).order_by(Store.id))


def _session(session_id: int) -> CoachingSession:
    query = (
        CoachingSession.select(CoachingSession, Person, Product, Store)
        .join(Person, on=(CoachingSession.coach == Person.id))
        .switch(CoachingSession)
        .join(Product)
        .join(Store)
    )
    found: CoachingSession = query.where(CoachingSession.id == session_id).get()
    return found
