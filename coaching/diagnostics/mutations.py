"""Changes of what was found, and the messages about it."""

from collections.abc import Collection
from datetime import datetime

from coaching.alerts.emails import of_what_comes
from coaching.alerts.mutations import owe_alert
from coaching.catalog.models import Guild, Store
from coaching.checks import Check, State
from coaching.db import database
from coaching.diagnostics.models import Diagnosis
from coaching.diagnostics.queries import owners_of


def record_diagnosis(
    subject: Store | Guild | None, checks: Collection[Check], machine_now: datetime, next_at: datetime | None = None
) -> None:
    """What was found there, or without a subject at the whole site; it replaces what was found before."""
    found = {"at": machine_now, "checks": checks, "next_at": next_at}
    with database.atomic():
        if Diagnosis.update(**found).where(Diagnosis.is_about(subject)).execute():
            return
        about = {"guild" if isinstance(subject, Guild) else "store": subject}
        # Whoever was quicker has found the same.
        Diagnosis.insert(**about, **found).on_conflict_ignore().execute()


def claim_look_ahead(guild: Guild, machine_now: datetime, until: datetime) -> bool:
    """True when it is ours to look ahead at the guild; nobody else does before `until`."""
    with database.atomic():
        Diagnosis.insert(guild=guild, at=machine_now, checks=(), next_at=machine_now).on_conflict_ignore().execute()
        is_due = Diagnosis.is_about(guild) & (Diagnosis.next_at <= machine_now)
        return bool(Diagnosis.update(next_at=until).where(is_due).execute())


def warn_coaches(guild: Guild, store_ids: Collection[int], checks: Collection[Check], machine_now: datetime) -> None:
    """Whoever has sessions there soon is told by mail what may go wrong, once a day."""
    troubles = [(check.sentence, check.remedy) for check in checks if check.state != State.OK]
    if not troubles:
        return
    with database.atomic():
        for store in owners_of(store_ids):
            email = of_what_comes(troubles, guild.name, store.slug)
            owe_alert(store.owner, f"forecast:{guild.discord_guild_id}", email, machine_now)
