"""What is sealed in the tables, brought to the newest key. It stands on every table, as schema.py does. Mutation."""

from collections import Counter
from collections.abc import Iterator
from typing import cast

from peewee import Expression, Function, fn

from coaching.db import EncryptedTextField, database, rows
from coaching.schema import MODELS
from coaching.vault import MARK, Sealed, Standing, seal, standing_of, unseal

# Rows looked at in one transaction: others wait for a write no longer than for a booking.
BATCH = 100
SAMPLE = 100

FIELDS: list[EncryptedTextField] = [
    field for model in MODELS for field in model._meta.sorted_fields if isinstance(field, EncryptedTextField)
]


def seal_open() -> int:
    """Nothing that ought to be sealed lies open; how many texts did, from before there was a vault."""
    return sum(_reseal_all(field, ~_as_stored(field).startswith(MARK)).total() for field in FIELDS)


def reseal_all() -> Counter[Standing]:
    """Whatever can be read is sealed with the newest key; how many texts had which standing before.

    Each batch is a transaction of its own: broken off and begun again, it goes on where something is left to do.
    """
    return sum((_reseal_all(field) for field in FIELDS), start=Counter())


def standings() -> dict[str, Counter[Standing]]:
    """How many texts of each column the newest key opens, an older one, everybody, nobody."""
    return {name_of(field): _standings(field) for field in FIELDS}


def sample() -> Counter[Standing]:
    """The same of the oldest and the newest texts of all columns together, at most `SAMPLE` each: quick on any site."""
    counts: Counter[Standing] = Counter()
    for field in FIELDS:
        number = field.model.id
        query = field.model.select(number, _as_stored(field)).where(field.is_null(False), field != "")
        looked_at = {
            row[0]: row[1] for order in (number, number.desc()) for row in rows(query.order_by(order).limit(SAMPLE))
        }
        counts.update(standing_of(stored) for stored in looked_at.values())
    return counts


def name_of(field: EncryptedTextField) -> str:
    """Where a text lies: `seat.phone`."""
    return f"{field.model._meta.table_name}.{field.column_name}"


def _standings(field: EncryptedTextField) -> Counter[Standing]:
    return Counter(standing_of(stored) for batch in _batches(field) for _, stored in batch)


def _reseal_all(field: EncryptedTextField, which: Expression | None = None) -> Counter[Standing]:
    before: Counter[Standing] = Counter()
    for batch in _batches(field, which):
        with database.atomic():
            before.update([_reseal(field, number, stored) for number, stored in batch])
    return before


def _reseal(field: EncryptedTextField, number: int, stored: str) -> Standing:
    standing = standing_of(stored)
    if standing in ("older", "open"):
        # Only what still stands there: somebody may have written the row meanwhile, and that was sealed anew.
        is_unchanged = (field.model.id == number) & (field == Sealed(stored))
        field.model.update({field: seal(unseal(stored))}).where(is_unchanged).execute()
    return standing


def _batches(field: EncryptedTextField, which: Expression | None = None) -> Iterator[list[tuple[int, str]]]:
    """Row by row what is stored, as it is stored; rows without a text are left out."""
    number, last = field.model.id, 0
    query = field.model.select(number, _as_stored(field)).where(field.is_null(False), field != "")
    query = (query.where(which) if which else query).order_by(number).limit(BATCH)
    while batch := cast(list[tuple[int, str]], list(rows(query.where(number > last)))):
        yield batch
        last = batch[-1][0]


def _as_stored(field: EncryptedTextField) -> Function:
    return fn.COALESCE(field, "").coerce(False)
