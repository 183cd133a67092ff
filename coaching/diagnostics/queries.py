"""Reads of what the doctor found."""

import json
from dataclasses import dataclass
from datetime import datetime

from coaching.catalog.models import Store
from coaching.checks import Check, from_plain
from coaching.diagnostics.models import Examination, TrialRoom


@dataclass(frozen=True)
class Found:
    """What the last look found, the worst first, and when that was by the machine's clock."""

    at: datetime
    checks: list[Check]


def last_examination(store: Store | None) -> Found | None:
    """What was found at a store's server, or without a store at the whole site; None before the first look."""
    is_meant = Examination.store == store if store else Examination.store.is_null()
    row = Examination.get_or_none(is_meant)
    return Found(row.at, from_plain(json.loads(row.checks))) if row else None


def trial_rooms_until(latest: datetime) -> list[TrialRoom]:
    """The rooms made on trial that were begun at `latest` or before, and may still stand."""
    return list(TrialRoom.select().where(TrialRoom.intended_at <= latest).order_by(TrialRoom.id).limit(20))
