"""When a call to Discord may go: one rate limiter for all, and buckets by method, route and guild or channel. Pure.

Everything is in the machine's time. A call reserves a time in the queue (`permit_for`) and goes then or later;
what was answered (`learned`, `limiter_after`) changes the times of those that follow.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from coaching.call_permits import CallAnswer, CallPermit, Rank

# The tally of calls; its labels are "<method> <route> <status>".
CALLS = "discord_calls"
# 47 a second of the 50 that Discord allows: calls are never early, but a few may be late and meet the ones behind them.
INTERVAL = timedelta(seconds=1) / 47
# Whoever would wait for longer is told to come back, rather than holding a thread.
LONGEST_QUEUE = timedelta(seconds=2)
# Looking after rooms gives way to opening them: a look joins a queue of a few calls only, and asks again otherwise.
# What concerns no room joins none that has more than one call.
LONGEST_QUEUE_FOR = {Rank.CHANGE: LONGEST_QUEUE, Rank.LOOK: 8 * INTERVAL, Rank.LAST: INTERVAL}
ASK_AGAIN = timedelta(milliseconds=50)
LONGEST_ASIDE = timedelta(seconds=30)
# 10,000 refusals in ten minutes have Discord block the machine for everything, for up to a day.
REFUSALS_WINDOW = timedelta(minutes=10)
REFUSALS_ONLY_CHANGES = 1_000
REFUSALS_STOP = 2_000
# Opening rooms waits for these looks: who the bot is, and whether a channel or role of unknown outcome was made.
NEEDED_LOOKS = frozenset({"/users/@me", "/guilds/{id}/channels", "/guilds/{id}"})
FIRST_SLOWDOWN = timedelta(seconds=0.5)
LONGEST_SLOWDOWN = timedelta(minutes=1)
FORGIVEN_AFTER = timedelta(minutes=1)
NEAR_EMPTY = 10
SAME_INSTANT = timedelta(milliseconds=250)


@dataclass(frozen=True)
class Limiter:
    """The rate limiter of all calls together."""

    next_at: datetime | None = None
    held_until: datetime | None = None
    refused: int = 0
    refused_since: datetime | None = None


@dataclass(frozen=True)
class Bucket:
    """What is known of one method, route and guild or channel.

    `remaining` has the calls that are under way already taken off.
    """

    most: int | None = None
    remaining: int | None = None
    period: timedelta | None = None
    began_at: datetime | None = None
    resets_at: datetime | None = None
    held_until: datetime | None = None
    consecutive_429s: int = 0


def route_of(path: str) -> tuple[str, str]:
    """The path as a route, without the ids, and the id of the guild or channel by which Discord keeps it apart."""
    path = path.partition("?")[0]
    ids = re.findall(r"(?<=/)\d+", path)
    return re.sub(r"(?<=/)\d+", "{id}", path), ids[0] if ids else ""


def rank_of(method: str, route: str) -> Rank:
    """LOOK for a call that changes nothing, and so can wait for those that do, unless rooms wait for its answer."""
    return Rank.LOOK if method == "GET" and route not in NEEDED_LOOKS else Rank.CHANGE


def permit_for(limiter: Limiter, bucket: Bucket | None, rank: Rank, now: datetime) -> CallPermit:
    """The permit for a call that is asked for at `now`: a time in the queue, or when to ask again."""
    if all_held := stopped_until(limiter, now):
        return CallPermit(all_held, is_reserved=False, is_for_all=True)
    if rank is not Rank.CHANGE and refusals(limiter, now) >= REFUSALS_ONLY_CHANGES:
        return CallPermit(now + LONGEST_ASIDE, is_reserved=False)
    at = now + queue(limiter, now)
    if held := _latest_after(at, *_holds(bucket)):
        return CallPermit(held, is_reserved=False)
    longest = LONGEST_QUEUE_FOR[rank]
    if at - now > longest:
        return CallPermit(max(at - longest, now + ASK_AGAIN), is_reserved=False)
    return CallPermit(at, is_reserved=True, is_counted=bucket is not None)


def queue(limiter: Limiter, now: datetime) -> timedelta:
    """How long the calls that have a time reserved already need."""
    length = max(limiter.next_at - now, timedelta(0)) if limiter.next_at else timedelta(0)
    # No time so far ahead is ever reserved: the machine's clock was put back.
    return length if length <= LONGEST_QUEUE + INTERVAL else timedelta(0)


def stopped_until(limiter: Limiter, now: datetime) -> datetime | None:
    """Until when no call at all may go: Discord said so, or it has refused too many."""
    too_many = limiter.refused_since if refusals(limiter, now) >= REFUSALS_STOP else None
    return _latest_after(now, limiter.held_until, too_many and too_many + REFUSALS_WINDOW)


def refusals(limiter: Limiter, now: datetime) -> int:
    """How many calls were refused in the window that runs now."""
    since = limiter.refused_since
    return limiter.refused if since and since <= now < since + REFUSALS_WINDOW else 0


def limiter_with(limiter: Limiter, at: datetime) -> Limiter:
    """The limiter with one more call at that time."""
    return replace(limiter, next_at=at + INTERVAL)


def bucket_with(bucket: Bucket, at: datetime) -> Bucket:
    """The bucket with one more call at that time, which opens a new window where the last one is over."""
    if bucket.most is None or bucket.remaining is None or bucket.period is None or bucket.resets_at is None:
        return bucket
    if at < bucket.resets_at:
        return replace(bucket, remaining=max(bucket.remaining - 1, 0))
    # A guess until the answer is there, so that not all who have waited go at once.
    return replace(bucket, remaining=max(bucket.most - 1, 0), began_at=at, resets_at=at + bucket.period)


def limiter_after(limiter: Limiter, answer: CallAnswer, now: datetime) -> Limiter:
    """The limiter once this was answered at `now`."""
    if answer.is_global and answer.refused_for:
        limiter = replace(limiter, held_until=max(now + answer.refused_for, limiter.held_until or now))
    if answer.status in (401, 403) or (answer.status == 429 and not answer.is_shared):
        refused = refusals(limiter, now)
        limiter = replace(limiter, refused=refused + 1, refused_since=limiter.refused_since if refused else now)
    return limiter


def learned(
    bucket: Bucket | None, answer: CallAnswer, sent_at: datetime, now: datetime, is_counted: bool = False
) -> Bucket | None:
    """The bucket once this was answered to a call of `sent_at`; None when there is nothing worth keeping."""
    if answer.refused_for and not answer.is_global:
        # With calls left, the refusal is of a limit the headers do not speak of: only its wait counts.
        bucket_now = _by_headers(bucket, answer, sent_at, now, is_counted) if answer.remaining == 0 else None
        return _after_429(bucket_now or bucket or Bucket(), answer.refused_for, sent_at, now)
    return _by_headers(bucket, answer, sent_at, now, is_counted)


def _by_headers(
    bucket: Bucket | None, answer: CallAnswer, sent_at: datetime, now: datetime, is_counted: bool
) -> Bucket | None:
    """The bucket as the headers tell it."""
    most, remaining, reset_after = answer.most, answer.remaining, answer.reset_after
    if most is None or remaining is None or reset_after is None:
        return None
    if bucket is None and remaining > max(min(most // 2, NEAR_EMPTY), 1):
        return None
    known = bucket or Bucket()
    if known.began_at and sent_at < known.began_at:
        return None  # told of a window that is over
    resets_at = now + reset_after
    if known.resets_at and sent_at < known.resets_at and known.remaining is not None:
        # The answer knows nothing of the calls behind it, but those have been taken off here, or are when they end.
        remaining = min(remaining, known.remaining if is_counted else max(known.remaining - 1, 0))
        is_news = remaining != known.remaining or most != known.most
        # Too late is harmless. A little too early is not: then a call is counted in the window that is used up.
        if not is_news and known.resets_at - SAME_INSTANT < resets_at <= known.resets_at:
            return None
    is_fresh = answer.remaining == most - 1
    period = reset_after if is_fresh or known.period is None else max(known.period, reset_after)
    return replace(
        known,
        most=most,
        remaining=remaining,
        period=period,
        began_at=known.began_at if known.resets_at and sent_at < known.resets_at else sent_at,
        resets_at=resets_at,
    )


def _after_429(bucket: Bucket, refused_for: timedelta, sent_at: datetime, now: datetime) -> Bucket:
    """The bucket after a 429, held for longer with each one that comes although the last wait was kept."""
    last = bucket.held_until
    if last is None or sent_at >= last + FORGIVEN_AFTER:
        count = 1
    elif sent_at >= last:
        count = bucket.consecutive_429s + 1
    else:
        count = bucket.consecutive_429s  # it went before anybody knew of the wait
    slowdown = min(FIRST_SLOWDOWN * 2 ** min(count - 2, 10), LONGEST_SLOWDOWN) if count > 1 else timedelta(0)
    return replace(bucket, held_until=max(now + refused_for + slowdown, last or now), consecutive_429s=count)


def _holds(bucket: Bucket | None) -> tuple[datetime | None, ...]:
    """Until when a call of this bucket has to wait."""
    if bucket is None:
        return ()
    is_empty = bucket.remaining is not None and bucket.remaining <= 0
    return bucket.held_until, bucket.resets_at if is_empty else None


def _latest_after(now: datetime, *instants: datetime | None) -> datetime | None:
    """The latest of the instants that lie after `now`."""
    return max((instant for instant in instants if instant and instant > now), default=None)
