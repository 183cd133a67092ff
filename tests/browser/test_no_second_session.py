"""However often a booking is sent, one session comes of it."""

from playwright.sync_api import Route, expect

from tests.browser.visitor import Visit, Visitor


def test_a_double_click_leads_to_one_session(visit: Visit) -> None:
    student = visit("student")
    before = student.sessions()
    get_ready(student)

    student.page.locator("[data-book]").dblclick()

    student.page.wait_for_url("**/sessions/*")
    assert len(student.sessions() - before) == 1


def test_a_double_click_without_scripts_leads_to_one_session(visit: Visit) -> None:
    student = visit("student", java_script_enabled=False)
    before = student.sessions()
    get_ready(student)

    student.page.locator("[data-book]").dblclick(no_wait_after=True)

    student.page.wait_for_url("**/sessions/*")
    assert len(student.sessions() - before) == 1


def test_going_back_and_sending_again_leads_to_one_session(visit: Visit) -> None:
    student = visit("student")
    before = student.sessions()
    get_ready(student)
    student.press_booking()
    student.page.wait_for_url("**/sessions/*")

    student.page.go_back()
    expect(student.page.get_by_role("heading", name="Choose a time")).to_be_visible()
    expect(student.page.locator("html")).to_contain_text("Nova Hart Studio")
    student.send_booking()
    student.settle()

    assert len(student.sessions() - before) == 1


def test_going_back_without_scripts_and_sending_again_leads_to_the_same_session(visit: Visit) -> None:
    student = visit("student", java_script_enabled=False)
    before = student.sessions()
    get_ready(student)
    student.press_booking()
    student.page.wait_for_url("**/sessions/*")

    student.page.go_back()
    student.send_booking()
    student.settle()

    assert len(student.sessions() - before) == 1


def test_a_retry_after_a_lost_answer_leads_to_the_same_session(visit: Visit) -> None:
    student = visit("student")
    before = student.sessions()
    get_ready(student)
    lost: list[str] = []

    def lose_the_first_answer(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch(max_redirects=0).headers["location"])
        route.abort()

    student.page.route("**/s/*/*/sessions", lose_the_first_answer)
    student.press_booking()
    expect(student.page.get_by_text("No answer from the server.")).to_be_visible()
    student.press_booking()

    student.page.wait_for_url("**/sessions/*")
    assert student.page.url.endswith(lost[0])
    assert student.sessions() - before == {lost[0]}
    student.complaints.clear()  # the browser and htmx say themselves that the answer was lost


def get_ready(student: Visitor) -> None:
    """On the demo's product, a time of a far day is chosen and the form filled in."""
    student.go(student.site.demo["product_path"])
    student.choose_far_day()
    student.choose(student.slots().first)
    student.page.get_by_label("Link to your track").fill("https://example.com/track")
