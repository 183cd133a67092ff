"""Without scripts: a creator makes a call, a student books it."""

from playwright.sync_api import expect

from tests.browser.site import Site
from tests.browser.soundness import too_wide
from tests.browser.visitor import PHONE, Visit

LONG_NAME = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunt."
LONG_TITLE = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetzesbesprechungen."


def test_a_call_is_booked_without_scripts(site: Site, visit: Visit) -> None:
    student = visit("student2", zone="Asia/Tokyo", java_script_enabled=False, **PHONE)
    page = student.go(site.demo["product_path"])
    expect(student.slots().first).to_be_visible()

    student.choose_far_day()
    starts_at = student.choose(student.slots().last)
    page.get_by_label("Link to your track").fill("https://example.com/track")
    student.press_booking()

    page.wait_for_url("**/sessions/*")
    expect(page.locator(f"time[datetime^='{starts_at:%Y-%m-%dT%H:%M}']").first).to_be_visible()


def test_without_scripts_a_refused_form_opens_on_the_reason(site: Site, visit: Visit) -> None:
    stranger = visit("stranger", java_script_enabled=False, **PHONE)
    page = stranger.go(site.demo["product_path"])
    stranger.send_booking()
    expect(page.get_by_text("Choose a time.", exact=True).first).to_be_in_viewport()

    stranger.choose(stranger.slots().last)
    page.get_by_label("Link to your track").fill("https://example.com/track")
    stranger.send_booking()
    expect(page.get_by_text("Connect your Discord account first")).to_be_in_viewport()


def test_without_scripts_the_zone_of_the_store_is_named(site: Site, visit: Visit) -> None:
    visitor = visit(zone="Asia/Tokyo", java_script_enabled=False)
    page = visitor.go(site.demo["product_path"])
    expect(page.get_by_text("the zone of Nova Hart Studio").first).to_be_visible()

    page.get_by_role("link", name="Change zone").click()
    page.get_by_label("Your time zone").select_option("Asia/Tokyo")
    visitor.press("Show times in this zone")

    expect(page.get_by_text("Times in Tokyo")).to_be_visible()


def test_a_call_with_long_words_is_made_without_scripts(site: Site, visit: Visit) -> None:
    coach = visit(java_script_enabled=False)
    page = coach.go("/sign-up")
    page.get_by_label("Your name").fill(LONG_NAME)
    page.get_by_label("E-mail").fill("long@example.org")
    page.get_by_label("Password").fill("quiet rooms before noon")
    coach.press("Sign up")
    coach.go("/stores/new")
    page.get_by_label("Name", exact=True).fill(LONG_NAME)
    page.get_by_label("Address").fill("long")
    page.get_by_label("Time zone", exact=True).select_option("Europe/Berlin")
    coach.press("Open the store")

    coach.go("/store/long/products/coaching-call/create")
    coach.press("Save and go on")
    page.get_by_label("Title").fill(LONG_TITLE)
    page.get_by_label("Description").fill(LONG_TITLE)
    page.get_by_label("Minutes").fill("480")
    page.get_by_label("Price").fill("9999.99")
    page.get_by_label("Phone").check(force=True)
    coach.press("Add a question")
    page.get_by_label("Question", exact=True).fill(LONG_TITLE)
    coach.press("Save and go on")
    coach.press("Add hours on Sunday")
    page.get_by_label("Monday until").fill("22:00")
    coach.press("Save and go on")
    page.get_by_label("How students pay you").fill(LONG_TITLE)
    coach.press("Save and publish")
    address = page.get_by_role("link", name="See it in your store").get_attribute("href") or ""

    narrow = visit("student2", **{**PHONE, "viewport": {"width": 360, "height": 740}})
    narrow.go("/s/long")
    assert too_wide(narrow.page) == []
    narrow.page.goto(address)
    assert too_wide(narrow.page) == []
    narrow.choose(narrow.slots().first)
    narrow.page.get_by_label(LONG_TITLE).fill(LONG_TITLE)
    narrow.page.get_by_label("Your phone number").fill("+81 3 0000 0000")
    narrow.press_booking()
    narrow.page.wait_for_url("**/sessions/*")
    assert too_wide(narrow.page) == []
    narrow.picture("session-long-words")
    narrow.go("/dashboard")
    assert too_wide(narrow.page) == []


def test_without_scripts_and_pointer_an_admin_reads_times_in_utc_too(visit: Visit) -> None:
    page = visit("admin", java_script_enabled=False, **PHONE).go("/admin/runs")
    started = page.locator("table time").first
    beside = "time => getComputedStyle(time, '::after').content"
    assert started.evaluate(beside) == "none"
    page.get_by_label("UTC beside each").check()
    assert started.evaluate(beside) == f'"{started.get_attribute("title")}"'
    assert not too_wide(page)


def test_without_scripts_whoever_opens_a_folder_has_seen_it(visit: Visit) -> None:
    student = visit("student", java_script_enabled=False)
    coach = visit("coach", java_script_enabled=False)
    past = "details a[href^='/sessions/']"
    of_student, of_coach = student.links("/dashboard", past), coach.links("/dashboard", past)
    folders = [link.partition("#")[0] + "/folder" for link in of_student if link in of_coach]
    add = coach.page.locator("summary", has_text="Add a task")
    folder = next(folder for folder in folders if coach.go(folder) and add.count())
    picture = "noscript img[src*='/visit']"
    add.click()
    coach.page.locator("#task").fill("Bounce the bridge alone")
    coach.press("Add the task")
    with student.page.expect_response("**/visit?*") as seen:
        expect(student.go(folder).locator(picture)).to_have_count(1)
    assert seen.value.status == 204
    expect(student.go(folder).locator(picture)).to_have_count(0)
