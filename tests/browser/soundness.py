"""What has to hold of every page, whoever looks at it and however wide their screen is."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# All that axe finds nothing wrong with stays in the browser: it is a hundred times as long as what comes back.
LOOK = "() => axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations)"
# What sticks out of the window to the right.
OVERFLOW = """() => {
  const width = document.documentElement.clientWidth;
  if (document.scrollingElement.scrollWidth <= width) return [];
  const out = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > width + 1);
  return out.slice(-3).map((one) => `${one.tagName.toLowerCase()}.${one.className}`).concat("the page is too wide");
}"""


def faults(page: Page) -> list[str]:
    """What is wrong with the page as it is shown now; nothing when it is sound."""
    found = too_wide(page)  # waits for the page first
    if page.locator("h1").count() != 1:
        found.append(f"{page.locator('h1').count()} headings of the first level")
    if len(page.title()) < 4:
        found.append(f"title {page.title()!r}")
    return [*found, *violations(page)]


def too_wide(page: Page) -> list[str]:
    """What makes the page wider than the window; nothing when it fits."""
    # A page that is just being led to another one has no document for a moment.
    page.wait_for_load_state()
    page.wait_for_function("document.body")
    sticking_out: list[str] = page.evaluate(OVERFLOW)
    return sticking_out


def violations(page: Page) -> list[str]:
    """What axe finds, one line for each place."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return [
        f"{violation['id']}: {' '.join(map(str, node['target']))} {node['any'][0]['message'] if node['any'] else ''}"
        for violation in page.evaluate(LOOK)
        for node in violation["nodes"]
    ]
