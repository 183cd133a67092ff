"""States, steps and ways into a room in the words that admins read. Pure."""

from coaching.rooms.planning.case import RoomKind, StepKind
from coaching.rooms.planning.schedule import Hold
from coaching.rooms.planning.steps import Reason, Step

STATES = {"absent": "Not made", "hidden": "Hidden", "open": "Open", "closed": "Closed", "removed": "Gone"}
MODES = {"members": "Two people", "session_role": "Role for the session", "shared_role": "Shared role"}
_BY_STATE = {
    (StepKind.MAKE, "hidden"): "Make it, hidden",
    (StepKind.MAKE, "open"): "Make it, open",
    (StepKind.SET_ACCESS, "hidden"): "Hide it",
    (StepKind.SET_ACCESS, "open"): "Open it",
    (StepKind.SET_ACCESS, "closed"): "Close it",
}


def step_words(step: Step) -> str:
    """What the step does, like "Open it"."""
    return _BY_STATE.get((step.kind, str(step.state))) or step.kind.words


def waiting_words(place: RoomKind | None) -> str:
    """What is done instead of a step while a place of this kind is missing."""
    return "Wait for the shared role" if place == RoomKind.SHARED else "Wait for its category"


def hold_words(hold: Hold) -> str:
    """What is left alone, as the beginning of a sentence that goes on with "until"."""
    if not hold.guild_id:
        return "All servers are left alone"
    name = hold.guild_name or f"Server {hold.guild_id}"
    return f"On {name}, “{StepKind(hold.kind).words}” waits" if hold.kind else f"{name} is left alone"


def reason_words(reason: str) -> str:
    """Why something is done, as the end of a sentence; one that this version does not know as it stands."""
    return next((known.words for known in Reason if known == reason), reason)


def capital(text: str) -> str:
    """The same with its first letter large."""
    return text[:1].upper() + text[1:]
