"""One whole Greenroom for all browser tests, as `make run` starts it, and browsers for the people in it."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.site import Site, fresh_site
from tests.browser.visitor import DESK, Visit, Visitor


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a browser."""
    for item in items:
        if "/tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Web, worker and sandbox, up and answering; they end with the last test."""
    with fresh_site(tmp_path_factory.mktemp("browser") / "data") as site:
        yield site


@pytest.fixture(scope="session")
def approving_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Another one, whose coaches are approved first; nobody but the stories that need a fresh demo has been on it."""
    with fresh_site(tmp_path_factory.mktemp("approving") / "data", COACH_SIGNUP="approval") as site:
        yield site


@pytest.fixture
def visit(site: Site, browser: Browser) -> Iterator[Visit]:
    """Opens a browser for somebody; no page may have made it complain."""
    visitors: list[Visitor] = []

    def open_browser(person: str | None = None, zone: str = "Europe/Berlin", **options: Any) -> Visitor:
        context = browser.new_context(**{"timezone_id": zone, "locale": "en-GB", **DESK, **options})
        visitors.append(Visitor(site, context))
        return visitors[-1].sign_in(person) if person else visitors[-1]

    yield open_browser
    for visitor in visitors:
        visitor.context.close()
    assert site.tracebacks() == ""
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []
