"""A new visitor's first view of a product: small, few requests, nobody else's; and everything works without scripts."""

from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import Request, expect

from tests.browser.conftest import PHONE
from tests.browser.site import Site
from tests.browser.visitor import Visitor

MOST_BYTES = 40 * 1024
MOST_REQUESTS = 5


def test_the_first_view_is_small_and_asks_nobody_else(site: Site, visit: Callable[..., Visitor]) -> None:
    visitor = visit(zone="America/New_York", **PHONE)
    requests: list[Request] = []
    visitor.page.on("requestfinished", lambda request: requests.append(request))

    visitor.go(site.demo["product_path"])
    visitor.page.wait_for_load_state("networkidle")

    texts = [request for request in requests if request.resource_type != "image"]
    sizes = [(request.sizes()["responseBodySize"], request.url) for request in texts]
    assert sum(size for size, _ in sizes) <= MOST_BYTES, sizes
    assert len(texts) <= MOST_REQUESTS, sizes
    assert {urlsplit(request.url).netloc for request in requests} == {urlsplit(site.app_url).netloc}
    assert visitor.context.cookies() == []


def test_a_call_is_booked_without_scripts(site: Site, visit: Callable[..., Visitor]) -> None:
    student = visit("student2", zone="Asia/Tokyo", java_script_enabled=False, **PHONE)
    page = student.go(site.demo["product_path"])
    expect(student.slots().first).to_be_visible()

    page.get_by_role("link", name="free times").last.click()
    starts_at = student.choose(student.slots().last)
    page.get_by_label("Link to your track").fill("https://example.com/track")
    student.press_booking()

    page.wait_for_url("**/sessions/*")
    expect(page.locator(f"time[datetime^='{starts_at:%Y-%m-%dT%H:%M}']").first).to_be_visible()


def test_without_scripts_the_zone_of_the_store_is_named(site: Site, visit: Callable[..., Visitor]) -> None:
    visitor = visit(zone="Asia/Tokyo", java_script_enabled=False)
    page = visitor.go(site.demo["product_path"])
    expect(page.get_by_text("the zone of Nova Hart Studio").first).to_be_visible()

    page.get_by_role("link", name="Change zone").click()
    page.get_by_label("Your time zone").select_option("Asia/Tokyo")
    visitor.press("Show times in this zone")

    expect(page.get_by_text("Times in Tokyo")).to_be_visible()
