"""Messages that are too late: one that could have gone and did not in time, and those of a past that never was."""

from datetime import datetime

from coaching.notices.models import Notice


def record_too_late(notice: Notice, machine_now: datetime) -> None:
    """A message that waits or is claimed is not worth sending any more, though nobody kept it: the doctor counts it."""
    is_open = (Notice.id == notice.id) & Notice.state.in_(("waiting", "sending"))
    Notice.update(state="expired", ends_at=machine_now, claimed_until=None).where(is_open).execute()


def forget_made_up_past(now: datetime) -> None:
    """No message is owed of what a demo has made up of the time before `now`: nobody missed any of them."""
    Notice.delete().where(Notice.made_at < now).execute()
