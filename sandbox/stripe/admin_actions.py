"""What people do by hand, on the pages and by the control address: pay, settle, decide refunds and disputes."""

from sandbox.faults import Faults
from sandbox.state import State
from sandbox.stripe import checkout, returns
from sandbox.stripe.checkout import DECLINES, NotOpen
from sandbox.stripe.records import Charge, Dispute, Intent, Refund, Session

# What can come of trying to pay, in words.
OUTCOMES = {
    "pays": "Pays",
    "card_declined": "Declined",
    "insufficient_funds": "Declined: insufficient funds",
    "expired_card": "Declined: the card has expired",
    "authenticates": "Asks for 3-D Secure, which succeeds",
    "fails_authentication": "Asks for 3-D Secure, which fails",
    "delayed": "Pays by a method that takes days",
}


class NotPossible(Exception):
    """It cannot be done now; the text says why."""


def pay(state: State, faults: Faults, session: Session, outcome: str, email: str) -> str | None:
    """The attempt has been made; the words of a refusal, or None. NotPossible where the session is not open."""
    if outcome not in OUTCOMES:
        raise NotPossible(f"The outcome is one of {', '.join(OUTCOMES)}.")
    try:
        if outcome in DECLINES:
            return checkout.decline(state, faults, session, outcome, email)
        if outcome == "delayed":
            checkout.pay_later(state, faults, session, email)
            return None
        if outcome != "pays":
            session = checkout.ask_authentication(state, faults, session)
        if outcome == "fails_authentication":
            return checkout.fail_authentication(state, faults, session)
        checkout.pay(state, faults, session, email)
    except NotOpen as problem:
        raise NotPossible(f"The session is {problem.session.status}.") from problem
    return None


def settle(state: State, faults: Faults, session: Session, *, succeeds: bool) -> None:
    """The delayed method of a session has paid, or has not."""
    try:
        checkout.settle(state, faults, session, succeeds=succeeds)
    except ValueError as problem:
        raise NotPossible(str(problem)) from problem


def end_refund(state: State, faults: Faults, refund_id: str, status: str) -> Refund:
    """The refund has become what `status` says."""
    made = state.find(Refund, refund_id)
    if made is None:
        raise NotPossible("There is no such refund.")
    try:
        return returns.end_refund(state, faults, made, status)
    except ValueError as problem:
        raise NotPossible(str(problem)) from problem


def open_dispute(
    state: State, faults: Faults, intent_id: str, amount: int | None = None, *, asks: bool = False
) -> Dispute:
    """The payment is disputed, or only asked about."""
    charge = _charge(state, intent_id)
    try:
        return returns.open_dispute(state, faults, charge, amount, asks=asks)
    except ValueError as problem:
        raise NotPossible(str(problem)) from problem


def close_dispute(state: State, faults: Faults, intent_id: str, *, is_won: bool) -> Dispute:
    """The payment's dispute is decided."""
    made = state.find(Dispute, _charge(state, intent_id).dispute_id or "")
    if made is None:
        raise NotPossible("This payment has no dispute.")
    try:
        return returns.close_dispute(state, faults, made, is_won=is_won)
    except ValueError as problem:
        raise NotPossible(str(problem)) from problem


def known_session(state: State, session_id: str) -> Session:
    """The session, whoever's it is."""
    session = state.find(Session, session_id)
    if session is None:
        raise NotPossible("There is no such session.")
    return session


def _charge(state: State, intent_id: str) -> Charge:
    intent = state.find(Intent, intent_id)
    charge = state.find(Charge, intent.latest_charge or "") if intent else None
    if charge is None:
        raise NotPossible("There is no such payment.")
    return charge
