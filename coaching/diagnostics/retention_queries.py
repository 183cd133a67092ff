"""Whether what is old was deleted in the last night, and how much that was."""

from datetime import datetime, timedelta

from coaching.checks import Check, good, warning
from coaching.remedies import LOG
from coaching.runtime.models import RetentionRun

RETENTION = "Old data"
# At least one night went by, or a night's work has not ended by the evening.
LATE = timedelta(hours=36)
UNFINISHED = timedelta(hours=12)
# By the names of the rules (own_data/retention_mutations.py).
WORDS = {
    "answers": "answers of students",
    "goals": "goals and phone numbers",
    "folders": "folders of calls",
    "presence": "records of who was in a room",
    "room_log": "lines of rooms’ logs",
    "sign_ins": "sign-ins that had ended",
    "messages": "messages",
    "student_messages": "messages of students to coaches",
    "security_log": "lines of the security log",
}


def retention_check(now: datetime) -> Check:
    """How the last night fared; as long as there was none, nothing is wrong with that."""
    runs = [run for run in RetentionRun.select().order_by(RetentionRun.id) if run.name in WORDS]
    if not runs:
        return good(RETENTION, "Nothing was looked through yet. The worker does it within minutes, then each night.")
    late = [run for run in runs if now - run.night_at > (LATE if run.ended_at else UNFINISHED)]
    if late:
        which = ", ".join(WORDS[run.name] for run in late)
        since = min(run.night_at for run in late)
        remedy = f"The worker tries again each minute. The reason is in the log: {LOG}"
        return warning(RETENTION, f"Not deleted since {since:%d %B, %H:%M} UTC, though it is time: {which}.", remedy)
    night = max(run.night_at for run in runs)
    gone = [f"{WORDS[run.name]} ({run.removed})" for run in runs if run.removed]
    words = f"this was deleted: {', '.join(gone)}" if gone else "nothing was old enough to be deleted"
    return good(RETENTION, f"In the night of {night:%d %B, %H:%M} UTC {words}.")
