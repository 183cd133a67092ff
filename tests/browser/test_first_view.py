"""A new visitor's first view of a product: small, few requests, nobody else's."""

from urllib.parse import urlsplit

from playwright.sync_api import Request

from tests.browser.site import Site
from tests.browser.visitor import PHONE, Visit

MOST_BYTES = 40 * 1024
MOST_REQUESTS = 5


def test_the_first_view_is_small_and_asks_nobody_else(site: Site, visit: Visit) -> None:
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
