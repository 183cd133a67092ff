"""Changes of what the doctor found."""

import json
from collections.abc import Iterable
from datetime import datetime

from coaching.catalog.models import Store
from coaching.checks import Check, as_plain
from coaching.db import database
from coaching.diagnostics.models import Diagnosis


def record_diagnosis(store: Store | None, checks: Iterable[Check], machine_now: datetime) -> None:
    """What was found at a store's server, or without a store at the whole site; it replaces what was found before."""
    with database.atomic():
        # Found by hand: to a unique index two rows without a store are not the same.
        Diagnosis.delete().where(Diagnosis.store == store if store else Diagnosis.store.is_null()).execute()
        Diagnosis.create(store=store, at=machine_now, checks=json.dumps(as_plain(checks)))
