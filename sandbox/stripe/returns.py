"""Money that goes back: refunds with their later fate, and disputes. Each step tells its events."""

from dataclasses import replace

from sandbox.faults import Faults
from sandbox.state import State
from sandbox.stripe import clock
from sandbox.stripe.errors import Refused
from sandbox.stripe.events import emit
from sandbox.stripe.ids import new_id
from sandbox.stripe.money import amount_text
from sandbox.stripe.payment_answers import refunded
from sandbox.stripe.records import Charge, Dispute, Json, Refund

REFUND_ENDS = ("succeeded", "failed", "canceled")
REASONS = ("fraudulent", "product_not_received", "credit_not_processed", "duplicate", "general")


def refund(
    state: State,
    faults: Faults,
    charge: Charge,
    amount: int | None,
    *,
    status: str = "succeeded",
    reason: str | None = None,
    metadata: Json | None = None,
) -> Refund:
    """Part of a charge or the rest of it goes back, or Refused."""
    left = _refundable(state, charge, amount)
    made = Refund(
        new_id("re"),
        charge.account_id,
        charge.livemode,
        clock.stamp(state),
        left if amount is None else amount,
        charge.currency,
        charge.id,
        charge.intent_id,
        status,
        reason,
        "unknown" if status == "failed" else None,
        metadata or {},
    )
    state.put(made)
    charge = state.put(replace(charge, refund_ids=(*charge.refund_ids, made.id)))
    emit(state, faults, made, "refund.created")
    emit(state, faults, charge, "charge.refunded")
    if status == "failed":
        emit(state, faults, made, "refund.failed")
    return made


def _refundable(state: State, charge: Charge, amount: int | None) -> int:
    """What is left of a charge to give back, or Refused where there is nothing, or less than this."""
    dispute = state.find(Dispute, charge.dispute_id or "")
    if dispute is not None and not dispute.is_inquiry and dispute.status != "won":
        raise Refused(f"Charge {charge.id} has been charged back; cannot issue a refund.", "charge_disputed")
    left = charge.amount - refunded(state, charge)
    if left == 0:
        raise Refused(f"Charge {charge.id} has already been refunded.", "charge_already_refunded")
    if amount is not None and amount > left:
        whole = left == charge.amount
        raise Refused(
            f"Refund amount ({amount_text(amount, charge.currency)}) is greater than"
            f" {'charge amount' if whole else 'unrefunded amount on charge'} ({amount_text(left, charge.currency)})",
            param="amount",
        )
    return left


def end_refund(state: State, faults: Faults, made: Refund, status: str, why: str = "unknown") -> Refund:
    """A refund succeeds, fails or is canceled later; ValueError where it has failed or been canceled already."""
    if not made.counts or status not in REFUND_ENDS or status == made.status:
        raise ValueError(f"A refund that has {made.status} cannot become {status}.")
    before = {"status": made.status}
    made = state.put(replace(made, status=status, failure_reason=why if status == "failed" else None))
    emit(state, faults, made, "refund.updated", "charge.refund.updated", previous=before)
    if status == "failed":
        emit(state, faults, made, "refund.failed")
    return made


def open_dispute(
    state: State,
    faults: Faults,
    charge: Charge,
    amount: int | None = None,
    reason: str = "general",
    *,
    asks: bool = False,
) -> Dispute:
    """The card's holder calls the charge back, or only asks first; ValueError where that cannot be."""
    if charge.status != "succeeded" or charge.dispute_id:
        raise ValueError("Only a charge that was paid can be disputed, and once only.")
    made = Dispute(
        new_id("du"),
        charge.account_id,
        charge.livemode,
        clock.stamp(state),
        charge.amount if amount is None else amount,
        charge.currency,
        charge.id,
        charge.intent_id,
        reason,
        "warning_needs_response" if asks else "needs_response",
    )
    state.put(made)
    state.put(replace(charge, dispute_id=made.id))
    emit(state, faults, made, "charge.dispute.created")
    if not asks:
        emit(state, faults, made, "charge.dispute.funds_withdrawn")
    return made


def close_dispute(state: State, faults: Faults, made: Dispute, *, is_won: bool) -> Dispute:
    """The dispute is decided; an inquiry is closed either way. ValueError where it is over already."""
    if made.is_over:
        raise ValueError("This dispute is over.")
    status = "warning_closed" if made.is_inquiry else "won" if is_won else "lost"
    before = {"status": made.status}
    made = state.put(replace(made, status=status))
    emit(state, faults, made, "charge.dispute.closed", previous=before)
    if status == "won":
        emit(state, faults, made, "charge.dispute.funds_reinstated")
    return made
