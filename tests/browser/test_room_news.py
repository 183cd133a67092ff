"""That the room has opened is news for those, too, who do not see the page change."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import Site
from tests.browser.visitor import Visit

A_MINUTE = timedelta(minutes=1)
# The page looks again every ten seconds, and what it says goes after eight. Nobody waits for that: its clock goes on.
A_LOOK = 10_500
A_WORD = 8_500
NEWS = "#live-region[aria-live=polite]"


@pytest.fixture(autouse=True)
def clock_put_back(site: Site) -> Iterator[None]:
    """The demo's clock is right again for whoever comes after."""
    yield
    site.reset_clock()


def test_opening_and_closing_are_announced_and_focus_stays(site: Site, visit: Visit) -> None:
    student = visit("student")
    clock = student.page.clock
    clock.install()
    student.go(site.demo["product_path"])
    # Today's last time may be so near that its room opens at once.
    student.choose_far_day()
    starts_at = student.choose(student.slots().last)
    student.press_booking()
    student.page.wait_for_url("**/sessions/*")
    site.clock_to(starts_at - 16 * A_MINUTE)
    student.page.reload()
    news = student.page.locator(NEWS)
    expect(news).to_be_empty()
    student.page.locator("#cancel").focus()

    site.clock_to(starts_at - 14 * A_MINUTE)
    look_until(student.page, "The room is open.")
    expect(student.page.locator("#cancel")).to_be_focused()

    coach = visit("coach")
    assert coach.post(student.page.url.removeprefix(site.app_url) + "/room/closing", {}).status == 303
    look_until(student.page, "The room is closed.")
    expect(student.page.locator("#cancel")).to_be_focused()

    # Without another look, which would empty it too, it goes by itself.
    student.page.evaluate("document.querySelector('#live').remove()")
    clock.fast_forward(A_WORD)
    expect(news).to_be_empty()
    site.clock_to(starts_at + 300 * A_MINUTE)  # its room is gone, and nothing left for other tests


def look_until(page: Page, words: str) -> None:
    """Let the page look again, as it does by itself, until the worker has done its part and it says these words."""
    for _ in range(20):
        # Whatever is said goes with the next look, heard or not: so each one is waited for, however slow the machine.
        with page.expect_response("**/room?*"):
            page.clock.fast_forward(A_LOOK)
        with suppress(AssertionError):
            return expect(page.locator(NEWS)).to_have_text(words, timeout=2_000)
    expect(page.locator(NEWS)).to_have_text(words)
    return None
