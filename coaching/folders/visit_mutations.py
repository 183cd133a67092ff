"""Who writes into a folder lets the other one hear of it, and whoever opens it has seen what lies in it."""

from datetime import datetime, timedelta

from coaching.accounts.models import Person
from coaching.booking.models import Seat
from coaching.db import database
from coaching.folders.models import Folder, FolderVisit
from coaching.notices.kinds import MessageKind
from coaching.notices.mutations import owe
from coaching.notices.queries import next_due
from coaching.runtime.queries import clock_offset

# Who writes on, or is read at once, makes one message of it, or none.
SETTLES = timedelta(minutes=5)
APART = timedelta(hours=1)


def owe_news(seat: Seat, writer: Person, now: datetime) -> None:
    """The other one is owed word of what was written, in SETTLES, and APART from the last at least.

    One that waits says it already. Call it in the transaction of what was written.
    """
    call, is_by_coach = seat.coaching_session, writer.id == seat.coaching_session.coach_id
    kind = MessageKind.FOLDER_WRITTEN if is_by_coach else MessageKind.COACH_FOLDER_WRITTEN
    machine_now = now - clock_offset()
    due_at = next_due(kind, call.id, machine_now, APART)
    if due_at is None:
        return
    to = seat.student_id if is_by_coach else call.coach_id
    key = f"{kind}:{seat.id}:{now.isoformat()}"
    owe(kind, key, to, now, session_id=call.id, due_at=max(due_at, machine_now + SETTLES))


def record_visit(seat: Seat, person: Person, seen_at: datetime, now: datetime) -> None:
    """The person has seen what lay in the folder until then. Twice does no harm, nor does an earlier page."""
    seen_at = min(seen_at, now)
    with database.atomic():
        folder = Folder.get_or_none(Folder.seat == seat)
        if folder is None:
            return
        FolderVisit.insert(folder=folder, person=person, seen_at=seen_at).on_conflict_ignore().execute()
        is_theirs = (FolderVisit.folder == folder) & (FolderVisit.person == person)
        FolderVisit.update(seen_at=seen_at).where(is_theirs, FolderVisit.seen_at < seen_at).execute()


def move_visits(from_person: Person, to_person: Person) -> None:
    """Folders that the one has seen the other has seen. Call it in a transaction."""
    # Nobody is both of a folder's two people, so that neither has a row where the other has one.
    FolderVisit.update(person=to_person).where(FolderVisit.person == from_person).execute()
