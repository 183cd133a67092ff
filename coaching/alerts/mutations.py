"""Telling those who have to act: a message is owed where the trouble is met, once a day to each about one thing."""

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial

from coaching.accounts.admin_queries import admins
from coaching.accounts.emails import Email
from coaching.accounts.models import Person
from coaching.alerts.emails import WORTH_AN_EMAIL, Clock, of_the_site, to_admin, to_coach, when
from coaching.booking.models import CoachingSession
from coaching.catalog.models import Guild, Product, Store
from coaching.checks import Check, State
from coaching.db import UNAVAILABLE, database
from coaching.notices.kinds import MessageKind
from coaching.notices.mutations import owe
from coaching.now import Now
from coaching.refusals import FOR_THE_SITE, Refusal
from coaching.remedies import with_times

logger = logging.getLogger(__name__)

EVERY_GUILD = "*"
# A mail that could not be sent for so long speaks of yesterday.
WORTH_SENDING = timedelta(days=1)


def owe_refusal(session_id: int | None, guild_id: str, kind: Refusal, now: Now, lacking: str = "") -> None:
    """Whoever has to act on this refusal is owed a message, with the rights that are lacking where that is known.

    The step was recorded before: one that cannot be written is only logged, and the next refusal tries again.
    """
    if kind not in WORTH_AN_EMAIL:
        return
    try:
        emails = list(_emails(session_id, guild_id, kind, now.product, lacking))
        with database.atomic():
            for person, guild, email in emails:
                owe_alert(person, f"alert:{kind}:{guild}", email, now.machine)
    except UNAVAILABLE:
        raise
    except Exception:
        logger.exception("alert not written", extra={"refusal": kind, "guild": guild_id})


def warn_admins(checks: Iterable[Check], now: datetime) -> None:
    """Those who run the site are told of each that is bad, once a day. What is doubtful may come right by itself."""
    for check in checks:
        if check.state == State.BAD:
            with database.atomic():
                for admin in admins():
                    sentence = with_times(check.sentence, clock_of(admin))
                    owe_alert(admin, f"site:{check.name}", of_the_site(sentence), now)


def owe_alert(person: Person, about: str, email: Email, now: datetime) -> None:
    """The message waits to be sent, once a day to this person about this, by the channel that leads to them."""
    owe(
        MessageKind(email.kind),
        f"{about}:{now:%Y-%m-%d}:{person.id}",
        person.id,
        now,
        subject=email.subject,
        body=email.body,
        ends_at=now + WORTH_SENDING,
    )


def clock_of(person: Person, zone: str = "UTC") -> Clock:
    """How the person's clock shows an instant; in `zone` where they have none of their own."""
    return partial(when, zone=person.zone or zone, has_twelve_hours=bool(person.has_twelve_hours))


def _emails(
    session_id: int | None, guild_id: str, kind: Refusal, now: datetime, lacking: str
) -> Iterator[tuple[Person, str, Email]]:
    """To whom it is written about which guild, and what."""
    about = None if session_id is None else _session(session_id)
    for_the_site = admins() if kind in FOR_THE_SITE else []
    for admin in for_the_site:
        # Once a day, not for each guild: they have one bot.
        yield admin, EVERY_GUILD, to_admin(kind, guild_id, about, now, clock_of(admin))
    stores = [about.product.store] if about else _stores_in(guild_id)
    for store in stores:
        coach = about.coach if about else store.owner
        if coach not in for_the_site:
            yield coach, guild_id, to_coach(kind, store.slug, about, now, clock_of(coach, store.zone), lacking)


def _session(session_id: int) -> CoachingSession:
    """The session with its coach and store."""
    query = (
        CoachingSession.select(CoachingSession, Person, Product, Store)
        .join(Person, on=(CoachingSession.coach == Person.id))
        .switch(CoachingSession)
        .join(Product)
        .join(Store)
    )
    coaching_session: CoachingSession = query.where(CoachingSession.id == session_id).get()
    return coaching_session


def _stores_in(guild_id: str) -> list[Store]:
    """The stores of every coach who has rooms made in the guild."""
    query = Store.select(Store, Person).join(Person).switch(Store).join(Guild)
    is_theirs = (Guild.discord_guild_id == guild_id) & Store.guild_verified_at.is_null(False)
    return list(query.where(is_theirs).order_by(Store.id))
