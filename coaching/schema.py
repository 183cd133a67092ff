"""Every model in creation order, and the way from a database as it is to these models. Foundation."""

from pathlib import Path

from playhouse.migrations import Runner
from playhouse.schema_diff import diff_models

from coaching.accounts import models as accounts
from coaching.booking import guard
from coaching.booking import models as booking
from coaching.calendars import models as calendars
from coaching.call_budget import models as budget_models
from coaching.catalog import models as catalog
from coaching.coaches import models as coaches
from coaching.db import database
from coaching.diagnostics import models as diagnostics
from coaching.directory import models as directory
from coaching.figures import models as figures
from coaching.folders import models as folders
from coaching.hours import models as hours
from coaching.messages import models as messages
from coaching.notices import models as notices
from coaching.own_data import export_models as exports
from coaching.own_data import models as own_data
from coaching.payments import models as payments
from coaching.people import models as people
from coaching.pricing import models as pricing
from coaching.rate_limits import models as rate_limits
from coaching.reviews import models as reviews
from coaching.rooms import models as rooms
from coaching.runtime import models as runtime
from coaching.students import models as students
from coaching.tallies import models as tallies

MIGRATIONS = Path(__file__).parent.parent / "migrations"

MODELS = [
    *tallies.MODELS,
    *rate_limits.MODELS,
    *notices.MODELS,
    *accounts.MODELS,
    *hours.MODELS,
    *calendars.MODELS,
    *catalog.MODELS,
    *coaches.MODELS,
    *pricing.MODELS,
    *booking.MODELS,
    *folders.MODELS,
    *people.MODELS,
    *payments.MODELS,
    *reviews.MODELS,
    *students.MODELS,
    *directory.MODELS,
    *messages.MODELS,
    *rooms.MODELS,
    *figures.MODELS,
    *budget_models.MODELS,
    *runtime.MODELS,
    *diagnostics.MODELS,
    *exports.MODELS,
    *own_data.MODELS,
]


def migrate() -> list[str]:
    """Apply every migration that is missing and put the overlap guards back; their names come back."""
    applied = Runner(database.obj, str(MIGRATIONS)).up()
    # Rebuilding a SQLite table drops its triggers silently.
    guard.install(database.obj)
    return [str(name) for name in applied]


def applied() -> list[str]:
    """Names of migrations that the database has."""
    return [row.name for row in Runner(database.obj, str(MIGRATIONS)).status() if row.applied]


def pending() -> list[str]:
    """Names of migrations that the code knows and the database lacks."""
    return [row.name for row in Runner(database.obj, str(MIGRATIONS)).status() if not row.applied]


def unknown_migrations() -> list[str]:
    """Names of migrations that the database has and the code does not know: it is newer than the code."""
    return [row.name for row in Runner(database.obj, str(MIGRATIONS)).status() if row.path is None]


def differences() -> list[str]:
    """What the database has otherwise than the models say, overlap guards included; empty when all is well."""
    schema_diff = diff_models(database.obj, MODELS)
    # PostgreSQL keeps an exclusion constraint as an index that no model names.
    beside_the_guards = [index for index in schema_diff.drop_indexes if index.name not in guard.NAMES]
    lines = str(schema_diff._replace(drop_indexes=beside_the_guards)).splitlines()
    return lines if guard.is_installed(database.obj) else [*lines, "the overlap guards are missing"]
