"""The admin's lists go on to a next page exactly where there is one, and leave nobody out between two."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from coaching.accounts.models import Person
from coaching.coaches.models import CoachInvitation
from coaching.payments.models import Objection
from coaching.reviews.models import ReviewReport
from coaching.runtime.models import Run
from tests import factories

NOW = datetime(2027, 3, 9, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def make_person(number: int) -> None:
    factories.make_person(f"Person {number}")


def make_coach(number: int) -> None:
    factories.make_coach(factories.make_person(f"Person {number}"))


def make_store(number: int) -> None:
    factories.make_store(factories.make_person(f"Person {number}"), name=f"Store {number}")


def make_session(number: int) -> None:
    factories.make_coaching_session(starts_at=NOW + number * 60 * MINUTE, title=f"Call {number}")


def make_objection(number: int) -> None:
    seat = factories.make_coaching_session(starts_at=NOW + number * 60 * MINUTE).seats.get()
    Objection.create(seat=seat, sentence=f"Objection {number}", made_at=NOW)


def make_report(number: int) -> None:
    ReviewReport.create(review=factories.make_review(), words=f"Report {number}", made_at=NOW)


def make_invitation(number: int) -> None:
    CoachInvitation.create(token_sha256=f"{number}", note=f"Link {number}", made_at=NOW, ends_at=NOW)


def make_run(number: int) -> None:
    Run.create(minute=NOW + number * MINUTE, started_at=NOW, due=100 + number, done=0, failed=0, took_ms=1)


@pytest.mark.parametrize(
    ("path", "size", "make"),
    [
        ("/admin/people", "people.PAGE_SIZE", make_person),
        ("/admin/coaches", "coaches.PAGE_SIZE", make_coach),
        ("/admin/stores", "stores.PAGE_SIZE", make_store),
        ("/admin/payment-accounts", "payment_accounts.PAGE_SIZE", make_store),
        ("/admin/sessions", "rooms.PAGE_SIZE", make_session),
        ("/admin/objections", "objections.PAGE_SIZE", make_objection),
        ("/admin/reviews", "reviews.PAGE_SIZE", make_report),
        ("/admin/coach-invitations", "coach_invitations.PAGE_SIZE", make_invitation),
        ("/admin/runs", "routes.RUNS_A_PAGE", make_run),
    ],
)
def test_a_full_page_leads_on_only_where_there_is_more(
    browser_of: Callable[[Person], FlaskClient],
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    size: str,
    make: Callable[[int], None],
) -> None:
    admin = browser_of(factories.make_person("Ada", is_admin=True))
    for number in range(2 if make is make_person else 3):  # Ada is a person, too
        make(number)
    monkeypatch.setattr(f"blueprints.admin.{size}", 3)
    page = admin.get(path).text
    assert "page=2" not in page
    monkeypatch.setattr(f"blueprints.admin.{size}", 2)
    page = admin.get(path).text
    assert "page=2" in page
    last = admin.get(f"{path}?page=2").text
    assert "page=3" not in last
    if make is make_person:
        assert ">Ada<" in last
