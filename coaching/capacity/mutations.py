"""Changes of what was found looking ahead, and the mails about it and about the site itself."""

import json
from collections.abc import Collection, Iterable
from datetime import datetime

from peewee import IntegrityError

from coaching.alerts.emails import of_what_comes
from coaching.alerts.mutations import owe_alert
from coaching.capacity.models import Forecast
from coaching.capacity.queries import owners_of
from coaching.catalog.models import Guild
from coaching.checks import Check, State, as_plain
from coaching.db import database


def claim_forecast(guild: Guild, machine_now: datetime, until: datetime) -> bool:
    """True when it is ours to look ahead at the guild; nobody else does before `until`."""
    is_due = (Forecast.guild == guild) & (Forecast.next_at <= machine_now)
    with database.atomic():
        if Forecast.update(next_at=until).where(is_due).execute():
            return True
    try:
        with database.atomic():
            Forecast.create(guild=guild, next_at=until)
    except IntegrityError:
        return False
    return True


def record_forecast(guild: Guild, checks: Iterable[Check], machine_now: datetime, next_at: datetime) -> None:
    """What was found looking ahead at the guild; it replaces what was found before."""
    values = {"at": machine_now, "checks": json.dumps(as_plain(checks)), "next_at": next_at}
    with database.atomic():
        # Somebody may look by hand at a guild whose turn has not come yet.
        Forecast.insert(guild=guild, **values).on_conflict(conflict_target=[Forecast.guild], update=values).execute()


def warn_coaches(guild: Guild, store_ids: Collection[int], checks: Collection[Check], machine_now: datetime) -> None:
    """Whoever has sessions there soon is told by mail what may go wrong, once a day."""
    troubles = [(check.sentence, check.remedy) for check in checks if check.state != State.OK]
    if not troubles:
        return
    with database.atomic():
        for store in owners_of(store_ids):
            email = of_what_comes(troubles, guild.name, store.slug)
            owe_alert(store.owner, f"forecast:{guild.discord_guild_id}", email, machine_now)
