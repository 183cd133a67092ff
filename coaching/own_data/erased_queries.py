"""Reads of which accounts were deleted."""

from coaching.db import rows
from coaching.own_data.erased import Erased
from coaching.own_data.models import ErasedPerson


def all_erased() -> list[Erased]:
    """Everybody who deleted their account, the first one first."""
    columns = ErasedPerson.select(ErasedPerson.erased_at, ErasedPerson.person_id, ErasedPerson.person_created_at)
    return [Erased(*row) for row in rows(columns.order_by(ErasedPerson.erased_at, ErasedPerson.id))]
