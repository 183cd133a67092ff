"""Every page as somebody meets it, on a phone in the light and on a wide screen in the dark."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.site import Site
from tests.browser.soundness import faults, look_often
from tests.browser.visitor import DESK, PHONE, Visitor

PAGES = {
    "landing.show": (None, "/"),
    "sign-in": (None, "/sign-in"),
    "sign-up": (None, "/sign-up"),
    "forgotten-password": (None, "/forgotten-password"),
    "reset-link-over": (None, "/reset-password/not-a-link"),
    "nothing-here": (None, "/s/nobody-has-this-store"),
    "store": (None, "/s/nova"),
    "directory": (None, "/coaches"),
    "coach": (None, "/coaches/nova-hart"),
    "product-nothing": (None, "/s/nova/no-such-call"),
    "product": (None, "{product}"),
    "product-zones": (None, "{product}?zones=all"),
    "product-free": (None, "/s/okafor/replay-review"),
    "product-not-connected": ("stranger", "{product}"),
    "dashboard-empty": ("stranger", "/dashboard"),
    "settings-not-connected": ("stranger", "/settings"),
    "store-new": ("stranger", "/stores/new"),
    "product-verified": ("student", "{product}"),
    "dashboard-student": ("student", "/dashboard"),
    "settings-verified": ("student", "/settings"),
    "own-data": ("student", "/settings/data"),
    "own-data-over": ("student", "/settings/data/file"),
    "deletion": ("coach", "/settings/deletion"),
    "messages-student": ("student", "/settings/messages"),
    "messages-coach": ("coach", "/settings/messages"),
    "messages-not-connected": ("stranger", "/settings/messages"),
    "confirm": ("student", "/confirm"),
    "second-factor": ("student", "/settings/second-factor"),
    "other-account": ("stranger", "/settings/merging/other-account"),
    "merging": ("student", "{merging}"),
    "merging-obstacles": ("coach", "{merging}"),
    "merging-nothing": ("stranger", "/settings/merging"),
    "merging-link-over": (None, "/settings/merging/link/not-a-link"),
    "session-student": ("student", "{session}"),
    "session-student-over": ("student", "{past}"),
    "cancellation-student": ("student", "{session}/cancellation"),
    "coming": ("student", "{session}/coming"),
    "lateness": ("student", "{session}/lateness"),
    "folder": ("student", "{past}/folder"),
    "review": ("student", "{past}/review"),
    "reviews-of-product": (None, "{product}/reviews"),
    "reviews-received": ("coach", "/dashboard/reviews"),
    "reviews-nothing": ("stranger", "/dashboard/reviews"),
    "students": ("coach", "/students"),
    "student": ("coach", "{student}"),
    "message-to-coach": ("coach", "/s/okafor/replay-review/message"),  # whose calls they have missed
    "dashboard-coach": ("coach", "/dashboard"),
    "coach-own": ("coach", "/coaches/nova-hart"),
    "coach-edit": ("coach", "/dashboard/page"),
    "calendars": ("coach", "/dashboard/calendars"),
    "receipts": ("student", "/receipts"),
    "receipt": ("student", "{receipt}"),
    "payments": ("coach", "/dashboard/payments"),
    "session-coach": ("coach", "{session}"),
    "session-coach-over": ("coach", "{past}"),
    "cancellation-coach": ("coach", "{session}/cancellation"),
    "proposals": ("coach", "{session}/proposals"),
    "invitation-choose": ("coach", "/invitations/new"),
    "invitation-over": (None, "/i/not-a-link"),
    "store-home": ("coach", "/store/nova"),
    "store-settings": ("coach", "/store/nova/settings"),
    "store-receipts": ("coach", "/store/nova/receipts"),
    "store-guild": ("coach", "/store/nova/guild"),
    "codes": ("coach", "/store/nova/codes"),
    "code-new": ("coach", "/store/nova/codes/new"),
    "extras": ("coach", "{published}/extras"),
    "extra-new": ("coach", "{published}/extras/new"),
    "store-payments": ("coach", "/store/nova/payments"),
    "partners": ("coach", "/store/nova/partners"),
    "partner-new": ("coach", "/store/nova/partners/new"),
    "server-check": ("coach", "/store/nova/server-check"),
    "schedules": ("coach", "/dashboard/schedules"),
    "schedules-nothing": ("stranger", "/dashboard/schedules"),
    "schedule-new": ("coach", "/dashboard/schedules/new"),
    "schedule-week": ("coach", "{schedule}"),
    "schedule-days": ("coach", "{schedule}/days"),
    "schedule-zone": ("coach", "{schedule}/zone?zone=America/New_York"),
    "schedule-check": ("coach", "{schedule}/check?on=2028-02-29&at=03:00"),
    "schedule-copy": ("coach", "{schedule}/copy"),
    "schedule-removal": ("coach", "{schedule}/removal"),
    "store-as-owner": ("coach", "/s/nova"),
    "product-as-owner": ("coach", "{product}"),
    "wizard-create": ("coach", "/store/nova/products/coaching-call/create"),
    "wizard-thumbnail": ("coach", "{published}/thumbnail"),
    "wizard-checkout": ("coach", "{published}/checkout"),
    "wizard-availability": ("coach", "{published}/availability"),
    "wizard-options": ("coach", "{published}/options"),
    "wizard-published": ("coach", "{published}/publication"),
    "wizard-draft-thumbnail": ("coach", "{draft}/thumbnail"),
    "wizard-draft-checkout": ("coach", "{draft}/checkout"),
    "wizard-draft-availability": ("coach", "{draft}/availability"),
    "wizard-draft-options": ("coach", "{draft}/options"),
    "admin": ("admin", "/admin"),
    "admin-stores": ("admin", "/admin/stores"),
    "admin-people": ("admin", "/admin/people"),
    "admin-person": ("admin", "/admin/people/1"),
    "admin-suspension": ("admin", "/admin/people/1/suspension"),
    "admin-coaches": ("admin", "/admin/coaches"),
    "admin-coach": ("admin", "/admin/coaches/1"),
    "admin-application": ("admin", "/admin/applications/1"),
    "admin-coach-links": ("admin", "/admin/coach-invitations"),
    "coach-link-over": (None, "/coach-invitations/not-a-link"),
    "admin-payments": ("admin", "/admin/payment-accounts"),
    "admin-site-account": ("admin", "/admin/stores/okafor/site-account"),
    "admin-money": ("admin", "/admin/money"),
    "unbooked-payments": ("coach", "/dashboard/unbooked-payments"),
    "admin-sessions": ("admin", "/admin/sessions"),
    "admin-rooms": ("admin", "/admin/rooms"),
    "admin-rooms-due": ("admin", "/admin/rooms?show=due"),
    "admin-rooms-removed": ("admin", "/admin/rooms?show=removed"),
    "admin-places": ("admin", "/admin/rooms?show=places"),
    "admin-room": ("admin", "{room}"),
    "admin-orphans": ("admin", "/admin/orphans"),
    "admin-reviews": ("admin", "/admin/reviews"),
    "admin-runs": ("admin", "/admin/runs"),
    "admin-doctor": ("admin", "/admin/doctor"),
    "admin-messages": ("admin", "/admin/messages"),
    "admin-security": ("admin", "/admin/security"),
    "admin-security-of-one": ("admin", "/admin/security?person=%231"),
    "admin-sign-ins": ("admin", "/admin/people/1/sign-ins"),
    "session-admin": ("admin", "{session}"),
}


# Sent as they are, these forms are refused; nothing is kept.
REFUSED = {
    "sign-in": (None, "/sign-in", "Sign in"),
    "sign-up": (None, "/sign-up", "Sign up"),
    "forgotten-password": (None, "/forgotten-password", "Ask for a link"),
    "product": (None, "{product}", ""),  # there is no button before a time is chosen, but Enter sends it
    "store-new": ("stranger", "/stores/new", "Open the store"),
    "settings-password": ("student", "/settings", "Set the password"),
    "settings-address": ("student", "/settings", "Ask for a link"),
    "other-account": ("stranger", "/settings/merging/other-account", "Go on with its password"),
    "wizard-checkout": ("coach", "{draft}/checkout", "Save and go on"),
    "calendars": ("coach", "/dashboard/calendars", "Add calendar"),
    "store-payments": ("coach", "/store/nova/payments", "Try and keep this key"),
}
STATUSES = {
    "invitation-over": 410,
    "own-data-over": 410,
    "reset-link-over": 410,
    "nothing-here": 404,
    "product-nothing": 404,
    "merging-link-over": 410,
    "coach-link-over": 410,
}
LOOKS: dict[str, dict[str, Any]] = {
    "phone": {**PHONE, "color_scheme": "light"},
    "desk": {**DESK, "color_scheme": "dark"},
}


@pytest.mark.parametrize("name", PAGES)
def test_it_is_sound(name: str, audience: "Audience") -> None:
    person, address = PAGES[name]
    visitor = audience.visitor(person)
    if "{merging}" in address:
        audience.claim(person, other="stranger" if person == "student" else "student2")

    visitor.go(audience.address(address))
    assert visitor.status == STATUSES.get(name, 200)

    visitor.picture(name)
    visitor.unfold()
    assert [*faults(visitor.page), *visitor.complaints] == []


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_sound_with_what_is_wrong(name: str, audience: "Audience") -> None:
    person, address, button = REFUSED[name]
    visitor = audience.visitor(person)
    visitor.go(audience.address(address))
    visitor.unfold()

    if button:
        visitor.press(button)
    else:
        visitor.send_booking()
    expect(visitor.page.locator(".notice.bad, .message").first).to_be_visible()
    visitor.settle()

    visitor.picture(f"{name}-refused")
    assert [*faults(visitor.page), *visitor.complaints] == []


class Audience:
    """People who look at pages, each with one browser for all of them."""

    def __init__(self, site: Site, browser: Browser, look: dict[str, Any]) -> None:
        self._site, self._browser, self._look = site, browser, look
        self._visitors: dict[str | None, Visitor] = {}

    def visitor(self, person: str | None) -> Visitor:
        """The person's browser, signed in, with no complaints so far."""
        if person not in self._visitors:
            context = self._browser.new_context(timezone_id="America/New_York", locale="en-GB", **self._look)
            look_often(context)
            visitor = Visitor(self._site, context)
            self._visitors[person] = visitor.sign_in(person) if person else visitor
        self._visitors[person].complaints.clear()
        return self._visitors[person]

    def claim(self, person: str | None, other: str) -> None:
        """The person has shown that the other account is theirs, too. It is never merged: other tests need both."""
        credentials = {name: self._site.demo["people"][other][name] for name in ("email", "password")}
        assert self.visitor(person).post("/settings/merging/other-account", credentials).status == 303

    def address(self, pattern: str) -> str:
        """The path with the demo's own codes in it."""
        return pattern.format(
            **self._places, merging="/settings/merging", room=self._room if "{room}" in pattern else ""
        )

    @cached_property
    def _places(self) -> dict[str, str]:
        sessions = self.visitor("student").links("/dashboard", ".rows a[href^='/sessions/']")
        products = self.visitor("coach").links("/store/nova", "a[href^='/products/']")
        return {
            "product": self._site.demo["product_path"],
            "session": sessions[0],
            "past": sessions[-1],
            "receipt": self.visitor("student").links("/receipts", "tbody a")[0],
            "student": self.visitor("coach").links("/students", "tbody a")[0],
            "published": products[0],
            "draft": products[-1],
            "schedule": self.visitor("coach").links("/dashboard/schedules", ".rows a[href^='/dashboard/schedules/']")[
                0
            ],
        }

    @cached_property
    def _room(self) -> str:
        """A room that was opened by hand, and went with its session."""
        student = self.visitor("student")
        student.go(self._places["product"])
        student.choose_far_day()
        student.choose(student.slots().last)
        student.press_booking()
        student.page.wait_for_url("**/sessions/*")
        session = student.page.url.removeprefix(self._site.app_url)
        coach = self.visitor("coach")
        assert coach.post(f"{session}/room/opening", {}).status == 303
        self._site.tick()
        assert coach.post(f"{session}/cancellation", {}).status == 303
        self._site.tick()
        return self.visitor("admin").links(f"/admin/rooms?search={session.split('/')[-1]}", "tbody a")[0]

    def leave(self) -> None:
        for visitor in self._visitors.values():
            visitor.context.close()


@pytest.fixture(scope="module", params=["phone", pytest.param("desk", marks=pytest.mark.wide)])
def audience(request: pytest.FixtureRequest, site: Site, browser: Browser) -> Iterator[Audience]:
    """Everybody, on a phone or at a desk."""
    audience = Audience(site, browser, LOOKS[request.param])
    yield audience
    audience.leave()
