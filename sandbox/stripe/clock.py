"""The stand-in's time: the machine's, plus an offset that tests and the demo may set."""

from sandbox.state import State
from sandbox.stripe.records import ClockOffset


def now(state: State) -> float:
    """The stand-in's time in seconds since 1970; to be asked inside a transaction."""
    offset = state.find(ClockOffset, "clock")
    return state.clock() + (offset.seconds if offset else 0)


def stamp(state: State) -> int:
    """The stand-in's time as Stripe writes it: whole seconds."""
    return int(now(state))
