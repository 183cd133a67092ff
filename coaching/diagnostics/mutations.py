"""Changes of what was found, and the messages about it."""

from collections.abc import Collection
from datetime import timedelta

from coaching.alerts.emails import of_what_comes
from coaching.alerts.mutations import owe_alert
from coaching.catalog.models import Guild, Store
from coaching.checks import Check, State
from coaching.db import database
from coaching.diagnostics.models import Diagnosis
from coaching.diagnostics.queries import owners_of
from coaching.now import Now


def record_diagnosis(
    subject: Store | Guild | None, checks: Collection[Check], now: Now, again_after: timedelta | None = None
) -> None:
    """What was found there, or without a subject at the whole site; it replaces what was found before."""
    columns = {"at": now.machine, "checks": checks, "next_at": again_after and now.machine + again_after}
    with database.atomic():
        if not Diagnosis.update(**columns).where(Diagnosis.is_about(subject)).execute():
            about = {"guild" if isinstance(subject, Guild) else "store": subject}
            # Whoever was quicker has found the same.
            Diagnosis.insert(**about, **columns).on_conflict_ignore().execute()


def claim_look_ahead(guild: Guild, now: Now, lasts: timedelta) -> bool:
    """True when it is ours to look ahead at the guild; nobody else does for so long."""
    with database.atomic():
        Diagnosis.insert(guild=guild, at=now.machine, checks=(), next_at=now.machine).on_conflict_ignore().execute()
        is_due = Diagnosis.is_about(guild) & (Diagnosis.next_at <= now.machine)
        return bool(Diagnosis.update(next_at=now.machine + lasts).where(is_due).execute())


def warn_coaches(guild: Guild, store_ids: Collection[int], checks: Collection[Check], now: Now) -> None:
    """Whoever has sessions there soon is told by mail what may go wrong, once a day."""
    troubles = [(check.sentence, check.remedy) for check in checks if check.state != State.OK]
    if not troubles:
        return
    with database.atomic():
        for store in owners_of(store_ids):
            email = of_what_comes(troubles, guild.name, store.slug)
            owe_alert(store.owner, f"forecast:{guild.discord_guild_id}", email, now.machine)
