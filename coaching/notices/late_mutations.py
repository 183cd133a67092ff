"""A message that could have gone, and did not in time."""

from datetime import datetime

from coaching.notices.models import Notice


def record_too_late(notice: Notice, machine_now: datetime) -> None:
    """A message that waits or is claimed is not worth sending any more, though nobody kept it: the doctor counts it."""
    is_open = (Notice.id == notice.id) & Notice.state.in_(("waiting", "sending"))
    Notice.update(state="expired", ends_at=machine_now, claimed_until=None).where(is_open).execute()
