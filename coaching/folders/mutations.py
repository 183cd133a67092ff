"""Coach and student write into the folder of their call, change what lies in it, tick off and remove."""

from datetime import datetime

from coaching.accounts.form_key_mutations import keep_result
from coaching.accounts.form_key_queries import find_result
from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat
from coaching.db import database, new_code
from coaching.errors import ChangedMeanwhile, LimitReached, NotFound, Refused, TooLate
from coaching.folders.models import Folder, FolderEntry
from coaching.folders.rules import MOST, EntryDetails, Kind, full, is_agreed, kept_until, may_remove, why_not_write
from coaching.folders.visit_mutations import move_visits, owe_news

CHANGED = "This was changed since you opened the page, so nothing was saved. Both versions stand here."
TASK_CHANGED = "This task was changed since you opened the page. Read it once more, then tick it off."
NOT_REMOVED = "This was changed since you opened the page, so it was not removed. Read it as it is now."
NOT_THEIRS = "Only who wrote it can remove it. You can change it."


def add_entry(seat: Seat, person: Person, details: EntryDetails, form_key: str, now: datetime) -> str:
    """The folder has one entry more, whose code comes back; the same form sent twice gives the first one's.

    TooLate where nothing is written any more, LimitReached where it is full.
    """
    form = f"{details.kind} of seat {seat.id}"
    with database.atomic():
        folder = _open_folder(seat, person, now)
        if (first := find_result(person, form, form_key)) is not None:
            return first
        of_kind = FolderEntry.select().where(FolderEntry.folder == folder, FolderEntry.kind == details.kind)
        if of_kind.count() >= MOST[details.kind]:
            raise LimitReached(full(details.kind))
        code = new_code()
        FolderEntry.create(
            code=code,
            folder=folder,
            kind=details.kind,
            words=details.words,
            address=details.address,
            writer=person,
            written_at=now,
        )
        keep_result(person, form, form_key, code, now)
        owe_news(folder.seat, person, now)
        return code


def change_entry(seat: Seat, person: Person, code: str, details: EntryDetails, seen: int, now: datetime) -> None:
    """The entry says this from now on; what the other had saved last is kept beside it.

    ChangedMeanwhile where it has another revision than was `seen`, or is gone. The same words once more change nothing.
    """
    with database.atomic():
        folder = _open_folder(seat, person, now)
        entry = _find(folder, details.kind, code)
        if entry is None:
            raise ChangedMeanwhile
        if entry.details == details:
            return
        if entry.revision != seen:
            raise ChangedMeanwhile(CHANGED)
        last = entry.changed_by_id if entry.changed_at else entry.writer_id
        FolderEntry.update(
            words=details.words,
            address=details.address,
            changed_by=person,
            changed_at=now,
            as_written=entry.as_written if last == person.id else entry.details.text,
            revision=entry.revision + 1,
        ).where(FolderEntry.id == entry.id).execute()
        owe_news(folder.seat, person, now)


def tick_task(seat: Seat, person: Person, code: str, is_done: bool, seen: int, now: datetime) -> None:
    """The task is done, or open again. Who was first to tick it off stays written there.

    ChangedMeanwhile where it reads otherwise than was `seen`, or is gone.
    """
    with database.atomic():
        task = _find(_open_folder(seat, person, now), Kind.TASK, code)
        if task is None:
            raise ChangedMeanwhile("This task was removed since you opened the page.")
        if (task.done_at is not None) == is_done:
            return
        if task.revision != seen:
            raise ChangedMeanwhile(TASK_CHANGED)
        by, at = (person, now) if is_done else (None, None)
        FolderEntry.update(done_by=by, done_at=at).where(FolderEntry.id == task.id).execute()


def remove_entry(seat: Seat, person: Person, kind: Kind, code: str, seen: int, now: datetime) -> None:
    """The entry is gone; twice does no harm. Refused for what the other has written.

    ChangedMeanwhile where the other has changed it since it was `seen`.
    """
    with database.atomic():
        entry = _find(_open_folder(seat, person, now), kind, code)
        if entry is None:
            return
        if not may_remove(entry.writer_id, person.id):
            raise Refused(NOT_THEIRS)
        if entry.revision != seen:
            raise ChangedMeanwhile(NOT_REMOVED)
        FolderEntry.delete().where(FolderEntry.id == entry.id).execute()


def move_folder_words(from_person: Person, to_person: Person) -> None:
    """Whatever the one person wrote, changed or ticked off is the other's. Call it in a transaction."""
    for field in (FolderEntry.writer, FolderEntry.changed_by, FolderEntry.done_by):
        FolderEntry.update({field: to_person}).where(field == from_person).execute()
    move_visits(from_person, to_person)


def _open_folder(seat: Seat, person: Person, now: datetime) -> Folder:
    """The seat's folder, made if there is none; nobody else writes into it before the end of the transaction."""
    # An UPDATE that changes nothing locks the row on both databases: of two presses the second sees the first.
    Seat.update(student=Seat.student).where(Seat.id == seat.id).execute()
    current = Seat.select(Seat, CoachingSession).join(CoachingSession).where(Seat.id == seat.id).first()
    if current is None or person.id not in (current.student_id, current.coaching_session.coach_id):
        raise NotFound
    call = current.coaching_session
    if not is_agreed(call.state, call.held_until):
        raise NotFound
    folder = Folder.get_or_none(Folder.seat == current)
    until = kept_until(call.ends_at, folder.kept_until if folder else None)
    is_alone = bool(current.student.erased_at or call.coach.erased_at)
    if why := why_not_write(call.state, until, is_alone, now):
        raise TooLate(why)
    if folder is None:
        return Folder.create(seat=current, kept_until=until)
    if folder.kept_until != until:
        Folder.update(kept_until=until).where(Folder.id == folder.id).execute()
    folder.seat = current
    return folder


def _find(folder: Folder, kind: Kind, code: str) -> FolderEntry | None:
    folder_entry: FolderEntry | None = FolderEntry.get_or_none(
        FolderEntry.folder == folder, FolderEntry.kind == kind, FolderEntry.code == code
    )
    return folder_entry
