"""One line of what needs a hand, as the dashboard shows it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Attention:
    """One thing that needs a hand: what it is, what to do, and where. `kind` is how grave: warn, or bad."""

    title: str
    text: str
    href: str
    label: str
    kind: str = "warn"
