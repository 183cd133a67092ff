"""Reads of what the doctor found."""

import json
from dataclasses import dataclass
from datetime import datetime

from coaching.catalog.models import Store
from coaching.checks import Check, from_plain
from coaching.diagnostics.models import Diagnosis


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
