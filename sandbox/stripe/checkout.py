"""What becomes of a Checkout Session: it is tried, paid, left to expire. Each step tells its events."""

from dataclasses import replace

from sandbox.faults import Faults
from sandbox.state import State
from sandbox.stripe import clock
from sandbox.stripe.events import emit
from sandbox.stripe.ids import new_client_secret, new_id
from sandbox.stripe.payment_answers import CARD_METHODS
from sandbox.stripe.records import COMPLETE, EXPIRED, OPEN, Charge, Intent, Json, Session

# Methods that settle days after the session is complete.
DELAYED = frozenset(("bacs_debit", "boleto", "customer_balance", "konbini", "oxxo", "sepa_debit", "us_bank_account"))
METHODS = frozenset(
    (*CARD_METHODS, "amazon_pay", "bancontact", "blik", "eps", "ideal", "klarna", "p24", "paypal", "twint", *DELAYED)
)
DECLINES = {
    "card_declined": ("generic_decline", "Your card was declined."),
    "insufficient_funds": ("insufficient_funds", "Your card has insufficient funds."),
    "expired_card": ("expired_card", "Your card has expired."),
}
# The last four digits of Stripe's own test cards.
LAST_FOUR = {"card_declined": "0002", "insufficient_funds": "9995", "expired_card": "0069"}


class NotOpen(Exception):
    """The session has been paid, or has expired."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.status)
        self.session = session


def pay(state: State, faults: Faults, session: Session, email: str, name: str | None = None) -> Session:
    """The session is complete and paid, by a card."""
    session, intent = _attempted(state, faults, session)
    charge = _charge(state, session, intent, "succeeded", "card", "4242", email, name)
    return _complete(state, faults, session, intent, charge)


def pay_later(state: State, faults: Faults, session: Session, email: str, name: str | None = None) -> Session:
    """The session is complete and not paid: its delayed method is under way, until `settle`."""
    session, intent = _attempted(state, faults, session)
    method = next((method for method in session.payment_methods if method in DELAYED), "sepa_debit")
    charge = _charge(state, session, intent, "pending", method, "3000", email, name)
    return _complete(state, faults, session, intent, charge)


def decline(state: State, faults: Faults, session: Session, code: str, email: str) -> str:
    """The card was refused and the session is still open; the words for the person."""
    session, intent = _attempted(state, faults, session)
    decline_code, words = DECLINES[code]
    kind = "card_declined" if code == "insufficient_funds" else code
    charge = _charge(state, session, intent, "failed", "card", LAST_FOUR[code], email, None, (kind, words))
    error = {"type": "card_error", "code": kind, "decline_code": decline_code, "message": words, "charge": charge.id}
    emit(state, faults, charge, "charge.failed")
    _fail(state, faults, intent, error, charge.id)
    return words


def ask_authentication(state: State, faults: Faults, session: Session) -> Session:
    """The card's bank wants to see its holder (3-D Secure) before it pays."""
    session, intent = _attempted(state, faults, session)
    emit(state, faults, state.put(replace(intent, status="requires_action")), "payment_intent.requires_action")
    return session


def fail_authentication(state: State, faults: Faults, session: Session) -> str:
    """The holder was not recognised and the session is still open; the words for the person."""
    session, intent = _attempted(state, faults, session)
    words = "We are unable to authenticate your payment method. Please choose a different payment method and try again."
    code = "payment_intent_authentication_failure"
    _fail(state, faults, intent, {"type": "invalid_request_error", "code": code, "message": words}, None)
    return words


def settle(state: State, faults: Faults, session: Session, *, succeeds: bool) -> Session:
    """A delayed method has paid after all, or has not; ValueError where none is under way."""
    intent = state.find(Intent, session.intent_id or "")
    charge = state.find(Charge, intent.latest_charge or "") if intent else None
    if intent is None or charge is None or charge.status != "pending":
        raise ValueError("Nothing of this session is under way.")
    if succeeds:
        charge = state.put(replace(charge, status="succeeded"))
        intent = state.put(replace(intent, status="succeeded"))
        session = state.put(replace(session, payment_status="paid"))
        emit(state, faults, charge, "charge.succeeded")
        emit(state, faults, intent, "payment_intent.succeeded")
    else:
        words = "The customer's account has insufficient funds to cover this payment."
        charge = replace(charge, status="failed", failure_code="insufficient_funds", failure_message=words)
        emit(state, faults, state.put(charge), "charge.failed")
        error = {"type": "card_error", "code": "insufficient_funds", "message": words, "charge": charge.id}
        _fail(state, faults, intent, error, charge.id)
    emit(state, faults, session, f"checkout.session.async_payment_{'succeeded' if succeeds else 'failed'}")
    return session


def expire(state: State, faults: Faults, session: Session) -> Session:
    """Nobody can pay the session any more."""
    intent = state.find(Intent, session.intent_id or "")
    if intent is not None:
        at = clock.stamp(state)
        intent = replace(intent, status="canceled", canceled_at=at, cancellation_reason="expired")
        emit(state, faults, state.put(intent), "payment_intent.canceled")
    session = state.put(replace(session, status=EXPIRED))
    emit(state, faults, session, "checkout.session.expired")
    return session


def expire_due(state: State, faults: Faults) -> None:
    """Every session whose time is over has expired."""
    now = clock.now(state)
    for session in state.every(Session, status=OPEN):
        if session.expires_at <= now:
            expire(state, faults, session)


def as_of_now(state: State, faults: Faults, session: Session) -> Session:
    """The session, expired if its time is over."""
    if session.status == OPEN and session.expires_at <= clock.now(state):
        return expire(state, faults, session)
    return session


def _attempted(state: State, faults: Faults, session: Session) -> tuple[Session, Intent]:
    """The open session with its PaymentIntent, which the first attempt makes; or NotOpen."""
    session = as_of_now(state, faults, session)
    if session.status != OPEN:
        raise NotOpen(session)
    if intent := state.find(Intent, session.intent_id or ""):
        return session, intent
    intent_id = new_id("pi")
    intent = Intent(
        intent_id,
        session.account_id,
        session.livemode,
        clock.stamp(state),
        session.amount_total,
        session.currency,
        session.id,
        session.payment_methods,
        new_client_secret(intent_id),
        **session.intent_options,
    )
    state.put(intent)
    emit(state, faults, intent, "payment_intent.created")
    return state.put(replace(session, intent_id=intent_id)), intent


def _charge(
    state: State,
    session: Session,
    intent: Intent,
    status: str,
    method: str,
    last4: str,
    email: str,
    name: str | None,
    failure: tuple[str, str] = ("", ""),
) -> Charge:
    return state.put(
        Charge(
            new_id("ch" if method in CARD_METHODS else "py"),
            session.account_id,
            session.livemode,
            clock.stamp(state),
            session.amount_total,
            session.currency,
            intent.id,
            status,
            method,
            last4,
            email,
            name,
            failure[0] or None,
            failure[1] or None,
            metadata=intent.metadata,
            description=intent.description,
        )
    )


def _complete(state: State, faults: Faults, session: Session, intent: Intent, charge: Charge) -> Session:
    is_paid = charge.status == "succeeded"
    status = "succeeded" if is_paid else "processing"
    intent = state.put(replace(intent, status=status, latest_charge=charge.id, last_error=None))
    session = replace(
        session,
        status=COMPLETE,
        payment_status="paid" if is_paid else "unpaid",
        email=charge.email,
        name=charge.name,
    )
    state.put(session)
    emit(state, faults, charge, f"charge.{charge.status}")
    emit(state, faults, intent, f"payment_intent.{status}")
    emit(state, faults, session, "checkout.session.completed")
    return session


def _fail(state: State, faults: Faults, intent: Intent, error: Json, charge_id: str | None) -> None:
    charge_id = charge_id or intent.latest_charge
    intent = replace(intent, status="requires_payment_method", last_error=error, latest_charge=charge_id)
    emit(state, faults, state.put(intent), "payment_intent.payment_failed")
