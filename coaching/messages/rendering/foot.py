"""What stands below every mail. Pure."""

from dataclasses import dataclass

from coaching.messages.sender import Sender


@dataclass(frozen=True)
class Foot:
    """Which site it comes from, its further pages by label and address, and to whom an answer goes."""

    name: str
    url: str
    links: tuple[tuple[str, str], ...] = ()
    answers: str = ""


def foot_of(sender: Sender, reply_to: str | None = None, choices_url: str | None = None) -> Foot:
    """The foot of a mail; `choices_url` for a recipient who can choose which ones they get."""
    pages = {"Which messages you get": choices_url, "Imprint": sender.imprint_url, "Privacy": sender.privacy_url}
    return Foot(
        sender.name,
        sender.url,
        tuple((label, address) for label, address in pages.items() if address),
        f"An answer to this mail goes to {reply_to}." if reply_to else "",
    )
