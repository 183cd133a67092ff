"""What has to hold of every page, whoever looks at it and however wide their screen is."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import BrowserContext, Page

# All that axe finds nothing wrong with stays in the browser: it is a hundred times as long as what comes back.
LOOK = """() => {
  if (!window.axe) window.loadAxe?.();
  return window.axe ? axe.run({ resultTypes: ["violations"] }).then(({ violations }) => violations) : null;
}"""
# What sticks out of the window to the right.
OVERFLOW = """() => {
  const width = document.documentElement.clientWidth;
  if (document.scrollingElement.scrollWidth <= width) return [];
  const out = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > width + 1);
  return out.slice(-3).map((one) => `${one.tagName.toLowerCase()}.${one.className}`).concat("the page is too wide");
}"""
AT_REST = """() => document.getAnimations().filter(change => change instanceof CSSTransition)
    .forEach(change => change.finish())"""
HEADING = "() => [document.querySelectorAll('h1').length, document.title]"


def faults(page: Page) -> list[str]:
    """What is wrong with the page as it is shown now; nothing when it is sound."""
    sentences = too_wide(page)  # waits for the page first
    headings, title = page.evaluate(HEADING)
    if headings != 1:
        sentences.append(f"{headings} headings of the first level")
    if len(title) < 4:
        sentences.append(f"title {title!r}")
    return [*sentences, *violations(page)]


def too_wide(page: Page) -> list[str]:
    """What makes the page wider than the window; nothing when it fits."""
    # A page that is just being led to another one has no document for a moment.
    page.wait_for_load_state()
    page.locator("body").wait_for(state="attached")
    # A colour that is just changing is neither the one nor the other.
    page.evaluate(AT_REST)
    sticking_out: list[str] = page.evaluate(OVERFLOW)
    return sticking_out


def violations(page: Page) -> list[str]:
    """What axe finds, one line for each place."""
    violating = page.evaluate(LOOK)
    if violating is None:
        page.evaluate(AXE_SCRIPT)
        violating = page.evaluate(LOOK)
    return [
        f"{violation['id']}: {' '.join(map(str, node['target']))} {node['any'][0]['message'] if node['any'] else ''}"
        for violation in violating
        for node in violation["nodes"]
    ]


def look_often(context: BrowserContext) -> None:
    """Every document that opens in this browser can load axe: to be sent it each time takes a fifth of a look."""
    context.add_init_script(f"window.loadAxe = () => {{ {AXE_SCRIPT} }}")
