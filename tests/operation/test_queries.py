"""What admins are told, and which session the demo's clock bar is about."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from coaching.accounts.models import Person
from coaching.booking.models import Seat
from coaching.booking.queries import linked_views
from coaching.checks import State
from coaching.diagnostics.standing_queries import rooms_check, worker_check
from coaching.operation import queries
from coaching.operation.queries import sessions_page
from coaching.payments.models import Objection
from coaching.payments.objection_queries import objections_page
from coaching.refusals import Refusal, explain
from coaching.rooms.models import Room
from coaching.runtime.mutations import record_heartbeat
from tests import factories
from tests.clocks import at

NOW = datetime(2027, 3, 9, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)

pytestmark = pytest.mark.usefixtures("db")


def test_all_is_fine_when_nothing_is_wrong() -> None:
    record_heartbeat("worker", NOW)

    assert (worker_check(at(NOW)).state, rooms_check().state) == (State.OK, State.OK)


def test_a_silent_worker_is_not_fine() -> None:
    assert worker_check(at(NOW)).state == State.BAD


def test_a_room_in_trouble_is_not_fine_and_says_why() -> None:
    make_room(factories.make_coaching_session(starts_at=NOW + HOUR), last_error=Refusal.MISSING_PERMISSION)

    check = rooms_check()

    assert check.state == State.WARN
    assert explain(Refusal.MISSING_PERMISSION) in check.sentence


def test_whether_all_is_fine_takes_one_question_each_and_loads_no_room_that_is(
    caplog: pytest.LogCaptureFixture,
) -> None:
    record_heartbeat("worker", NOW)
    make_room(factories.make_coaching_session(starts_at=NOW + HOUR))

    with caplog.at_level("DEBUG", "peewee"):
        worker_check(at(NOW))
        rooms_check()

    asked = [str(line.args or line.msg) for line in caplog.records if line.name == "peewee"]
    assert len(asked) == 3
    assert [line for line in asked if "room" in line and 'last_error" IS NOT' not in line] == []


def test_figures_tell_coming_from_past_and_cancelled_sessions() -> None:
    product = factories.make_product()
    for offset, state in ((1, "scheduled"), (30, "cancelled"), (-30, "completed"), (-60, "scheduled")):
        factories.make_coaching_session(product, starts_at=NOW + offset * HOUR, state=state)

    figures = queries.figures(NOW)

    assert [figures[f"{which}_sessions"] for which in ("coming", "past", "cancelled")] == [1, 2, 1]
    assert (figures["stores"], figures["published_products"]) == (1, 1)


def test_sessions_are_listed_page_by_page_with_their_rooms() -> None:
    product = factories.make_product()
    later, earlier = (factories.make_coaching_session(product, starts_at=NOW + hours * HOUR) for hours in (9, 3))
    make_room(later, state="open", last_error=Refusal.UNKNOWN_GUILD)

    (first, is_more), (second, is_yet_more) = sessions_page(1, 1), sessions_page(2, 1)

    assert [line.coaching_session for line in first + second] == [later, earlier]
    room = first[0].coaching_session.room
    assert (room.state, room.trouble) == (
        "open",
        explain(Refusal.UNKNOWN_GUILD),
    )
    assert second[0].coaching_session.room is None
    assert (is_more, is_yet_more, sessions_page(3, 1)) == (True, False, ([], False))


def test_seats_and_what_is_about_them_are_read_at_once_with_their_people(
    statements_in: Callable[[Callable[[], object]], list[object]],
) -> None:
    call = factories.make_coaching_session(starts_at=NOW - 2 * HOUR)
    make_room(call)
    objection = Objection.create(seat=Seat.get(), sentence="We did not talk.", made_at=NOW)

    def people_of(seat: Seat) -> list[str]:
        call = seat.coaching_session
        return [seat.student.name, call.coach.name, call.product.title, call.product.store.name]

    def read() -> None:
        [view] = linked_views(call.code, NOW)[::2]
        ([line], _), ([listed], _) = sessions_page(1, 9), objections_page(1, 9)
        assert people_of(view.seat) == people_of(line) == people_of(listed.seat)
        assert (listed, line.coaching_session.room.coaching_session_id) == (objection, call.id)

    assert len(statements_in(read)) == 3


def test_the_clock_bar_is_about_ones_own_next_session(alice: Person, bob: Person) -> None:
    product = factories.make_product(coach=alice)
    somebodys = factories.make_coaching_session(starts_at=NOW + HOUR)
    bobs = factories.make_coaching_session(product, bob, starts_at=NOW + 5 * HOUR)

    assert queries.session_at_hand(NOW) == somebodys
    assert queries.session_at_hand(NOW, bob) == bobs
    assert queries.session_at_hand(NOW, alice) == bobs


def test_the_clock_bar_asks_once_however_many_sessions_there_are(
    alice: Person, caplog: pytest.LogCaptureFixture
) -> None:
    product = factories.make_product(coach=alice)
    for hours in range(4, 10):
        over = factories.make_coaching_session(product, starts_at=NOW - hours * HOUR, state="completed")
        make_room(over, state="removed")
    coming = factories.make_coaching_session(product, starts_at=NOW + HOUR)

    with caplog.at_level("DEBUG", "peewee"):
        assert queries.session_at_hand(NOW, alice) == coming

    assert len([line for line in caplog.records if line.name == "peewee"]) == 1


def test_the_clock_bar_stays_with_a_session_until_its_room_has_gone() -> None:
    over = factories.make_coaching_session(starts_at=NOW - 2 * HOUR, state="completed")
    coming = factories.make_coaching_session(starts_at=NOW + 50 * HOUR)

    assert queries.session_at_hand(NOW - timedelta(minutes=1)) == over
    assert queries.session_at_hand(NOW + timedelta(minutes=2)) == over
    assert queries.session_at_hand(NOW + timedelta(minutes=10)) == coming


def test_the_clock_bar_passes_over_calls_by_phone_and_what_was_called_off() -> None:
    factories.make_coaching_session(starts_at=NOW + HOUR, session_type="phone")
    factories.make_coaching_session(starts_at=NOW + HOUR, state="cancelled")

    assert queries.session_at_hand(NOW) is None


def make_room(coaching_session: object, **differences: object) -> Room:
    ordinary = {
        "coaching_session": coaching_session,
        "code": f"code{factories.new_code()}",
        "discord_guild_id": factories.GUILD_ID,
        "created_at": NOW,
    }
    return Room.create(**ordinary | differences)
