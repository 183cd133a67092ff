"""Rooms of people who delete their accounts: nobody of theirs is let in any more, and none is left in Discord."""

from datetime import timedelta

import pytest

from coaching.accounts.models import Person
from coaching.booking.models import Seat
from coaching.own_data.deletion_mutations import delete_account
from coaching.own_data.deletion_queries import what_goes
from tests.clocks import at
from tests.rooms.conftest import COACH, START, STUDENT, who_sees

END = START + timedelta(hours=1)


@pytest.mark.parametrize(("side", "is_over"), [("coach", True), ("student", False)])
def test_a_room_goes_whoever_has_left(worker, host, coaching_session, side, is_over):
    now = END + timedelta(minutes=1) if is_over else START - timedelta(minutes=10)
    worker.by_hand(START - timedelta(minutes=10))
    worker.sleep(60)
    worker.by_hand(now)
    assert who_sees(host) == [{COACH, STUDENT}]
    whose = coaching_session.coach_id if side == "coach" else Seat.get().student_id
    person = Person.get_by_id(whose)

    delete_account(person, what_goes(person, now).mark, at(now))

    worker.sleep(60)
    worker.by_hand(now + timedelta(minutes=1))
    left = who_sees(host)
    assert left in ([], [{STUDENT if side == "coach" else COACH}])
    worker.sleep(60)
    worker.by_hand(END + timedelta(minutes=61))
    assert who_sees(host) == []
