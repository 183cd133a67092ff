"""What the stand-in knows of the money, to be compared with what the product has written down."""

from sandbox.state import State
from sandbox.stripe.payment_answers import refunded
from sandbox.stripe.records import Account, Charge, Dispute, Intent, Json, Refund, Session


def ledger(state: State, account_id: str | None = None) -> Json:
    """Per account, or of one, its payments, oldest first, and their sums by currency."""
    accounts = [account for account in state.every(Account) if account_id in (None, account.id)]
    return {"accounts": {account.id: _account(state, account) for account in accounts}}


def _account(state: State, account: Account) -> Json:
    charges: dict[str, list[Charge]] = {}
    for charge in state.every(Charge, account_id=account.id):
        charges.setdefault(charge.intent_id, []).append(charge)
    intents = state.every(Intent, account_id=account.id)
    payments = [_payment(state, intent, charges.get(intent.id, [])) for intent in intents]
    sums: dict[str, Json] = {}
    for payment in payments:
        total = sums.setdefault(payment["currency"], {"paid": 0, "refunded": 0, "disputed": 0})
        for name in total:
            total[name] += payment[name]
    return {"payments": payments, "sums": sums}


def _payment(state: State, intent: Intent, charges: list[Charge]) -> Json:
    session = state.find(Session, intent.session_id)
    refunds = [state.find(Refund, refund_id) for charge in charges for refund_id in charge.refund_ids]
    disputes = [state.find(Dispute, charge.dispute_id or "") for charge in charges]
    return {
        "payment_intent": intent.id,
        "session": intent.session_id,
        "client_reference_id": session.client_reference_id if session else None,
        "metadata": session.metadata if session else {},
        "livemode": intent.livemode,
        "currency": intent.currency,
        "status": intent.status,
        "paid": sum(charge.amount for charge in charges if charge.status == "succeeded"),
        "under_way": sum(charge.amount for charge in charges if charge.status == "pending"),
        "refunded": sum(refunded(state, charge) for charge in charges),
        "refunds": [
            {"id": refund.id, "amount": refund.amount, "status": refund.status, "metadata": refund.metadata}
            for refund in refunds
            if refund
        ],
        "disputed": sum(dispute.withdrawn for dispute in disputes if dispute),
        "disputes": [dispute.status for dispute in disputes if dispute],
    }
