"""What happened around accounts, one line each, never changed afterwards. Called inside the transaction it tells of."""

from datetime import datetime

from coaching.accounts.models import Person, SecurityEvent


def note(kind: str, now: datetime, person: Person | None = None, detail: str = "", address: str = "") -> None:
    """The security log says what happened, to whom and from which network address. No secrets in `detail`."""
    SecurityEvent.create(at=now, person=person, kind=kind, detail=detail[:200], address=address[:45])
