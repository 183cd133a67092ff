"""Telling those who have to act: a refusal is noted where it happens, and the mails about it are written later."""

import logging
from datetime import datetime, timedelta

from coaching.accounts.admin_queries import admins
from coaching.accounts.models import Person
from coaching.alerts.emails import (
    EVERY_GUILD,
    WORTH_AN_EMAIL,
    AlertEmail,
    day_key,
    notice_key,
    of_the_site,
    to_admin,
    to_coach,
)
from coaching.alerts.models import Alert
from coaching.alerts.queries import audience_of, waiting_alerts, was_notified
from coaching.checks import Check, State
from coaching.db import database
from coaching.notices.kinds import MessageKind
from coaching.notices.mutations import owe
from coaching.now import Now
from coaching.refusals import FOR_THE_SITE, Refusal

logger = logging.getLogger(__name__)

LONGEST_LACKING = 250
# A mail that could not be sent for so long speaks of yesterday.
WORTH_SENDING = timedelta(days=1)


def note_refusal(session_id: int | None, guild_id: str, kind: Refusal, now: Now, lacking: str = "") -> None:
    """Whoever has to act on this refusal will be told by mail, and which rights are lacking where that is known.

    Nothing comes of it where nobody has to act, or they were told today.
    """
    if kind not in WORTH_AN_EMAIL or was_notified(session_id, guild_id, kind, now.machine):
        return
    with database.atomic():
        same = (Alert.discord_guild_id == guild_id) & (Alert.kind == kind)
        about = Alert.coaching_session.is_null() if session_id is None else Alert.coaching_session == session_id
        if not Alert.select().where(same, about).exists():
            said = lacking[:LONGEST_LACKING]
            Alert.create(
                discord_guild_id=guild_id, kind=kind, coaching_session=session_id, noticed_at=now.product, lacking=said
            )


def write_alerts(site_url: str, now: datetime) -> None:
    """The mails about the refusals noted so far wait in the outbox: for each guild, kind and day one to a person.

    One that cannot be written stays noted, and keeps no other from being written.
    """
    for alert in waiting_alerts():
        try:
            with database.atomic():
                # Of two workers one finds the row.
                if Alert.delete().where(Alert.id == alert.id).execute():
                    _write(alert, site_url, now)
        except Exception:
            logger.exception("alert not written", extra={"alert": alert.id})


def owe_alert(person: Person, key: str, email: AlertEmail, now: datetime) -> None:
    """The email waits to be sent, once to this person under this key, by the channel that leads to them."""
    owe(
        MessageKind.ALERT,
        notice_key(key, person.id),
        person.id,
        now,
        subject=email.subject,
        body=email.body,
        ends_at=now + WORTH_SENDING,
    )


def _write(alert: Alert, site_url: str, now: datetime) -> None:
    kind, audience = Refusal(alert.kind), audience_of(alert)
    about, at = audience.about, alert.noticed_at
    notified = []
    for admin in admins() if kind in FOR_THE_SITE else ():
        zone = admin.zone or "UTC"
        twelve = bool(admin.has_twelve_hours)
        email = to_admin(kind, alert.discord_guild_id, about, at, zone, site_url, has_twelve_hours=twelve)
        # Once a day, not for each guild: they have one bot.
        owe_alert(admin, day_key(kind, EVERY_GUILD, now), email, now)
        notified.append(admin)
    for coach, store in audience.coaches:
        if coach not in notified:
            zone = coach.zone or store.zone
            twelve = bool(coach.has_twelve_hours)
            email = to_coach(kind, store.slug, about, at, zone, site_url, alert.lacking, has_twelve_hours=twelve)
            owe_alert(coach, day_key(kind, alert.discord_guild_id, now), email, now)


def warn_admins(check: Check, site_url: str, now: datetime) -> None:
    """Those who run the site are told by mail what is wrong with it, once a day; nothing where all is well."""
    if check.state == State.OK:
        return
    with database.atomic():
        for admin in admins():
            key = f"site:{check.name}:{now:%Y-%m-%d}"
            owe_alert(admin, key, of_the_site(check.sentence, site_url), now)
