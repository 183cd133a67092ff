"""What a provider keeps of a payment that no row is known of: what was sold, when, and to whom. Pure."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from coaching.payments.provider_parts import Checkout, CheckoutState, ProviderRefund

# Of these nothing can come any more.
OVER = (CheckoutState.EXPIRED, CheckoutState.FAILED)


@dataclass(frozen=True)
class Sold:
    """What was sold by a payment, as far as its provider's facts tell it; `made_at` is when its page was made."""

    session_code: str
    product_code: str
    starts_at: datetime | None
    minutes: int | None
    student_id: int | None
    made_at: datetime | None
    partner_code: str = ""  # who had sent the student, and their share in percent
    share_percent: int | None = None
    is_kept: bool = False  # its coach has said that it is in order as it is
    is_moved: bool = False  # to the account with which that of whoever paid was merged


def is_ours(facts: Mapping[str, str]) -> bool:
    """True for what this kind of site has begun: others may sell on the same account."""
    return bool(facts.get("payment") and facts.get("session") and facts.get("product"))


def kept_facts(checkout: Checkout) -> str:
    """The checkout's facts, as a payment keeps them."""
    return json.dumps(checkout.facts | {"made_at": checkout.made_at.isoformat()})


def sold_by(kept: str) -> Sold:
    """What a payment's kept facts say; what they do not say, or nobody can read, is None."""
    facts = _read(kept)
    return Sold(
        session_code=str(facts.get("session") or ""),
        product_code=str(facts.get("product") or ""),
        starts_at=_instant(facts.get("starts_at")),
        minutes=_number(facts.get("minutes")),
        student_id=_number(facts.get("student")),
        made_at=_instant(facts.get("made_at")),
        partner_code=str(facts.get("partner") or ""),
        share_percent=share if (share := _number(facts.get("share"))) is not None and share <= 100 else None,
        is_kept=facts.get("kept") is True,
        is_moved=facts.get("moved") is True,
    )


def as_kept(kept: str) -> str:
    """The same facts with the coach's word that the payment is in order as it is."""
    return json.dumps(_read(kept) | {"kept": True})


def as_moved(kept: str, student_id: int) -> str:
    """The same facts, of the account with which that of whoever paid was merged."""
    return json.dumps(_read(kept) | {"student": str(student_id), "moved": True})


def given_back_by_charge(refunds: Iterable[ProviderRefund]) -> dict[str, int]:
    """How much of each charge has gone back, or is on its way, in the currency's smallest unit."""
    sums: dict[str, int] = {}
    for refund in refunds:
        if refund.state != "failed":
            sums[refund.charge_reference] = sums.get(refund.charge_reference, 0) + refund.amount_cents
    return sums


def _read(kept: str) -> dict[str, object]:
    try:
        facts = json.loads(kept)
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def _instant(text: object) -> datetime | None:
    try:
        instant = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return instant if instant.tzinfo else None


def _number(text: object) -> int | None:
    number = str(text)
    return int(number) if number.isdecimal() and len(number) < 12 else None
