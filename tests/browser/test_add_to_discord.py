"""*Add to Discord* in a browser: through Discord's own page and back to where one was."""

from playwright.sync_api import expect

from tests.browser.site import Site
from tests.browser.soundness import faults
from tests.browser.visitor import PHONE, Visit

NEW_GUILD, DEMO_GUILD = "Nova's new guild", "Greenroom demo"


def test_the_last_thing_missing_is_added_from_the_wizard(site: Site, visit: Visit) -> None:
    """An account and a server by one press, with what was typed still there; then the call is published."""
    coach = visit(**PHONE)
    page = coach.go("/sign-up")
    page.get_by_label("Your name").fill("Mara Quist")
    page.get_by_label("E-mail").fill("mara@example.org")
    page.get_by_label("Password").fill("quiet rooms before noon")
    coach.press("Sign up")
    expect(page.get_by_text("Welcome, Mara Quist. This site sends no mail.")).to_be_visible()
    coach.go("/stores/new")
    page.get_by_label("Name", exact=True).fill("Quist")
    expect(page.get_by_label("Address")).to_have_value("quist")
    coach.press("Open the store")
    coach.picture("store-home-without-server")
    coach.go("/store/quist/products/coaching-call/create")
    coach.press("Save and go on")
    page.get_by_label("Title").fill("Ear training")
    page.get_by_label("Minutes").fill("30")
    page.get_by_label("Price").fill("20")
    coach.press("Save and go on")
    coach.press("Save and go on")
    expect(page.locator("#wizard-step")).to_contain_text("Choose the Discord server")
    page.get_by_label("How students pay you").fill("In cash.")

    coach.press("Add to Discord")
    coach.picture("sandbox-add-to-server")
    coach.add_to_server("owner", NEW_GUILD)

    expect(page.get_by_text(f"Rooms of Quist are made on {NEW_GUILD} now.")).to_be_visible()
    expect(page.get_by_label("How students pay you")).to_have_value("In cash.")
    coach.picture("wizard-with-server")
    assert faults(page) == []
    coach.press("Save and publish")
    expect(page.get_by_role("link", name="See it in your store")).to_be_visible()


def test_without_scripts_the_bot_is_added_again(site: Site, visit: Visit) -> None:
    coach = visit("coach", java_script_enabled=False)
    page = coach.go("/store/nova/guild")
    page.get_by_text("Use another server").click()
    coach.press("Add to Discord")
    coach.add_to_server("coach", DEMO_GUILD)
    expect(page).to_have_url(f"{site.app_url}/store/nova/guild")
    expect(page.get_by_text(f"The bot is on {DEMO_GUILD}, with every right it needs.")).to_be_visible()
