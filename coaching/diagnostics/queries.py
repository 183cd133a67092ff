"""Reads of what was last found, and of whom it concerns."""

from collections.abc import Collection
from datetime import datetime

from peewee import JOIN

from coaching.accounts.models import Person
from coaching.catalog.models import Guild, Store
from coaching.checks import Check, State
from coaching.diagnostics.models import Diagnosis


def last_diagnosis(store: Store | None) -> Diagnosis | None:
    """What was found at a store's server, or without a store at the whole site; None before the first look."""
    diagnosis: Diagnosis | None = Diagnosis.get_or_none(Diagnosis.is_about(store))
    return diagnosis


def guilds_to_look_at(machine_now: datetime, limit: int) -> list[Guild]:
    """The guilds with rooms of their own whose turn it is, those never looked at first."""
    is_due = Diagnosis.next_at.is_null() | (Diagnosis.next_at <= machine_now)
    in_use = Store.select(Store.guild).where(Store.guild_verified_at.is_null(False), Store.access_mode != "shared_role")
    query = Guild.select().join(Diagnosis, JOIN.LEFT_OUTER).where(is_due, Guild.id.in_(in_use))
    return list(query.order_by(Diagnosis.next_at.asc(nulls="FIRST"), Guild.id).limit(limit))


def troubles_ahead(stores: Collection[Store]) -> list[tuple[Store, Check]]:
    """What may go wrong on the stores' servers in the coming days, as was last found, once for each server."""
    usable = [store for store in stores if store.guild_id and store.guild_verified_at]
    of_guild: dict[int | None, Store] = {store.guild_id: store for store in reversed(usable)}
    rows = Diagnosis.select().where(Diagnosis.guild.in_(list(of_guild))).order_by(Diagnosis.id) if of_guild else ()
    return [(of_guild[row.guild_id], check) for row in rows for check in row.checks if check.state != State.OK]


def owners_of(store_ids: Collection[int]) -> list[Store]:
    """The stores with their owners."""
    return list(Store.select(Store, Person).join(Person).where(Store.id.in_(store_ids)).order_by(Store.id))
