"""Somebody with a browser of their own, and what everybody does with it: sign up, sign in, link Discord, book."""

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, expect

from tests.browser.site import Site

# Only a limit: no test waits so long, unless something has gone wrong or the machine is slow.
LONGEST = 30_000
expect.set_options(timeout=LONGEST)
# A refused form is an answer like any other, and so is giving up one for another; each is written into the console.
EXPECTED = re.compile(
    r"Failed to load resource: the server responded with a status of (401|404|409|410|422) "
    r"|htmx:(afterRequest|sendAbort), |Response Status Error Code 401 from "
)
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DESK = {"viewport": {"width": 1280, "height": 900}}
PICTURES = os.environ.get("SHOTS")


class Visitor:
    """One browser window. `complaints` is what the browser found wrong so far, `status` that of the last page."""

    status = 0

    def __init__(self, site: Site, context: BrowserContext) -> None:
        self.site = site
        self.context = context
        self.complaints: list[str] = []
        self.page: Page = context.new_page()
        self.page.set_default_timeout(LONGEST)
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))

    def go(self, path: str) -> Page:
        """The page at `path`, once it is all there."""
        answer = self.page.goto(self.site.app_url + path)
        self.status = answer.status if answer else 0
        self.settle()
        return self.page

    def settle(self) -> None:
        """Whatever htmx has under way has arrived."""
        expect(self.page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)

    def loaded(self, module: str) -> None:
        """What the page fetches only when it needs it has run."""
        self.page.evaluate(f"import('/static/{module}.js').then(() => null)")

    def sign_in(self, key: str) -> "Visitor":
        """Signed in as one of the demo's people, without the detour over the page."""
        person = self.site.demo["people"][key]
        fields = {"email": person["email"], "password": person["password"]}
        answer = self.post("/sign-in", fields)
        assert answer.status == 303, answer.text()
        return self

    def post(self, path: str, fields: dict[str, Any]) -> Any:
        """The answer to a form sent from this browser, its cookies included, though not from a page."""
        return self.context.request.post(
            self.site.app_url + path, form=fields, headers={"Origin": self.site.app_url}, max_redirects=0
        )

    def unfold(self) -> None:
        """Everything folded away on the page is open."""
        self.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")

    def press(self, name: str) -> None:
        """Press the button that says so; before and after, the page stands still."""
        self.settle()
        self.page.get_by_role("button", name=name, exact=True).first.click()
        self.settle()

    def follow(self, name: str) -> None:
        """Follow the link that says so."""
        self.page.get_by_role("link", name=name, exact=True).first.click()

    def consent(self, account: str) -> None:
        """On the sandbox's page: this account says yes, and the browser is back."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Greenroom wants to use your account")
        self.page.get_by_role("radio", name=re.compile(rf"\b{account}$")).check()
        self.press("Authorize")
        self.page.wait_for_url(f"{self.site.app_url}/**")

    def add_to_server(self, account: str, server: str) -> None:
        """On the sandbox's pages: this account adds the bot to this server, and the browser is back."""
        heading = self.page.get_by_role("heading", level=1)
        expect(heading).to_have_text("Add Greenroom to a server")
        self.page.get_by_role("radio", name=re.compile(rf"\b{account}$")).check()
        self.press("Go on")
        self.page.get_by_label("Add to server").select_option(label=server)
        self.press("Authorize")
        self.page.wait_for_url(f"{self.site.app_url}/**")

    def links(self, path: str, selector: str) -> list[str]:
        """Where the links of the page at `path` lead, in the order they stand there."""
        self.go(path)
        return [link.get_attribute("href") or "" for link in self.page.locator(selector).all()]

    def sessions(self) -> set[str]:
        """The addresses of the person's sessions, as their dashboard lists them."""
        return {link.partition("#")[0] for link in self.links("/dashboard", "a[href^='/sessions/']")}

    def open_draft(self, step: str) -> Page:
        """A step of the demo coach's draft."""
        draft = self.links("/store/nova", "a[href^='/products/']")[-1]
        return self.go(f"{draft}/{step}")

    def choose_far_day(self) -> None:
        """The last free day of next month is shown: nobody else books there."""
        self.follow("More days and times")
        self.follow("Later month")
        expect(self.page.get_by_role("link", name="Earlier month")).to_be_visible()
        self.settle()
        self.page.get_by_role("link", name="free times").last.click()
        self.page.wait_for_url("**day=**")
        self.settle()

    def choose_day_in_weeks(self) -> None:
        """The first free day that is two weeks ahead is shown, so that what was held lately can still be reviewed."""
        self.follow("More days and times")
        self.settle()
        soonest = f"{datetime.now(UTC) + timedelta(days=14):%Y-%m-%d}"
        if not (day := self._first_day(soonest)):
            self.follow("Later month")
            self.settle()
            day = self._first_day(soonest)
        assert day
        day.click()
        self.page.wait_for_url("**day=**")
        self.settle()

    def _first_day(self, soonest: str) -> Locator | None:
        days = self.page.get_by_role("link", name="free times").all()
        later = (day for day in days if (day.get_attribute("href") or "").partition("day=")[2][:10] >= soonest)
        return next(later, None)

    def slots(self) -> Locator:
        """The times to choose from."""
        return self.page.locator("input[name=starts_at][type=radio]")

    def choose(self, slot: Locator) -> datetime:
        """The time is chosen; its instant comes back."""
        slot.check(force=True)  # the pill drawn over a native radio takes the pointer
        return datetime.fromisoformat(slot.get_attribute("value") or "")

    def press_booking(self) -> None:
        """Press the one button that books."""
        self.settle()
        self.page.locator("[data-book]").click()

    def send_booking(self) -> None:
        """Send the booking form by Enter in a field of it, as one can where the button that books is not in sight."""
        self.settle()
        self.page.get_by_label("Link to your track").press("Enter")

    def write_note(self, text: str) -> None:
        """Unfold the note for the coach, if it is folded, and write it."""
        fold = self.page.locator("#goals-fold")
        if fold.get_attribute("open") is None:
            fold.locator("summary").click()
        fold.locator("textarea").fill(text)

    def picture(self, name: str) -> None:
        """Pictures of the page for people to look at, when a run is asked for them: SHOTS=folder pytest -m browser."""
        if not PICTURES:
            return
        width = self.page.viewport_size["width"]
        is_dark = self.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        for scheme in ("light", "dark") if is_dark else ("dark", "light"):  # the last one is the page's own
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            path = Path(PICTURES) / f"{name}-{width}-{scheme}.png"
            self.page.screenshot(path=path, full_page=True, caret="initial")  # hiding it takes an inline style

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not EXPECTED.match(message.text):
            self.complaints.append(f"{self.page.url}: {message.text}")


# Opens a browser for one of the demo's people, or for nobody.
Visit = Callable[..., Visitor]
