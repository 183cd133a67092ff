"""The sandbox's pages in a browser: sound on a phone and on a desk, and orders given with the keyboard."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from sandbox import seed
from tests.browser.soundness import faults

pytestmark = pytest.mark.browser

GUILD = f"/guilds/{seed.GUILD_ID}"
PAGES = {"servers": "/", "guild": GUILD, "trouble": f"{GUILD}/trouble"}
LOOKS: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
    "desk": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
}


@pytest.fixture(params=LOOKS)
def page(request, browser: Browser, served, discord):
    """A browser's page that finds something on every list; nothing in it may complain."""
    discord.access_token(seed.STUDENT_ID)
    discord.control("/member", guild_id=seed.GUILD_ID, user_id=seed.STUDENT2_ID, action="leave")
    talk = discord.made("POST", "/users/@me/channels", {"recipient_id": seed.OWNER_ID})["id"]
    link = {"type": 2, "style": 5, "label": "Open " * 16, "url": "https://greenroom.example/sessions/kxvbq"}
    words = {"content": f"Booked: {'a' * 100} https://greenroom.example/{'a' * 100}"}
    discord.made("POST", f"/channels/{talk}/messages", {**words, "components": [{"type": 1, "components": [link] * 5}]})
    for kind in ("drop_after", "429_cloudflare"):
        discord.control("/faults", kind=kind, route="/guilds/*/channels", method="POST")
    with browser.new_context(base_url=served, **LOOKS[request.param]) as context:
        new_page = context.new_page()
        complaints: list[str] = []
        new_page.on("console", lambda message: complaints.append(message.text))
        yield new_page
    assert [complaint for complaint in complaints if "422" not in complaint] == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_sound(page, name):
    page.goto(PAGES[name])
    assert faults(page) == []


def test_an_order_is_given_refused_and_called_off_with_the_keyboard(page):
    page.goto(PAGES["trouble"])
    page.get_by_label("What goes wrong").select_option(label="An overwrite edit is lost unseen")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Order it").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("can lose an edit")
    assert faults(page) == []
    page.get_by_label("At which call").select_option(label="Set one overwrite")
    page.get_by_role("button", name="Order it").press("Enter")
    expect(page.get_by_role("status")).to_have_text("Ordered. It waits for its call.")
    page.get_by_role("button", name="Call off An overwrite edit is lost unseen").press("Enter")
    expect(page.get_by_role("status")).to_have_text("Called off.")
    expect(page.get_by_text("Set one overwrite, once")).to_have_count(0)
