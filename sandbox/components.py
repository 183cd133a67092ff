"""The buttons below a message. Of all that Discord knows there, only links: nothing of ours hears of a press."""

from typing import Any

from sandbox.bodies import Body
from sandbox.errors import BadForm

ROW, BUTTON, LINK = 1, 2, 5
MOST = 5  # rows in a message, and buttons in a row
LONGEST_LABEL, LONGEST_ADDRESS = 80, 512

Component = dict[str, Any]


def rows(body: Body) -> tuple[Component, ...]:
    """The rows in `components` as Discord gives them back: numbered, each with its buttons."""
    given = _some(body.get("components") or [], "components", least=0)
    numbers = iter(range(1, 100))
    return tuple(_row(row, f"components.{place}", numbers) for place, row in enumerate(given))


def _row(given: Any, where: str, numbers: Any) -> Component:
    _require_type(given, ROW, where)
    number = next(numbers)
    buttons = _some(given.get("components"), f"{where}.components", least=1)
    numbered = [_button(button, f"{where}.components.{place}", next(numbers)) for place, button in enumerate(buttons)]
    return {"type": ROW, "id": number, "components": numbered}


def _button(given: Any, where: str, number: int) -> Component:
    _require_type(given, BUTTON, where)
    if given.get("style") != LINK:
        raise BadForm(f"{where}.style", "BASE_TYPE_CHOICES", "The stand-in knows buttons that are links (5) only.")
    if given.get("custom_id") is not None:
        raise BadForm(f"{where}.custom_id", "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", "A link has none.")
    label, url = given.get("label"), given.get("url")
    if not isinstance(label, str) or not 0 < len(label) <= LONGEST_LABEL:
        raise BadForm(f"{where}.label", "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {LONGEST_LABEL} in length.")
    if not isinstance(url, str) or not url.startswith(("http://", "https://", "discord://")):
        raise BadForm(f"{where}.url", "URL_TYPE_INVALID_SCHEME", "Scheme must be one of ('discord', 'http', 'https').")
    if len(url) > LONGEST_ADDRESS:
        raise BadForm(f"{where}.url", "BASE_TYPE_MAX_LENGTH", f"Must be {LONGEST_ADDRESS} or fewer in length.")
    return {"type": BUTTON, "id": number, "style": LINK, "label": label, "url": url}


def _some(given: Any, where: str, least: int) -> list[Any]:
    if not isinstance(given, list) or not least <= len(given) <= MOST:
        raise BadForm(where, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {MOST} in length.")
    return given


def _require_type(given: Any, kind: int, where: str) -> None:
    if not isinstance(given, dict) or given.get("type") != kind:
        raise BadForm(f"{where}.type", "BASE_TYPE_CHOICES", f"Value must be one of ({kind}).")
