"""What Discord's answers say about limits, and the wait for a call's turn."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from coaching.call_permits import CallAnswer, CallPermit, Rank
from coaching.host import CallBudget, HostError
from coaching.refusals import Refusal

# Whoever has to wait for longer gives the thread back and comes again.
PATIENCE = timedelta(seconds=2)
# Who comes last has a thread that others wait for.
PATIENCE_OF_LAST = timedelta(milliseconds=200)
SHORTEST_PAUSE = timedelta(milliseconds=10)
LOST = CallAnswer(None)


def wait_for_permit(
    budget: CallBudget, method: str, path: str, sleep: Callable[[float], None], rank: Rank | None = None
) -> CallPermit:
    """The call may go now; HostError without a status when that would take too long, and then no call is made."""
    waited, patience = timedelta(0), PATIENCE_OF_LAST if rank is Rank.LAST else PATIENCE
    while True:
        permit = budget.take(method, path, rank)
        pause = permit.wait if permit.is_reserved else max(permit.wait, SHORTEST_PAUSE)
        if not permit.is_reserved and waited + pause > patience:
            raise HostError(
                "our own limit has no room for the call",
                Refusal.RATE_LIMITED,
                retry_after=pause,
                is_global=permit.is_for_all,
            )
        if pause > timedelta(0):
            sleep(pause.total_seconds())
        if permit.is_reserved:
            return permit
        waited += pause


def heard_in(status: int, headers: Mapping[str, str], refusal: HostError | None) -> CallAnswer:
    """What the answer says about limits."""
    is_wait = refusal is not None and refusal.retry_after is not None
    reset_after = _number(headers.get("X-RateLimit-Reset-After"))
    return CallAnswer(
        status,
        most=_count(headers.get("X-RateLimit-Limit")),
        remaining=_count(headers.get("X-RateLimit-Remaining")),
        reset_after=None if reset_after is None else timedelta(seconds=reset_after),
        refused_for=refusal.retry_after if refusal and is_wait else None,
        is_global=refusal is not None and refusal.is_global,
        is_shared=headers.get("X-RateLimit-Scope") == "shared",
    )


def _count(value: str | None) -> int | None:
    number = _number(value)
    return None if number is None else int(number)


def _number(value: str | None) -> float | None:
    """The number, if it is one that a limit can have; whatever else stands there is not believed."""
    try:
        number = float(value or "")
    except ValueError:
        return None
    return number if 0 <= number <= 1e6 else None
