"""A payment provider of which only its keys are asked."""

from dataclasses import dataclass, field

from coaching.db import database
from coaching.payments.provider import AccountProvider, Fault, KeyReport, ProviderError, Webhook


@dataclass
class Keys:
    """A provider that knows these keys; anything else about it is not asked here."""

    known: dict[str, KeyReport] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    is_up: bool = True

    def add(self, key: str, account_id: str = "acct_1", lacks: tuple[str, ...] = ()) -> str:
        self.known[key] = KeyReport(account_id, "Nova Coaching", "_live_" in key, lacks)
        return key

    def __call__(self, key: str) -> AccountProvider:
        return Opened(self, key)  # type: ignore[return-value]


@dataclass
class Opened:
    keys: Keys
    key: str

    def _known(self, call: str) -> KeyReport:
        assert not database.in_transaction(), "nobody waits for the network in a transaction"
        self.keys.calls.append(f"{call} {self.key[-4:]}")
        if not self.keys.is_up:
            raise ProviderError("no answer", Fault.UNREACHABLE)
        if self.key not in self.keys.known:
            raise ProviderError("no such key", Fault.KEY_REFUSED)
        return self.keys.known[self.key]

    def try_key(self) -> KeyReport:
        return self._known("try")

    def make_webhook(self, address: str, key: str) -> Webhook:
        self._known("make")
        return Webhook(f"we_{len(self.keys.calls)}", "whsec_made_for_us")

    def remove_webhook(self, reference: str) -> None:
        self._known(f"remove {reference}")
