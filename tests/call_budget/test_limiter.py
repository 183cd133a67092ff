"""The arithmetic of the call budget: who may go when, and what an answer changes."""

from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.call_budget import limiter as budget
from coaching.call_budget.limiter import Bucket, Limiter
from coaching.call_permits import CallAnswer, CallPermit, Rank

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
FORBIDDEN = CallAnswer(403)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def answer_with(remaining: int, reset_after: float, most: int = 5, **others: Any) -> CallAnswer:
    return CallAnswer(200, most=most, remaining=remaining, reset_after=timedelta(seconds=reset_after), **others)


def too_many(seconds: float, **others: Any) -> CallAnswer:
    return CallAnswer(429, refused_for=timedelta(seconds=seconds), **others)


def learned(bucket: Bucket | None, *answers: CallAnswer, at: float = 0.0) -> Bucket:
    """The bucket after these answers, all of them to calls of the same instant."""
    for answer in answers:
        bucket = budget.learned(bucket, answer, after(at), after(at)) or bucket
    assert bucket
    return bucket


@pytest.mark.parametrize(
    ("path", "route", "major"),
    [
        ("/users/@me", "/users/@me", ""),
        ("/channels/20", "/channels/{id}", "20"),
        ("/guilds/10/members/30", "/guilds/{id}/members/{id}", "10"),
        ("/guilds/10/members/30/roles/40", "/guilds/{id}/members/{id}/roles/{id}", "10"),
        ("/guilds/10?with_counts=1", "/guilds/{id}", "10"),
    ],
)
def test_a_route_has_no_ids_and_the_first_one_tells_it_apart(path: str, route: str, major: str) -> None:
    assert budget.route_of(path) == (route, major)


arrivals = st.lists(st.tuples(st.integers(0, 2_000_000), st.sampled_from(Rank)), min_size=1, max_size=300)


@given(arrivals)
def test_however_calls_arrive_no_second_holds_more_than_fifty(pattern: list[tuple[int, Rank]]) -> None:
    limiter, now, gone = Limiter(), NOW, []
    for pause, rank in pattern:
        # Mostly at once, sometimes after a pause.
        now += timedelta(microseconds=max(pause - 1_900_000, 0))
        permit = budget.permit_for(limiter, None, rank, now)
        if permit.is_reserved:
            assert now <= permit.at <= now + budget.LONGEST_QUEUE
            limiter = budget.limiter_with(limiter, permit.at)
            gone.append(permit.at)
        else:
            assert permit.at > now
    assert gone == sorted(gone)
    for first, fiftieth in zip(gone, gone[49:], strict=False):
        assert fiftieth - first > timedelta(seconds=1)


def test_under_load_at_least_46_calls_go_each_second() -> None:
    limiter, now, gone = Limiter(), NOW, 0
    while now < after(10):
        permit = budget.permit_for(limiter, None, Rank.CHANGE, now)
        limiter, now, gone = budget.limiter_with(limiter, permit.at), permit.at, gone + 1
    assert gone / 10 >= 46


def test_a_lone_call_goes_at_once() -> None:
    for rank in Rank:
        assert budget.permit_for(Limiter(next_at=after(-5)), None, rank, NOW) == CallPermit(NOW, is_reserved=True)


def test_a_look_gives_way_to_a_queue_that_a_change_joins() -> None:
    limiter = Limiter(next_at=after(0.3))
    assert budget.permit_for(limiter, None, Rank.CHANGE, NOW) == CallPermit(after(0.3), is_reserved=True)
    look = budget.permit_for(limiter, None, Rank.LOOK, NOW)
    assert (look.is_reserved, look.is_for_all) == (False, False)
    assert after(0.05) <= look.at < after(0.3)


@pytest.mark.parametrize(
    ("method", "route", "expected"),
    [
        ("GET", "/channels/{id}", Rank.LOOK),
        ("GET", "/guilds/{id}/voice-states/{id}", Rank.LOOK),
        ("GET", "/guilds/{id}/members/{id}", Rank.LOOK),
        ("GET", "/users/@me", Rank.CHANGE),
        ("GET", "/guilds/{id}/channels", Rank.CHANGE),
        ("GET", "/guilds/{id}", Rank.CHANGE),
        ("POST", "/guilds/{id}/channels", Rank.CHANGE),
        ("DELETE", "/channels/{id}", Rank.CHANGE),
    ],
)
def test_looking_gives_way_unless_opening_waits_for_it(method: str, route: str, expected: Rank) -> None:
    assert budget.rank_of(method, route) is expected


def test_in_a_full_queue_every_call_for_a_room_goes_before_the_first_that_is_for_none() -> None:
    """All ask at once, those for no room first, and whoever gets no time asks again when told."""
    ranks = [Rank.LAST] * 30 + [Rank.LOOK] * 60 + [Rank.CHANGE] * 300
    # The very first finds nobody there, and keeps its time. At one instant those for rooms are then faster.
    limiter, gone = budget.limiter_with(Limiter(), budget.permit_for(Limiter(), None, ranks[0], NOW).at), []
    waiting = [(NOW, -number, rank) for number, rank in enumerate(ranks[1:])]
    heapify(waiting)
    while waiting:
        now, number, rank = heappop(waiting)
        permit = budget.permit_for(limiter, None, rank, now)
        if permit.is_reserved:
            limiter = budget.limiter_with(limiter, permit.at)
            gone.append((permit.at, rank))
        else:
            heappush(waiting, (permit.at, number, rank))
    in_order = [rank for _, rank in sorted(gone, key=lambda call: call[0])]
    assert in_order[-29:] == [Rank.LAST] * 29
    assert Rank.LAST not in in_order[:-29]
    # And in the end they go as fast as all others.
    assert gone[-1][0] - NOW < timedelta(seconds=len(ranks) / 44)


def test_what_is_for_no_room_waits_behind_one_call_and_no_more() -> None:
    behind_one, behind_two = Limiter(next_at=NOW + budget.INTERVAL), Limiter(next_at=NOW + 2 * budget.INTERVAL)
    assert budget.permit_for(behind_one, None, Rank.LAST, NOW) == CallPermit(NOW + budget.INTERVAL, is_reserved=True)
    assert not budget.permit_for(behind_two, None, Rank.LAST, NOW).is_reserved


def test_nobody_joins_a_queue_that_is_too_long() -> None:
    permit = budget.permit_for(Limiter(next_at=after(2.01)), None, Rank.CHANGE, NOW)
    assert (permit.is_reserved, permit.is_for_all) == (False, False)


def test_a_clock_that_was_put_back_stops_nobody() -> None:
    assert budget.permit_for(Limiter(next_at=after(3600)), None, Rank.CHANGE, NOW) == CallPermit(NOW, is_reserved=True)


def test_a_global_429_stops_every_call_until_it_is_over() -> None:
    limiter = budget.limiter_after(Limiter(), too_many(3, is_global=True), NOW)
    assert budget.permit_for(limiter, None, Rank.CHANGE, NOW) == CallPermit(
        after(3), is_reserved=False, is_for_all=True
    )
    assert budget.permit_for(limiter, None, Rank.CHANGE, after(3)).is_reserved


def test_a_shorter_global_wait_does_not_end_a_longer_one() -> None:
    limiter = budget.limiter_after(Limiter(), too_many(600, is_global=True), NOW)
    limiter = budget.limiter_after(limiter, too_many(1, is_global=True), NOW)
    assert budget.stopped_until(limiter, NOW) == after(600)


def test_a_429_of_one_route_stops_nothing_else() -> None:
    assert budget.stopped_until(budget.limiter_after(Limiter(), too_many(600), NOW), NOW) is None


@pytest.mark.parametrize(
    ("answer", "counts"),
    [
        (CallAnswer(401), 1),
        (CallAnswer(403), 1),
        (too_many(1), 1),
        (too_many(1, is_global=True), 1),
        (too_many(1, is_shared=True), 0),
        (CallAnswer(404), 0),
        (CallAnswer(500), 0),
        (CallAnswer(200), 0),
        (CallAnswer(None), 0),
    ],
)
def test_what_counts_towards_a_ban_is_counted(answer: CallAnswer, counts: int) -> None:
    assert budget.refusals(budget.limiter_after(Limiter(), answer, NOW), NOW) == counts


def test_a_thousand_refusals_leave_changes_only_and_two_thousand_nothing() -> None:
    limiter = Limiter(refused=999, refused_since=after(-100))
    assert budget.permit_for(limiter, None, Rank.LOOK, NOW).is_reserved

    limiter = budget.limiter_after(limiter, FORBIDDEN, NOW)
    assert budget.permit_for(limiter, None, Rank.LOOK, NOW) == CallPermit(after(30), is_reserved=False)
    assert budget.permit_for(limiter, None, Rank.CHANGE, NOW).is_reserved

    limiter = Limiter(refused=2000, refused_since=after(-100))
    assert budget.permit_for(limiter, None, Rank.CHANGE, NOW) == CallPermit(
        after(500), is_reserved=False, is_for_all=True
    )
    assert budget.permit_for(limiter, None, Rank.LOOK, after(500)).is_reserved


def test_refusals_are_forgotten_after_ten_minutes() -> None:
    limiter = budget.limiter_after(Limiter(refused=1999, refused_since=after(-601)), FORBIDDEN, NOW)
    assert (limiter.refused, limiter.refused_since) == (1, NOW)


def test_a_bucket_far_from_its_limit_is_not_kept() -> None:
    assert budget.learned(None, answer_with(4, 5.0), NOW, NOW) is None
    assert budget.learned(None, answer_with(45, 1.0, most=50), NOW, NOW) is None
    assert budget.learned(None, CallAnswer(200), NOW, NOW) is None
    assert budget.learned(None, answer_with(0, 5.0), NOW, NOW) is not None


def test_an_empty_bucket_is_waited_for_and_others_are_not() -> None:
    bucket = learned(None, answer_with(0, 5.0))
    assert budget.permit_for(Limiter(), bucket, Rank.CHANGE, NOW) == CallPermit(after(5), is_reserved=False)
    assert budget.permit_for(Limiter(), bucket, Rank.CHANGE, after(5)).is_reserved
    assert budget.permit_for(Limiter(), None, Rank.CHANGE, NOW).is_reserved


def test_callers_at_the_same_time_do_not_all_take_the_last_call() -> None:
    bucket, gone = learned(None, answer_with(2, 5.0)), 0
    while budget.permit_for(Limiter(), bucket, Rank.CHANGE, NOW).is_reserved:
        bucket, gone = budget.bucket_with(bucket, NOW), gone + 1
    assert gone == 2


def test_those_who_waited_for_a_full_bucket_do_not_all_go_at_once() -> None:
    bucket, gone = learned(None, answer_with(0, 5.0)), 0
    while budget.permit_for(Limiter(), bucket, Rank.CHANGE, after(5)).is_reserved:
        bucket, gone = budget.bucket_with(bucket, after(5)), gone + 1
    assert gone == 5


def test_an_answer_does_not_give_back_what_others_have_taken_since() -> None:
    bucket = budget.bucket_with(learned(None, answer_with(2, 5.0)), NOW)
    # Another one's call is on its way, and this answer knows nothing of it.
    changed = budget.learned(bucket, answer_with(2, 4.9), NOW, NOW, is_counted=True) or bucket
    assert changed.remaining == 1


def test_calls_that_went_before_the_bucket_was_known_are_taken_off_when_they_end() -> None:
    # Three went at once; the first answer makes the bucket known, a fourth goes, then the other two end.
    bucket = budget.bucket_with(learned(None, answer_with(9, 5.0, most=20)), NOW)
    assert learned(bucket, answer_with(8, 5.0, most=20), answer_with(7, 5.0, most=20)).remaining == 6


def test_calls_that_somebody_else_made_with_the_token_are_learned() -> None:
    assert learned(learned(None, answer_with(2, 5.0)), answer_with(0, 4.9)).remaining == 0


def test_what_is_told_of_a_window_that_is_over_changes_nothing() -> None:
    bucket = budget.bucket_with(learned(None, answer_with(0, 5.0)), after(5.1))
    assert budget.learned(bucket, answer_with(0, 0.1), after(4.9), after(5.2)) is None


def test_the_answer_corrects_the_guess_at_a_new_window() -> None:
    bucket = budget.bucket_with(learned(None, answer_with(0, 2.0)), after(2))
    bucket = budget.learned(bucket, answer_with(4, 5.0), after(2), after(2.1), is_counted=True)
    assert bucket
    assert (bucket.resets_at, bucket.period, bucket.remaining) == (after(7.1), timedelta(seconds=5), 4)


def test_an_answer_that_tells_nothing_new_is_not_written_down() -> None:
    bucket = budget.bucket_with(learned(None, answer_with(2, 5.0)), after(0.1))
    assert budget.learned(bucket, answer_with(1, 4.7), after(0.1), after(0.2), is_counted=True) is None


def test_a_window_that_ends_a_little_later_than_thought_is_news() -> None:
    bucket = budget.bucket_with(learned(None, answer_with(2, 5.0)), after(0.1))
    corrected = budget.learned(bucket, answer_with(1, 4.82), after(0.1), after(0.2), is_counted=True)
    assert corrected
    assert corrected.resets_at == after(5.02)


def test_a_429_holds_its_bucket_for_as_long_as_the_body_says() -> None:
    bucket = learned(None, too_many(300, most=5, remaining=3, reset_after=timedelta(seconds=2)))
    assert budget.permit_for(Limiter(), bucket, Rank.CHANGE, NOW) == CallPermit(after(300), is_reserved=False)
    # The headers spoke of calls left: they know nothing of this limit.
    assert bucket.remaining is None


def test_an_emptied_bucket_is_known_after_its_429() -> None:
    bucket = learned(None, too_many(2, most=5, remaining=0, reset_after=timedelta(seconds=2)))
    assert (bucket.most, bucket.remaining, bucket.held_until) == (5, 0, after(2))


def test_429s_that_come_although_each_wait_was_kept_slow_the_bucket_down() -> None:
    bucket, now, waits = None, 0.0, []
    for _ in range(12):
        bucket = learned(bucket, too_many(0.2), at=now)
        assert bucket.held_until
        waits.append((bucket.held_until - after(now)).total_seconds())
        now = (bucket.held_until - NOW).total_seconds()
    assert waits[:5] == pytest.approx([0.2, 0.7, 1.2, 2.2, 4.2])
    assert waits[-1] == pytest.approx(60.2)


def test_several_429s_at_once_count_as_one() -> None:
    assert learned(None, too_many(0.2), too_many(0.2), too_many(0.2)).consecutive_429s == 1


def test_consecutive_429s_are_forgiven_after_a_quiet_minute() -> None:
    bucket = learned(learned(None, too_many(0.2)), too_many(0.2), at=1.0)
    assert bucket.consecutive_429s == 2
    assert learned(bucket, too_many(0.2), at=100.0).consecutive_429s == 1


answers = st.builds(
    CallAnswer,
    st.sampled_from([None, 200, 403, 429, 500]),
    most=st.one_of(st.none(), st.integers(0, 1000)),
    remaining=st.one_of(st.none(), st.integers(0, 1000)),
    reset_after=st.one_of(st.none(), st.floats(0, 1e6).map(lambda seconds: timedelta(seconds=seconds))),
    refused_for=st.one_of(st.none(), st.floats(0.001, 1e5).map(lambda seconds: timedelta(seconds=seconds))),
    is_global=st.booleans(),
)


@given(st.lists(st.tuples(answers, st.floats(0, 100)), max_size=20))
def test_whatever_is_answered_a_call_can_go_in_the_end(history: list[tuple[CallAnswer, float]]) -> None:
    limiter, bucket, now = Limiter(), None, NOW
    for answer, pause in history:
        limiter = budget.limiter_after(limiter, answer, now)
        bucket = budget.learned(bucket, answer, now, now) or bucket
        now += timedelta(seconds=pause)
        if bucket:
            bucket = budget.bucket_with(bucket, now)
    for _ in range(20):
        permit = budget.permit_for(limiter, bucket, Rank.CHANGE, now)
        if permit.is_reserved:
            return
        assert permit.at > now
        now = permit.at
    raise AssertionError("no call ever goes")
