"""Cut off before and after each call to the provider and each commit, then swept: always the same end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest

from coaching.booking.lapse_mutations import lapse_due
from coaching.booking.models import CoachingSession
from coaching.db import database
from coaching.errors import TooLate
from coaching.payments.actions import settle_due, settle_payment
from coaching.payments.models import Payment, Refund
from coaching.payments.payment_queries import payment_of
from coaching.payments.provider import ProviderOf
from tests.payments.conftest import NOW, TEN, Rig, state_of

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
pytestmark = pytest.mark.usefixtures("db")


class Killed(BaseException):
    """The process ends here."""


class Fate:
    """Ends the process at one of the points that it passes."""

    def __init__(self, dies_at: int = 0) -> None:
        self.dies_at, self.count = dies_at, 0

    def pass_by(self) -> None:
        self.count += 1
        if self.count == self.dies_at:
            raise Killed

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The call, before and after which the process may end."""

        def mortal(*arguments: Any, **options: Any) -> Any:
            self.pass_by()
            answer = call(*arguments, **options)
            self.pass_by()
            return answer

        return mortal

    def provider_of(self, real: ProviderOf) -> ProviderOf:
        return lambda key: Mortal(real(key), self)

    @contextmanager
    def of_commits(self) -> Iterator[None]:
        """A process that ends has its transaction rolled back."""
        opened: Any = database.obj
        commit = opened.commit

        def commit_or_die() -> None:
            try:
                self.pass_by()
            except Killed:
                opened.rollback()
                raise
            commit()
            self.pass_by()

        opened.commit = commit_or_die
        try:
            yield
        finally:
            del opened.commit


class Mortal:
    """A provider whose calls the process may not survive."""

    def __init__(self, real: Any, fate: Fate) -> None:
        self.real, self.fate = real, fate

    def __getattr__(self, name: str) -> Any:
        return self.fate.around(getattr(self.real, name))


def one_life(rig: Rig, session: CoachingSession, fate: Fate, *, is_late: bool) -> None:
    """Begun, paid, and asked about, in a process that may end on the way."""
    real = rig.provider_of
    rig.provider_of = fate.provider_of(real)
    try:
        with fate.of_commits():
            payment = rig.begin(session)
            rig.pay(payment)
            if is_late:
                rig.set_clock(rig.now + 20 * MINUTE)
                lapse_due(rig.now)
            settle_payment(Payment.get_by_id(payment.id), rig.provider_of, rig.now)
    finally:
        rig.provider_of = real


def what_comes_after(rig: Rig, session: CoachingSession) -> None:
    """The minute's runs; and the student, who presses again as long as they can and do not know better."""
    for _ in range(2):
        known = payment_of(session.seats.get())
        if known is None or known.state != "paid":
            with suppress(TooLate):
                payment = rig.begin(session)
                if payment.state == "open" and rig.checkout(payment).state == "open":
                    rig.pay(payment)
        rig.set_clock(rig.now + 3 * MINUTE)
        settle_due(rig.provider_of, rig.now)


@pytest.mark.parametrize("is_late", [True, pytest.param(False, marks=pytest.mark.wide)])
def test_wherever_it_is_cut_off_whoever_has_paid_has_the_time(rig, is_late):
    ends, point = [], 0
    while True:
        point += 1
        rig.set_clock(NOW + point * DAY)
        session, fate = rig.book(TEN + point * DAY), Fate(point)
        paid_before = sum(entry["paid"] for entry in rig.ledger())
        with suppress(Killed):
            one_life(rig, session, fate, is_late=is_late)
        # The process is gone, and with it its connection and whatever was not committed.
        database.close()
        database.connect()
        what_comes_after(rig, session)
        end = state_of(session)
        assert (end.session, end.is_paid) == ("scheduled", True), point
        assert end.payments.count("paid") == 1, point
        assert sum(entry["paid"] for entry in rig.ledger()) - paid_before == 4900, point
        ends.append(fate.count)
        if fate.count < point:
            break
    assert not Refund.select().exists()
    assert point > 10


@pytest.mark.one_database
def test_an_answer_that_is_lost_after_its_effect_makes_no_second_page(rig):
    for day, kind in enumerate(("drop_after", "5xx_after", "drop_before", "5xx", "429")):
        rig.set_clock(NOW + day * DAY)
        session = rig.book(TEN + day * DAY)
        rig.fault(kind, "/v1/checkout/sessions", method="POST")
        for _ in range(3):
            with suppress(Exception):
                payment = rig.begin(session)
        rig.pay(payment)
        settle_due(rig.provider_of, rig.now + MINUTE)
        assert state_of(session).session == "scheduled", kind
        made = list(rig.provider_of("rk_test_GreenroomCoach").checkouts_since(rig.now - MINUTE))
        assert [page.state for page in made if page.facts["session"] == session.code] == ["paid"], kind
