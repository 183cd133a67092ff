"""The names under which steps and late rooms are tallied, for the side that counts and the side that tells. Pure."""

from datetime import timedelta

# Labels: "<step> <outcome>"; "<state> <bucket>"; "<state>", in milliseconds.
STEPS, LATE, LATE_SUM = "steps", "late", "late_sum"
# How many seconds late at most; each room is counted in the first bucket it fits in.
BOUNDS = (1, 2, 5, 10, 30, 60, 300, 1800)
LATER = "+Inf"
BUCKETS = (*map(str, BOUNDS), LATER)


def bucket_of(late: timedelta) -> str:
    """The bucket in which a room that is so late is counted."""
    return next((str(seconds) for seconds in BOUNDS if late <= timedelta(seconds=seconds)), LATER)
