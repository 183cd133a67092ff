"""One whole Greenroom for all browser tests, as `make run` starts it, and browsers for the people in it."""

import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.site import Site, fresh_site, load_demo
from tests.browser.visitor import DESK, Visit, Visitor


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs a browser. The stories that share a site of their own come first, so in one worker."""
    for item in items:
        if "/tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: "approving_site" not in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The demo's data as it is in the beginning, made once for all workers of a run."""
    own = tmp_path_factory.getbasetemp()
    demo = (own if worker_id == "master" else own.parent) / "demo"
    with demo.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not demo.exists():
            load_demo(demo.with_suffix(".new"))
            demo.with_suffix(".new").rename(demo)
    return demo


@pytest.fixture(scope="session")
def site(browser: Browser, demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Web, worker and sandbox, up and answering; they end with the last test."""
    with fresh_site(demo, tmp_path_factory.mktemp("browser") / "data") as site:
        yield site


@pytest.fixture(scope="session")
def approving_site(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Another one, whose coaches are approved first; nobody but the stories that need a fresh demo has been on it."""
    with fresh_site(demo, tmp_path_factory.mktemp("approving") / "data", COACH_SIGNUP="approval") as site:
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
