"""What can go wrong, as it reaches somebody: a page by itself, a notice above the page for htmx."""

import json
import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from flask import Flask

from blueprints import errors as pages
from coaching import errors
from coaching.accounts.models import Person
from tests import factories

HTMX = {"HX-Request": "true"}
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "RateLimited": ("Too often. Wait a minute.", errors.ComeBackLater.wait),
    "AbsentTooOften": ("You were absent twice.", datetime(2027, 1, 1, tzinfo=UTC)),
    "AnswersMissing": ({},),
    "ApplicationLacking": ({},),
}


def every_error() -> list[errors.CoachingError]:
    kinds = (var for var in vars(errors).values() if isinstance(var, type) and issubclass(var, errors.CoachingError))
    return [kind(*ARGUMENTS.get(kind.__name__, ())) for kind in kinds]


def swapped_by_htmx(page: str) -> dict[int, bool]:
    """By status, as layout.html tells htmx: whether what comes with it goes into a page."""
    rules = json.loads(unescape(re.search(r"name=\"htmx-config\" content='([^']*)'", page)[1]))["responseHandling"]  # type: ignore[index]
    return {
        status: next(rule["swap"] for rule in rules if re.search(rule["code"], str(status)))
        for status in range(400, 600)
    }


def test_nothing_that_can_go_wrong_replaces_a_part_of_a_page(app: Flask) -> None:
    """What htmx swaps is a fragment put above the page, with the sentence; everything else it leaves alone."""
    swaps = swapped_by_htmx(app.test_client().get("/").text)
    for error in every_error():
        with app.test_request_context("/", headers=HTMX):
            answer = pages.show_coaching_error(error)
        is_above = "<html" not in answer.get_data(as_text=True) and answer.headers.get("HX-Retarget") == "#refused"
        assert is_above == swaps[answer.status_code], error
        if is_above:
            assert error.sentence in unescape(answer.get_data(as_text=True)), error
            # Also where the form that was sent selects a part of its answers.
            assert (
                answer.headers["HX-Reselect"],
                'class="page stack tight flashes"' in answer.get_data(as_text=True),
            ) == (
                ".flashes",
                True,
            )
    for status in pages.TITLES:
        with app.test_request_context("/", headers=HTMX):
            answer = pages.error_page(status, "A sentence.")
        assert ("HX-Retarget" in answer.headers) == swaps[status], status


def test_a_link_that_came_to_another_account_says_which_one_is_signed_in(browser_of: Any, alice: Person) -> None:
    hint = "You are signed in as"
    assert hint in browser_of(alice).get("/sessions/2222222222/review").text
    assert hint not in browser_of(alice).get("/coaches/nobody").text
    assert hint not in browser_of(None).get("/nowhere").text
    way = "/sign-out?next=/sessions/2222222222/review?from%3Dmail"
    assert f'action="{way}"' in browser_of(alice).get("/sessions/2222222222/review?from=mail").text
    assert "/sign-out?next" not in browser_of(alice).get("/coaches/nobody").text
    assert "/sign-out?next" not in browser_of(alice).post("/sessions/2222222222/coming").text


def test_every_error_has_a_status_of_its_own_and_a_title() -> None:
    kinds = [kind for kind, _ in pages.STATUSES]
    for index, kind in enumerate(kinds):
        assert not any(issubclass(kind, before) for before in kinds[:index]), f"{kind.__name__} is never reached"
    assert {status for _, status in pages.STATUSES} <= pages.TITLES.keys()


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_what_is_not_allowed_is_said_where_it_was_asked(
    app: Flask, browser_of: Any, alice: Person, headers: dict[str, str]
) -> None:
    for _ in range(3):
        factories.make_store(alice)
    fields = {"name": "One more", "slug": "one-more", "currency": "EUR", "zone": "Europe/Berlin", "hue": "1"}
    answer = browser_of(alice).post("/stores/new", data=fields | {"form_key": "abcdefghij"}, headers=headers)
    assert answer.status_code == 403
    assert "You can have at most 3 stores." in answer.get_data(as_text=True)
    assert ("<html" in answer.get_data(as_text=True)) == (not headers)
