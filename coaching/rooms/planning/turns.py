"""In which order rooms get their steps, and how many before everything is looked at anew. Pure."""

import math
from collections import Counter
from datetime import datetime, timedelta

from coaching.rooms.planning.case import EVER, RoomCase, StepKind
from coaching.rooms.planning.steps import Step

# Steps come in slices: a room that is looked into before it closes has to be closed while that look is fresh. Upkeep
# ends earlier, when the clock makes something due or a newer run begins.
SLICE = 300
# So many calls Discord allows in a second.
CALLS_PER_SECOND = 50
# When so few steps of a slice are left, the next slice is planned, so that no thread ever stands idle.
FEW = 20
MESSAGES = frozenset({StepKind.GREET, StepKind.WARN})


def reserve(planning: timedelta) -> int:
    """With how many steps left the next slice is planned, when the last one took so long to plan."""
    # Twice as many as are made meanwhile: planning takes longer while calls are made.
    return min(max(2 * math.ceil(planning.total_seconds() * CALLS_PER_SECOND), FEW), SLICE // 2)


def in_turn(steps: list[tuple[RoomCase, Step]]) -> list[tuple[RoomCase, Step]]:
    """So ordered that a guild with many rooms keeps none with few waiting; in slices, upkeep the oldest first."""
    turns: Counter[str] = Counter()
    ranked = []
    for case, step in sorted(steps, key=_urgency):
        turns[case.home_guild_id] += 1
        ranked.append((step.is_upkeep, turns[case.home_guild_id], case, step))
    ordered = [(case, step) for _, _, case, step in sorted(ranked, key=lambda rank: rank[:2])]
    changes = sum(not step.is_upkeep for _, step in ordered)
    # While many rooms change, the others can do without being looked at.
    return ordered[: SLICE if changes <= FEW else min(changes, SLICE)]


def _urgency(pair: tuple[RoomCase, Step]) -> tuple[bool, bool, datetime]:
    case, step = pair
    since = step.last_done_at or EVER
    # A room that nobody was greeted in comes before a second look at one that is looked after.
    return step.is_upkeep, step.kind not in MESSAGES, since if step.is_upkeep else case.starts_at
