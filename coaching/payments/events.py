"""What a payment provider tells of by itself. Only ids are believed: whatever they name is read again. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

# Longer ones are told by nobody we listen to.
LARGEST_EVENT = 256 * 1024


class ForgedEvent(Exception):
    """Not signed with the secret, signed too long ago, or nothing that can be read."""


@dataclass(frozen=True)
class WebhookEvent:
    """An event whose signature is right: its own id and kind, and of which objects it tells, by their ids.

    `charge_reference` names the payment that a refund or a dispute belongs to.
    """

    event_id: str
    kind: str
    livemode: bool
    object_id: str
    charge_reference: str

    @property
    def subject(self) -> str:
        """The part of its kind that says what it is about: "checkout.session", "refund", "charge.dispute"."""
        return self.kind.rpartition(".")[0]


# Body, header with the signature and the signing secret, to the event or ForgedEvent. Whoever starts the process hands
# it on, as with the provider itself.
ReadEvent = Callable[[bytes, str, str], WebhookEvent]
