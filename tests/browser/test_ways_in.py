"""Every way in, from every place that needs one, with scripts and without: what was typed stands there afterwards.

One window for all of it, emptied of cookies between two stories. What no browser adds to stands in
tests/blueprints/test_ways_in.py, which crosses more.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.browser.site import Site
from tests.browser.soundness import faults
from tests.browser.visitor import DESK, PHONE, Visitor

PASSWORD = "quiet rooms before noon"
NEW_PASSWORD = "loud rooms after midnight"
GOALS = "A chorus that lifts.\nAnd a bass one can hear."
TRACK = "https://example.com/track"
numbers = count(1)


@dataclass
class Window(Visitor):
    """A visitor with people and Discord accounts of their own to come in as."""

    site: Site
    browser: Browser
    has_scripts: bool
    accounts: Iterator[str] = field(default_factory=lambda: iter(()))

    def __post_init__(self) -> None:
        look = PHONE if self.has_scripts else DESK
        zone: dict[str, Any] = {"timezone_id": "America/New_York", "locale": "en-GB"}
        super().__init__(self.site, self.browser.new_context(**look, **zone, java_script_enabled=self.has_scripts))

    def be_nobody(self) -> None:
        self.context.clear_cookies()

    def be(self, email: str, password: str = PASSWORD) -> None:
        """Signed in, in place of whoever was."""
        assert self.post("/sign-in", {"email": email, "password": password}).status == 303

    def at_discord(self, account: str, button: str = "Authorize") -> None:
        """On the consent page: this account answers, and the browser is back."""
        self.page.locator(f"input[name=person][value='{account}']").check()
        self.press(button)
        self.page.wait_for_url(f"{self.site.app_url}/**")


@pytest.fixture(scope="module", params=[True, False], ids=["scripts", "plain"])
def window(request: pytest.FixtureRequest, site: Site, browser: Browser) -> Iterator[Window]:
    """Empty of cookies for each story; the accounts are new to the sandbox."""
    number = 30 if request.param else 60
    accounts = [f"12200000000000000{number + each}" for each in range(20)]
    guild = {"guild_id": f"12200000000000001{number}", "name": "Elsewhere", "members": accounts}
    requests.post(f"{site.sandbox_url}/control/guild", json=guild, timeout=30).raise_for_status()
    window = Window(site, browser, request.param, iter(accounts))
    yield window
    window.context.close()
    assert site.tracebacks() == ""
    assert window.complaints == []


@pytest.fixture(autouse=True)
def _no_cookies(window: Window) -> None:
    window.be_nobody()


def somebody(site: Site, name: str = "Kim") -> str:
    """The address of somebody new, who has PASSWORD and was in this browser never before."""
    email = f"{name.lower()}.{next(numbers)}@example.org"
    fields = {"name": name, "email": email, "password": PASSWORD, "zone": "America/New_York"}
    done = requests.post(f"{site.app_url}/sign-up", fields, headers={"Origin": site.app_url}, timeout=30)
    assert done.ok, done.text
    return email


def end_elsewhere(site: Site, email: str, password: str = PASSWORD) -> None:
    """Every sign-in of theirs is ended from another browser."""
    with requests.Session() as other:
        other.headers["Origin"] = site.app_url
        other.post(f"{site.app_url}/sign-in", {"email": email, "password": password}, timeout=30)
        assert other.post(f"{site.app_url}/settings/sign-ins/ending", timeout=30).ok


# The ways in, each from the sign-in page that is shown.


def sign_up(window: Window) -> None:
    window.page.get_by_role("main").get_by_role("link", name="Sign up").click()
    window.page.get_by_label("Your name").fill("Noor")
    window.page.get_by_label("E-mail").fill(f"noor.{next(numbers)}@example.org")
    window.page.get_by_label("Password").fill(PASSWORD)
    window.press("Sign up")


def sign_in(window: Window, email: str | None = None, password: str = PASSWORD) -> None:
    window.page.get_by_label("E-mail").fill(email or somebody(window.site))
    window.page.get_by_label("Password").fill(password)
    window.press("Sign in")


def sign_in_with_a_new_password(window: Window) -> None:
    email = somebody(window.site)
    window.page.get_by_role("link", name="Forgotten password").click()
    window.page.get_by_label("E-mail").fill(email)
    window.press("Ask for a link")
    link = window.site.flask("people", "reset-link", email).splitlines()[0]
    window.page.goto(link)
    window.page.get_by_label("New password").fill(NEW_PASSWORD)
    window.press("Set the password")
    sign_in(window, email, NEW_PASSWORD)


def new_by_discord(window: Window) -> str:
    window.press("Continue with Discord")
    account = next(window.accounts)
    window.at_discord(account)
    return account


def known_by_discord(window: Window) -> None:
    account = new_by_discord(window)
    here = window.page.url
    kept = window.page.get_by_label("What do you want to get out of this call?")
    expect(kept).to_have_value(GOALS)
    window.be_nobody()
    fill_in_and_book(window)
    window.press("Continue with Discord")
    window.at_discord(account)
    assert window.page.url.partition("?")[0].partition("#")[0] == here.partition("?")[0].partition("#")[0]


def refuse_and_start_again(window: Window) -> None:
    account = next(window.accounts)
    window.press("Continue with Discord")
    window.at_discord(account, "Refuse")
    expect(window.page.get_by_role("heading", level=1)).to_have_text("You cancelled at Discord")
    window.press("Start again")
    window.at_discord(account)


WAYS = (sign_up, sign_in, sign_in_with_a_new_password, new_by_discord, known_by_discord, refuse_and_start_again)


def fill_in(window: Window) -> str:
    """The demo's product with a time chosen and everything filled in; the time comes back."""
    page = window.go(window.site.demo["product_path"])
    slot = window.slots().last
    window.choose(slot)
    page.get_by_label("Link to your track").fill(TRACK)
    window.write_note(GOALS)
    return slot.get_attribute("value") or ""


def fill_in_and_book(window: Window) -> str:
    starts_at = fill_in(window)
    window.send_booking()
    window.page.wait_for_url("**/sign-in?**")
    return starts_at


def expect_kept(window: Window, starts_at: str) -> None:
    """The product's page with everything in it, also when it is loaded again."""
    page = window.page
    page.wait_for_url(f"**{window.site.demo['product_path']}**")
    for is_first in (True, False):
        expect(page.locator(f"input[type=radio][name=starts_at][value='{starts_at}']")).to_be_checked()
        expect(page.get_by_label("Link to your track")).to_have_value(TRACK)
        expect(page.get_by_label("What do you want to get out of this call?")).to_have_value(GOALS)
        if is_first:
            page.reload()


def expect_nothing(page: Page) -> None:
    """The product's page, and no word of anybody's in it."""
    expect(page.get_by_label("Link to your track")).to_have_value("")
    expect(page.get_by_label("What do you want to get out of this call?")).to_have_value("")


@pytest.mark.parametrize("way", WAYS)
def test_a_booking_comes_back(window: Window, way: Callable[[Window], object]) -> None:
    starts_at = fill_in_and_book(window)
    way(window)
    expect_kept(window, starts_at)


def test_a_booking_comes_back_from_the_cards_own_buttons(window: Window) -> None:
    starts_at = fill_in(window)
    window.press("Continue with Discord")
    window.at_discord(next(window.accounts))
    expect_kept(window, starts_at)
    expect(window.page.locator("#discord-card")).to_contain_text("You are in the server")

    window.be_nobody()
    starts_at = fill_in(window)
    window.press("Sign in by e-mail")
    sign_in(window)
    expect_kept(window, starts_at)


@pytest.mark.parametrize("way", [sign_in, sign_up])
def test_a_booking_comes_back_from_the_heads_own_links(window: Window, way: Callable[[Window], object]) -> None:
    if not window.has_scripts:
        pytest.skip("a link takes nothing along by itself; the card's buttons do")
    starts_at = fill_in(window)
    head = window.page.get_by_role("navigation", name="Main")
    window.page.get_by_role("button", name="Menu").click()
    head.get_by_role("link", name="Sign up" if way is sign_up else "Sign in").click()
    window.page.wait_for_url("**/sign-up?**" if way is sign_up else "**/sign-in?**")
    if way is sign_up:
        window.page.get_by_role("main").get_by_role("link", name="Sign in").click()
    way(window)
    expect_kept(window, starts_at)


@pytest.mark.parametrize("is_refused_first", [False, True])
def test_a_booking_comes_back_from_connecting(window: Window, is_refused_first: bool) -> None:
    window.be(somebody(window.site))
    starts_at = fill_in(window)
    account = next(window.accounts)
    if is_refused_first:
        # Without scripts this answer is a page of its own, under the form's address.
        window.send_booking()
        expect(window.page.locator("#booking")).to_contain_text("Connect your Discord account first")
    window.press("Connect Discord")
    if is_refused_first:
        window.at_discord(account, "Refuse")
        window.press("Start again")
    window.at_discord(account)
    expect_kept(window, starts_at)
    window.press_booking()
    window.page.wait_for_url("**/sessions/*")
    window.go(window.site.demo["product_path"])
    expect_nothing(window.page)
    window.go("/dashboard")
    window.page.locator("a[href^='/sessions/']").first.click()
    window.follow("Cancel this session")
    window.press("Cancel this session")


@pytest.mark.parametrize("place", ["wizard", "name"])
def test_what_somebody_typed_while_their_sign_in_ended_comes_back(window: Window, place: str) -> None:
    if place == "wizard":
        person = window.site.demo["people"]["coach"]
        email, password, label, text, button = (
            person["email"],
            person["password"],
            "Title",
            "Third try",
            "Save and go on",
        )
        window.be(email, password)
        page = window.open_draft("checkout")
    else:
        email, password, label, text, button = somebody(window.site), PASSWORD, "Name", "Kim the Second", "Save"
        window.be(email)
        page = window.go("/settings")
    page.get_by_label(label, exact=True).fill(text)
    end_elsewhere(window.site, email, password)
    if place == "wizard" and window.has_scripts:
        # The preview finds out, and leaves them where they are.
        page.get_by_label(label, exact=True).press_sequentially(" now")
        text += " now"
        expect(page.locator("#live-region")).to_contain_text("You are not signed in any more.")
    window.press(button)
    page.wait_for_url("**/sign-in?**")
    if place == "wizard":
        window.press("Continue with Discord")
        window.at_discord(window.site.people()["coach"])
    else:
        sign_in(window, email, password)
    page.wait_for_url("**/checkout" if place == "wizard" else "**/settings")
    expect(page.get_by_label(label, exact=True)).to_have_value(text)


@pytest.mark.parametrize("between", ["signed in over", "signed out", "ended elsewhere"])
def test_somebody_else_in_the_same_browser_gets_nothing(window: Window, between: str) -> None:
    first, second = somebody(window.site, "First"), somebody(window.site, "Second")
    window.be(first)
    starts_at = fill_in(window)
    page = window.page
    if between == "signed in over":
        window.be(second)
        window.send_booking()
        expect(page.get_by_role("heading", level=1)).to_have_text("Nothing was sent")
        expect(page.get_by_role("main")).to_contain_text("You are signed in as Second now.")
        if window.has_scripts:  # the look at the page is one itself
            window.picture("drawn-for-another")
            assert faults(page) == []
        window.follow("Open the page anew")
    else:
        if between == "signed out":
            assert window.post("/sign-out", {}).status == 303
        else:
            end_elsewhere(window.site, first)
        window.send_booking()
        page.wait_for_url("**/sign-in?**")
        sign_in(window, second)
    page.wait_for_url(f"**{window.site.demo['product_path']}**")
    expect_nothing(page)

    window.be(first)
    page.reload()
    expect_kept(window, starts_at)
