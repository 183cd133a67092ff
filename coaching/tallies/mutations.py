"""Changes of tallies."""

from collections.abc import Mapping

from coaching.db import database
from coaching.reading import Change, given
from coaching.tallies.models import Tally

# Several for each call to Discord.
_COUNT = Change(
    lambda: Tally.insert(name=given("name"), label=given("label"), total=given("by")).on_conflict(
        conflict_target=[Tally.name, Tally.label], update={Tally.total: Tally.total + given("by")}
    )
)


def count(name: str, label: str, by: int = 1) -> None:
    """The tally of `name` and `label` is higher by so many, whoever else counts at the same time.

    Inside another transaction it counts only if that one is kept. Whoever counts several things in one transaction
    counts them in the same order everywhere: on PostgreSQL two orders could wait for each other.
    """
    with database.atomic():
        _COUNT.run(name=name, label=label, by=by)


def count_all(counts: Mapping[tuple[str, str], int]) -> None:
    """Raise many tallies at once, each by its number, in one transaction and in the same order everywhere."""
    with database.atomic():
        for (name, label), by in sorted(counts.items()):
            count(name, label, by)
