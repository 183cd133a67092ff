"""The doctor's line about who can come in and sell."""

from datetime import UTC, datetime, timedelta

import pytest

from coaching.accounts.signup import Signup
from coaching.checks import Check, State
from coaching.coaches.models import CoachApplication
from coaching.coaches.signup import CoachSignup
from coaching.diagnostics.people_queries import coaches_check
from tests import factories

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.usefixtures("db")
def test_settings_that_lock_everybody_out_are_told_and_so_is_who_waits_for_long() -> None:
    def check(policy: CoachSignup, signup: Signup = Signup.OPEN, now: datetime = NOW) -> Check:
        return coaches_check(policy, signup, now)

    assert "SIGNUP is closed" in check(CoachSignup.OPEN, Signup.CLOSED).sentence
    person = factories.make_person("Robin")
    assert check(CoachSignup.OPEN, Signup.CLOSED).state == State.OK
    for policy in (CoachSignup.APPROVAL, CoachSignup.INVITE):
        assert (check(policy).state, "make-admin" in check(policy).remedy) == (State.BAD, True)
    factories.make_person("Ada", is_admin=True)
    assert {check(policy).state for policy in CoachSignup} == {State.OK}
    CoachApplication.create(person=person, state="sent", made_at=NOW, sent_at=NOW)
    assert check(CoachSignup.APPROVAL, now=NOW + timedelta(days=7)).state == State.OK
    late = check(CoachSignup.APPROVAL, now=NOW + timedelta(days=9))
    assert (late.state, "One person waits" in late.sentence, "9 days" in late.sentence) == (State.WARN, True, True)
