"""A tenth of `bench/directory.py`: what a site with many coaches asks of the database, counted."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient

from coaching.directory.models import NextFree
from coaching.directory.refresh_mutations import refresh_directory
from tests import many_coaches
from tests.factories import make_coaching_session, make_person

# Between two quarters of an hour: at those themselves some can be booked no more.
NOW = many_coaches.NOW + timedelta(minutes=5)

MOST_ON_A_PAGE = 10
MOST_IN_A_QUIET_RUN = 20


def test_pages_and_runs_ask_few_questions_however_many_coaches_there_are(
    client: FlaskClient,
    set_clock: Callable[[Any], None],
    statements_in: Callable[..., list[tuple[str, list[Any]]]],
) -> None:
    many_coaches.fill(100)
    # A run does what it may, and says what it has left over.
    assert refresh_directory(NOW, 600) == 400
    assert refresh_directory(NOW, 600) == 0
    assert NextFree.select().where(NextFree.starts_at >= NOW).count() == 1000
    quiet = statements_in(lambda: refresh_directory(NOW + timedelta(seconds=1)))
    assert len(quiet) <= MOST_IN_A_QUIET_RUN, [sql for sql, _ in quiet]
    assert not [sql for sql, _ in quiet if not sql.startswith("SELECT")]
    # After a booking one coach's products are worked out anew, and nobody else's.
    product = NextFree.select().first().product
    make_coaching_session(product, make_person("Somebody"), starts_at=NOW + timedelta(days=40))
    now = NOW + timedelta(seconds=2)
    assert len(statements_in(lambda: refresh_directory(now))) <= MOST_IN_A_QUIET_RUN + 40
    assert NextFree.select().where(NextFree.looked_at == now).count() == 10
    set_clock(NOW)
    for address, words in (
        ("/coaches", "100 coaches, page 1 of 5"),
        ("/coaches?specialty=mix&price=50&language=de&rating=4&free=week&sort=rating&page=2", "page 2 of 5"),
        ("/coaches?specialty=flute&language=de", "100 coaches without asking for “flute”"),
        ("/coaches/coach-50", "Coach 050"),
    ):
        pages: list[str] = []
        sent = statements_in(lambda: pages.append(client.get(address).text))  # noqa: B023
        assert words in pages[0], address
        assert len(sent) <= MOST_ON_A_PAGE, [sql for sql, _ in sent]
