"""A provider in memory, with a ledger: it can fail before or after the effect of a call, as the real one does."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count

from coaching.payments.provider import Fault, ProviderError, ProviderRefund, RefundState

_numbers = count(1)


@dataclass
class Ledger:
    """What was paid, by charge, and what went back of it. `faults` are met by the next calls, in order."""

    paid: dict[str, int] = field(default_factory=dict)
    refunds: list[ProviderRefund] = field(default_factory=list)
    faults: list[tuple[Fault, bool]] = field(default_factory=list)  # the bool: after the effect
    calls: list[str] = field(default_factory=list)
    answers: dict[str, ProviderRefund] = field(default_factory=dict)
    now: datetime = datetime(2027, 3, 8, tzinfo=UTC)
    begins_as: RefundState = RefundState.SUCCEEDED

    def __call__(self, key: str) -> "Ledger":
        return self

    def sent(self, charge_reference: str = "pi_1") -> int:
        """What has gone back, or is under way."""
        mine = [refund for refund in self.refunds if refund.charge_reference == charge_reference]
        return sum(refund.amount_cents for refund in mine if refund.state is not RefundState.FAILED)

    def refund(
        self, charge_reference: str, amount_cents: int, currency: str, facts: dict[str, str], key: str
    ) -> ProviderRefund:
        self.calls.append("refund")
        fault = self.faults.pop(0) if self.faults else None
        if fault and not fault[1]:
            raise ProviderError("no", fault[0])
        if key not in self.answers:
            if amount_cents > self.paid[charge_reference] - self.sent(charge_reference):
                raise ProviderError("greater than what is left", Fault.NOTHING_LEFT)
            made = ProviderRefund(
                f"re_{next(_numbers)}", self.begins_as, amount_cents, currency, charge_reference, facts, self.now
            )
            self.refunds.append(made)
            self.answers[key] = made
        if fault:
            raise ProviderError("no answer", fault[0])
        return self.look_up_refund(self.answers[key].reference)

    def look_up_refund(self, reference: str) -> ProviderRefund:
        self.calls.append("look")
        return next(refund for refund in self.refunds if refund.reference == reference)

    def refunds_since(self, at: datetime) -> Iterator[ProviderRefund]:
        self.calls.append("list")
        return reversed([refund for refund in self.refunds if refund.made_at >= at])

    def becomes(self, state: RefundState) -> None:
        """All refunds have another state from now on."""
        self.refunds = [replace(refund, state=state) for refund in self.refunds]

    def made_in_its_own_pages(self, amount_cents: int, charge_reference: str = "pi_1") -> None:
        """Somebody has given money back there."""
        reference = f"re_{next(_numbers)}"
        made = ProviderRefund(reference, RefundState.SUCCEEDED, amount_cents, "EUR", charge_reference, {}, self.now)
        self.refunds.append(made)
