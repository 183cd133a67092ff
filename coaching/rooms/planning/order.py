"""In which order rooms get their steps. Pure."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from coaching.rooms.planning.case import EVER, RoomCase, StepKind
from coaching.rooms.planning.steps import Step

MANY = 20
MESSAGES = frozenset({StepKind.GREET, StepKind.WARN})


def in_order(steps: Iterable[tuple[RoomCase, Step]]) -> list[tuple[RoomCase, Step]]:
    """Changes before upkeep, and guilds in turn: one with many rooms keeps none with few waiting."""
    rounds: Counter[str] = Counter()
    ranked = []
    for case, step in sorted(steps, key=_urgency):
        rounds[case.home_guild_id] += 1
        ranked.append((step.is_upkeep, rounds[case.home_guild_id], case, step))
    ordered = [(case, step) for _, _, case, step in sorted(ranked, key=lambda rank: rank[:2])]
    changes = sum(not step.is_upkeep for _, step in ordered)
    # While many rooms change, the others can do without being looked at.
    return ordered[:changes] if changes > MANY else ordered


def _urgency(pair: tuple[RoomCase, Step]) -> tuple[bool, bool, datetime]:
    case, step = pair
    since = step.last_done_at or EVER
    # A room that nobody was greeted in comes before a second look at one that is looked after.
    return step.is_upkeep, step.kind not in MESSAGES, since if step.is_upkeep else case.starts_at
