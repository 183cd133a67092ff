"""What stands in the way of deleting an account, in sentences. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Hindrance(StrEnum):
    """Why an account cannot be deleted yet."""

    LAST_ADMIN = "last_admin"
    IN_A_CALL = "in_a_call"
    OWES_BY_HAND = "owes_by_hand"


@dataclass(frozen=True)
class Obstacle:
    """One of them; `code` and `title` are those of the session that it is about."""

    kind: Hindrance
    code: str = ""
    title: str = ""

    @property
    def sentence(self) -> str:
        return SENTENCES[self.kind].format(title=self.title)


SENTENCES = {
    Hindrance.LAST_ADMIN: "You are the only admin of this site, and without one nobody could run it. Make somebody "
    "else an admin first.",
    Hindrance.IN_A_CALL: "“{title}” is going on right now. Delete your account once it is over.",
    Hindrance.OWES_BY_HAND: "Students have paid you directly for calls that are to come, or wait for money that you "
    "send back yourself. Cancel those calls, send the money and tick it first: nobody could do it after you.",
}
# What the other side reads as the reason of a cancellation.
REASON = "I have deleted my account."
# What has to be typed: a word that nobody types by mistake.
WORD = "delete"
