"""The whole story in a real browser: from signing up as a creator to a room that has come, let two in, and gone."""

import io
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.site import Site
from tests.browser.visitor import PHONE, Visit, Visitor

# Accounts of the sandbox nobody of the demo uses here. The newcomer is not in the guild yet.
COACH, STUDENT, BYSTANDER = "stranger", "newcomer", "student2"
GOALS = "A chorus that lifts.\nAnd a bass one can hear."
PASSWORD = "quiet rooms before noon"
BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
A_MINUTE = timedelta(minutes=1)
TITLE = "Arrangement surgery"


@pytest.fixture(autouse=True)
def clock_put_back(site: Site) -> Iterator[None]:
    """The demo's clock is right again for whoever comes after."""
    yield
    site.reset_clock()


def test_from_a_new_store_to_a_room_that_has_gone(site: Site, visit: Visit) -> None:
    coach = visit(zone="Europe/Berlin")
    open_store(coach)
    link_own_account(coach)
    ask_for_the_sites_guild(coach)
    lend_the_sites_guild(visit("admin"))
    address = sell_a_call(coach)

    student = visit(zone="America/New_York", locale="en-US", **PHONE)
    starts_at = fill_in_before_signing_up(student, address)
    sign_up_with_everything_kept(student, starts_at)
    link_with_everything_kept(student, starts_at)
    session = book(student, starts_at)

    see_the_room_come_and_go(site, coach, student, session, starts_at)


def test_a_cancelled_session_loses_its_room(site: Site, visit: Visit) -> None:
    student = visit("student", zone="America/New_York", **PHONE)
    student.go(site.demo["product_path"])
    starts_at = student.choose(student.slots().last)
    student.press_booking()
    student.page.wait_for_url("**/sessions/*")
    site.clock_to(starts_at - 10 * A_MINUTE)
    (room,) = site.rooms()
    assert account(site, "student") in site.rooms()[room]

    student.follow("Cancel this session")
    student.press("Cancel this session")

    expect(student.page.get_by_text("Cancelled by you")).to_be_visible()
    expect(student.page.get_by_text("There is no room for a cancelled session.")).to_be_visible()
    site.tick()
    assert site.rooms() == {}


def open_store(coach: Visitor) -> None:
    """A creator signs up and opens a store."""
    coach.go("/")
    coach.follow("Open a store")
    sign_up(coach, "Vera Lind", "vera@example.org")
    coach.go("/stores/new")
    coach.page.get_by_label("Name", exact=True).fill("Lind & Daughters")
    expect(coach.page.get_by_label("Address")).to_have_value("lind-daughters")
    expect(coach.page.get_by_label("Time zone")).to_have_value("Europe/Berlin")
    coach.page.get_by_label("Violet").check(force=True)
    coach.picture("store-new-filled")
    coach.press("Open the store")
    expect(coach.page.get_by_role("heading", level=1)).to_have_text("Lind & Daughters")


def sign_up(visitor: Visitor, name: str, email: str) -> None:
    visitor.page.get_by_label("Your name").fill(name)
    visitor.page.get_by_label("E-mail").fill(email)
    visitor.page.get_by_label("Password").fill(PASSWORD)
    visitor.press("Sign up")


def link_own_account(coach: Visitor) -> None:
    """The creator's Discord account is linked on the consent page."""
    coach.unfold()
    coach.press("Connect Discord")
    coach.consent(COACH)
    expect(coach.page.get_by_text("that your account")).to_contain_text("stranger")


def ask_for_the_sites_guild(coach: Visitor) -> None:
    """The account may not manage the site's own guild, so its creator asks to use it."""
    coach.go("/store/lind-daughters/guild")
    coach.unfold()
    coach.press("Use this server")
    expect(coach.page.get_by_label("Server id")).to_have_attribute("aria-invalid", "true")
    coach.picture("store-guild-refused")
    coach.press("Ask to use this site’s server")
    expect(coach.page.get_by_text("An admin decides")).to_be_visible()


def lend_the_sites_guild(admin: Visitor) -> None:
    """An admin of the site agrees."""
    admin.go("/admin/stores")
    admin.picture("admin-stores-asking")
    admin.press("Let Lind & Daughters use it")
    expect(admin.page.get_by_text("Nobody asks")).to_be_visible()


def sell_a_call(coach: Visitor) -> str:
    """Four steps, each its own address; the address of the published call comes back."""
    coach.go("/store/lind-daughters")
    coach.follow("Make a coaching call")
    coach.page.get_by_label("Picture", exact=True).set_input_files(
        {"name": "cover.png", "mimeType": "image/png", "buffer": a_picture()}
    )
    expect(coach.page.locator("#picked-picture")).to_be_visible()
    coach.picture("wizard-create-picked")
    coach.press("Save and go on")

    describe(coach)
    coach.press("Save and go on")

    set_hours(coach)
    coach.press("Save and go on")

    coach.page.get_by_label("How students pay you").fill("In cash, when we meet.")
    coach.press("Save and publish")
    link = coach.page.get_by_role("link", name="See it in your store")
    expect(link).to_be_visible()
    coach.picture("wizard-published")
    return (link.get_attribute("href") or "").removeprefix(coach.site.app_url)


def describe(coach: Visitor) -> None:
    """Step 2: the preview follows what is typed."""
    page = coach.page
    expect(page).to_have_url(re.compile("/checkout$"))
    page.get_by_label("Title").fill(TITLE)
    expect(page.locator("#product-preview")).to_contain_text("Arrangement surgery")
    page.get_by_label("Description").fill("Bring a **song**.\n\n- we cut\n- we listen")
    page.get_by_label("Minutes").fill("45")
    page.get_by_label("Price").fill("60")
    coach.press("Add a length")
    page.get_by_label("Minutes").nth(1).fill("90")
    page.get_by_label("Price").nth(1).fill("110.50")
    expect(page.locator("#product-preview")).to_contain_text("€60")
    coach.press("Add a question")
    page.get_by_label("Question", exact=True).fill("What is the song called?")
    page.get_by_label("Students have to answer").check()
    coach.press("Add a question")
    page.get_by_label("Question", exact=True).nth(1).fill("Which program?")
    page.get_by_label("Answer", exact=True).nth(1).select_option("choice")
    page.get_by_label("Choices, one per line").nth(1).fill("Reaper\nBitwig\nAnother")
    coach.press("Move question 2 up")
    expect(page.get_by_label("Question", exact=True).first).to_have_value("Which program?")
    coach.picture("wizard-checkout-filled")


def set_hours(coach: Visitor) -> None:
    """Step 3: hours by a preset and by hand, rules, and when the room comes and goes."""
    page = coach.page
    expect(page).to_have_url(re.compile("/availability$"))
    expect(page.get_by_label("Time zone of these hours")).to_have_value("Europe/Berlin")
    expect(page.get_by_label("Monday from")).to_have_value("09:00")
    coach.press("Evenings 18–21")
    expect(page.get_by_label("Monday from").nth(1)).to_have_value("18:00")
    coach.press("Add hours on Saturday")
    page.get_by_label("Saturday from").fill("10:00")
    page.get_by_label("Saturday until").fill("14:00")
    expect(page.locator("#rules-line")).to_contain_text("Starts every 45 min")
    coach.unfold()
    page.get_by_label("Notice").select_option("120")
    page.get_by_label("Break after").select_option("15")
    page.locator("input[name=timing][value=own]").check(force=True)
    for name, minutes in (("make", 40), ("open", 20), ("close", 10), ("remove", 30)):
        page.locator(f"#{name}_minutes").fill(str(minutes))
    expect(page.locator("#room-life")).to_contain_text("17:40")
    expect(page.locator("#rules-line")).to_contain_text("2 h notice")
    coach.picture("wizard-availability-filled")


def fill_in_before_signing_up(student: Visitor, address: str) -> datetime:
    """A newcomer from another zone picks a time and answers, and is then asked who they are."""
    page = student.go(address)
    expect(page.get_by_text(re.compile("Times in New York"))).to_be_visible()
    starts_at = student.choose(student.slots().first)
    label = student.slots().first.locator("..").inner_text().strip()
    assert label == american(starts_at)
    assert starts_at.astimezone(BERLIN).hour in (*range(9, 17), 18, 19, 20)
    page.get_by_label("Bitwig").check()
    page.get_by_label("What is the song called?").fill("Paper Lanterns")
    student.write_note(GOALS)
    student.picture("product-filled-in")
    student.press("Sign in by e-mail")
    page.wait_for_url("**/sign-in?**")
    return starts_at


def sign_up_with_everything_kept(student: Visitor, starts_at: datetime) -> None:
    student.page.get_by_role("main").get_by_role("link", name="Sign up").click()
    sign_up(student, "Noor Haddad", "noor@example.org")
    expect_everything_kept(student, starts_at)


def link_with_everything_kept(student: Visitor, starts_at: datetime) -> None:
    """Linking joins the newcomer to the guild, and comes back to the form as it was."""
    newcomer = account(student.site, STUDENT)
    assert newcomer not in student.site.members()
    expect(student.page.locator("#discord-card")).to_contain_text("Connect Discord")
    student.picture("product-card-not-connected")
    student.press("Connect Discord")
    student.consent(STUDENT)
    assert newcomer in student.site.members()
    expect_everything_kept(student, starts_at)
    student.picture("product-card-verified")


def expect_everything_kept(student: Visitor, starts_at: datetime) -> None:
    page = student.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Arrangement surgery")
    expect(page.locator(f"input[name=starts_at][value='{starts_at:%Y-%m-%dT%H:%M:%SZ}']")).to_be_checked()
    expect(page.get_by_label("Bitwig")).to_be_checked()
    expect(page.get_by_label("What is the song called?")).to_have_value("Paper Lanterns")
    expect(page.get_by_label("What do you want to get out of this call?")).to_have_value(GOALS)


def book(student: Visitor, starts_at: datetime) -> str:
    """The session's lasting address, which says when it is, here and there."""
    student.press_booking()
    page = student.page
    page.wait_for_url("**/sessions/*")
    expect(page.get_by_text("The time is yours.").first).to_be_visible()
    expect(page.get_by_text(american(starts_at)).first).to_be_visible()
    expect(page.get_by_text(re.compile(f"For Vera Lind: .*{american(starts_at, BERLIN)}"))).to_be_visible()
    student.picture("session-student-booked")
    return page.url.removeprefix(student.site.app_url)


def american(instant: datetime, zone: ZoneInfo = NEW_YORK) -> str:
    """What a clock shows to somebody whose browser speaks American English."""
    there = instant.astimezone(zone)
    return f"{there.hour % 12 or 12}:{there:%M}\u00a0{'am' if there.hour < 12 else 'pm'}"


def see_the_room_come_and_go(site: Site, coach: Visitor, student: Visitor, session: str, starts_at: datetime) -> None:
    """One minute before each threshold and on it: who sees the room, and what the two read on their page."""
    ends_at = starts_at + 45 * A_MINUTE
    made_at, opens_at = starts_at - 40 * A_MINUTE, starts_at - 20 * A_MINUTE
    closes_at, removed_at = ends_at + 10 * A_MINUTE, ends_at + 30 * A_MINUTE
    nobody, the_two = set[str](), {account(site, COACH), account(site, STUDENT)}
    for name, instant, seen_by, words in (
        ("before-made", made_at - A_MINUTE, None, "Room opens in"),
        ("hidden", made_at, nobody, "Room opens in"),
        ("before-open", opens_at - A_MINUTE, nobody, "Room opens in"),
        ("open", opens_at, the_two, "Call starts in"),
        ("on-now", starts_at, the_two, "On now"),
        ("before-closed", closes_at - A_MINUTE, the_two, "Over"),
        ("closed", closes_at, nobody, "How it went"),
        ("before-removed", removed_at - A_MINUTE, nobody, "How it went"),
        ("removed", removed_at, None, "How it went"),
    ):
        site.clock_to(instant)
        expect_room(site, seen_by)
        for visitor, role in ((student, "student"), (coach, "coach")):
            page = visitor.go(session)
            expect(page.get_by_text(words).first).to_be_visible()
            expect(page.get_by_role("link", name="Open in Discord")).to_have_count(1 if seen_by == the_two else 0)
            visitor.picture(f"session-{role}-{name}")
        if name == "open":
            look_at_the_guild(coach, {STUDENT, COACH, "greenroom"}, {BYSTANDER, "coach"})


def look_at_the_guild(visitor: Visitor, seeing: set[str], blind: set[str]) -> None:
    """The sandbox's page of the guild through everybody's eyes; the one who may enters the room."""
    site = visitor.site
    (room,) = site.rooms(TITLE)
    channel = visitor.page.locator(f"[data-channel='{room}']")
    for username in blind | seeing:
        visitor.page.goto(f"{site.sandbox_url}/guilds/{site.demo['guild_id']}?as={account(site, username)}")
        expect(channel).to_have_count(1 if username in seeing else 0)
        visitor.picture(f"sandbox-guild-as-{username}")
    visitor.page.goto(f"{site.sandbox_url}/guilds/{site.demo['guild_id']}?as={account(site, STUDENT)}")
    channel.get_by_role("button", name="Enter voice").click()
    expect(channel.get_by_role("list", name="now")).to_contain_text("Lee Marsh")
    expect(channel).to_contain_text("A chorus that lifts.")
    # Whoever stays inside keeps the room open, which is another story (tests/rooms/test_talks.py).
    channel.get_by_role("button", name="Leave voice").click()
    expect(channel.get_by_role("button", name="Enter voice")).to_be_visible()


def expect_room(site: Site, seen_by: set[str] | None) -> None:
    """One room, which exactly these people, the bot and the guild's owner see; or no room at all."""
    rooms, guild = site.rooms(TITLE), site.guild()
    if seen_by is None:
        assert rooms == {}
        return
    (visible_to,) = rooms.values()
    assert visible_to == seen_by | {guild["bot_id"], guild["owner_id"]}
    assert account(site, BYSTANDER) not in visible_to


def account(site: Site, username: str) -> str:
    """Somebody's id in the sandbox."""
    return site.people()[username]


def a_picture() -> bytes:
    """A wide picture, as a phone takes it."""
    file = io.BytesIO()
    Image.linear_gradient("L").resize((1600, 900)).convert("RGB").save(file, "PNG")
    return file.getvalue()
