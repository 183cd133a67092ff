"""Kinds of refusal: a new one is one entry in coaching/refusals.py, and everything that tells kinds apart follows."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from coaching import refusals
from coaching.alerts.emails import WORTH_AN_EMAIL, to_admin, to_coach
from coaching.checks import LOOK_AGAIN, State, refused
from coaching.refusals import OUTCOME_UNKNOWN, PERMANENT, WAITS, Again, FixedBy, Refusal

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_nobody_adds_a_kind_without_saying_what_it_means() -> None:
    source = Path(refusals.__file__).read_text()
    for entry in ('"maintenance"', '"maintenance", "Discord is being mended.", ""'):
        more = source.replace("    OTHER = (", f"    MAINTENANCE = {entry}\n    OTHER = (")
        with pytest.raises(ValueError, match="not enough values"):
            exec(compile(more, "refusals.py", "exec"), {"__name__": "more"})


def test_what_a_kind_says_is_said_of_each_other_too() -> None:
    """The sets that others ask are the entries' own words, and none of them is everything but something."""
    for kind in Refusal:
        assert kind.happened.endswith("."), kind
        assert (type(kind.fixed_by), type(kind.again)) == (FixedBy, Again), kind
        assert (kind in PERMANENT, kind in OUTCOME_UNKNOWN, kind in WAITS) == (
            kind.again is Again.IN_VAIN,
            kind.again is Again.AFTER_A_LOOK,
            kind.again is Again.RETRY_AFTER,
        )
    assert {kind for kind in Refusal if kind.again is Again.LATER} == {
        Refusal.CATEGORY_FULL,
        Refusal.JOINING_LIMITED,
        Refusal.NAME_REFUSED,
        Refusal.REFUSED_CONNECTION,
        Refusal.UNKNOWN_ROLE,
    }


@pytest.mark.parametrize("kind", Refusal)
def test_whoever_can_mend_a_kind_is_told_what_to_do(kind: Refusal) -> None:
    """KeyError, or a check that only waits, where a kind was added and its remedy forgotten."""
    check = refused("A check", kind)
    waits_only = check.remedy.startswith(LOOK_AGAIN)
    assert (check.state, waits_only) == (State.BAD, kind.fixed_by in (FixedBy.NOBODY, FixedBy.PERSON))
    assert bool(check.to_coaches) == (kind.fixed_by in (FixedBy.SITE, FixedBy.NOBODY, FixedBy.PERSON))
    if kind in WORTH_AN_EMAIL:
        assert kind.remedy
        assert kind.remedy in to_coach(kind, "nova", None, NOW, str).body
        assert kind.remedy in to_admin(kind, "1", None, NOW, str).body
