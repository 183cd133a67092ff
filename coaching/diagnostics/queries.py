"""Reads of what the doctor found."""

import json
from dataclasses import dataclass
from datetime import datetime

from coaching.catalog.models import Store
from coaching.checks import Check, from_plain
from coaching.diagnostics.models import Diagnosis, ProbeRoom


@dataclass(frozen=True)
class Found:
    """What the last look found, the worst first, and when that was by the machine's clock."""

    at: datetime
    checks: list[Check]


def last_diagnosis(store: Store | None) -> Found | None:
    """What was found at a store's server, or without a store at the whole site; None before the first look."""
    is_meant = Diagnosis.store == store if store else Diagnosis.store.is_null()
    row = Diagnosis.get_or_none(is_meant)
    return Found(row.at, from_plain(json.loads(row.checks))) if row else None


def probes_until(latest: datetime) -> list[ProbeRoom]:
    """The rooms made on trial that were begun at `latest` or before, and may still stand."""
    return list(ProbeRoom.select().where(ProbeRoom.intended_at <= latest).order_by(ProbeRoom.id).limit(20))
