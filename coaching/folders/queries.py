"""Reads of folders: what lies in one, the one of the call before, and which tasks are open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN, ModelSelect, fn

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat
from coaching.folders.models import Folder, FolderEntry, FolderVisit
from coaching.folders.rules import KEPT, Kind, kept_until

# A student with more of them finds the rest from call to call.
MOST_SHOWN = 3


@dataclass(frozen=True)
class Contents:
    """What lies in a folder until when: the latest notes first, open tasks before done ones."""

    kept_until: datetime
    notes: Sequence[FolderEntry] = ()
    links: Sequence[FolderEntry] = ()
    tasks: Sequence[FolderEntry] = ()

    @property
    def count(self) -> int:
        """How much lies in it."""
        return len(self.notes) + len(self.links) + len(self.tasks)

    @property
    def open_count(self) -> int:
        """How many tasks nobody has ticked off."""
        return sum(task.done_at is None for task in self.tasks)


@dataclass(frozen=True)
class OpenTasks:
    """A call that a student took, and how many tasks in its folder are open."""

    coaching_session: CoachingSession
    count: int


def contents_of(seat: Seat, now: datetime) -> Contents:
    """What the seat's folder holds; nothing once it is kept no longer, swept or not."""
    folder = Folder.get_or_none(Folder.seat == seat)
    until = kept_until(seat.coaching_session.ends_at, folder.kept_until if folder else None)
    if folder is None or now >= until:
        return Contents(until)
    entries = list(_entries().where(FolderEntry.folder == folder).order_by(FolderEntry.id))
    of_kind = {kind: [entry for entry in entries if entry.kind == kind] for kind in Kind}
    return Contents(
        until,
        of_kind[Kind.NOTE][::-1],
        of_kind[Kind.LINK],
        sorted(of_kind[Kind.TASK], key=lambda task: task.done_at is not None),
    )


def find_entry(seat: Seat, kind: Kind, code: str) -> FolderEntry | None:
    """One entry of the seat's folder; None for one of another folder, another kind, or one that is gone."""
    folder_entry: FolderEntry | None = (
        _entries().where(Folder.seat == seat, FolderEntry.kind == kind, FolderEntry.code == code).first()
    )
    return folder_entry


def has_news(seat: Seat, person_id: int) -> bool:
    """True when the other one has written something into the seat's folder that the person has not seen."""
    visit = FolderVisit.select().join(Folder).where(Folder.seat == seat, FolderVisit.person == person_id).first()
    written = (FolderEntry.writer != person_id) & (FolderEntry.written_at > visit.seen_at if visit else True)
    changed = (FolderEntry.changed_by != person_id) & (FolderEntry.changed_at > visit.seen_at if visit else True)
    return bool(FolderEntry.select().join(Folder).where(Folder.seat == seat, written | changed).exists())


def find_earlier(coaching_session: CoachingSession, seat: Seat, now: datetime) -> CoachingSession | None:
    """The latest call before this one, of the same two, whose folder holds something."""
    earlier: CoachingSession | None = (
        CoachingSession.select()
        .join(Seat)
        .join(Folder)
        .where(CoachingSession.coach == coaching_session.coach_id, Seat.student == seat.student_id)
        .where(CoachingSession.starts_at < coaching_session.starts_at, CoachingSession.ends_at > now - KEPT)
        .where(Folder.id.in_(FolderEntry.select(FolderEntry.folder)))
        .order_by(CoachingSession.starts_at.desc())
        .first()
    )
    return earlier


def open_tasks_of(student: Person, now: datetime) -> list[OpenTasks]:
    """The calls that the person took, or is to take, in whose folders tasks are open: the latest few."""
    is_open = (FolderEntry.kind == Kind.TASK) & FolderEntry.done_at.is_null()
    sessions: Any = (
        CoachingSession.select(CoachingSession, fn.COUNT(FolderEntry.id).alias("open"))
        .join(Seat)
        .join(Folder)
        .join(FolderEntry)
        .where(Seat.student == student, is_open, CoachingSession.state != "cancelled")
        .where(Seat.ends_at > now - KEPT)
        .group_by(CoachingSession.id)
        .order_by(CoachingSession.starts_at.desc())
        .limit(MOST_SHOWN)
    )
    return [OpenTasks(session, session.open) for session in sessions]


def _entries() -> "ModelSelect[FolderEntry]":
    writer, changed_by, done_by = Person.alias(), Person.alias(), Person.alias()
    return (
        FolderEntry.select(FolderEntry, Folder, writer, changed_by, done_by)
        .join(Folder)
        .switch(FolderEntry)
        .join(writer, JOIN.LEFT_OUTER, on=(FolderEntry.writer == writer.id), attr="writer")
        .switch(FolderEntry)
        .join(changed_by, JOIN.LEFT_OUTER, on=(FolderEntry.changed_by == changed_by.id), attr="changed_by")
        .switch(FolderEntry)
        .join(done_by, JOIN.LEFT_OUTER, on=(FolderEntry.done_by == done_by.id), attr="done_by")
    )
