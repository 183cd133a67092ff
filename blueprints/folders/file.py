"""A folder as the file that either of its two people can download."""

from datetime import datetime

from blueprints import web, zones
from blueprints.filters import local_time
from coaching.accounts.models import Person
from coaching.booking.queries import SessionView
from coaching.folders.markdown import Item, folder_file
from coaching.folders.models import FolderEntry
from coaching.folders.queries import contents_of
from coaching.zones import zone_label

GONE = "Somebody who has left"


def markdown_of(view: SessionView) -> str:
    """The folder in Markdown, with times in the zone of whoever downloads it."""
    call, zone = view.coaching_session, zones.page_zone(view.coaching_session.zone)
    contents = contents_of(view.seat, web.now())
    about = (
        f"With {call.coach.name} (coach) and {view.seat.student.name} (student), {local_time(call.starts_at, zone)}.",
        f"Times are those of {zone_label(zone, call.starts_at)}. "
        f"The folder is kept until {local_time(contents.kept_until, zone, 'day_year')}.",
    )
    tasks, links, notes = (
        [item_of(entry, zone) for entry in entries] for entries in (contents.tasks, contents.links, contents.notes)
    )
    return folder_file(call.title, about, tasks, links, notes)


def item_of(entry: FolderEntry, zone: str) -> Item:
    """An entry with who wrote it, and what came of it since."""
    about = signed(entry.writer, entry.written_at, zone)
    if entry.changed_at:
        about += f"; changed by {signed(entry.changed_by, entry.changed_at, zone)}"
    if entry.done_at:
        about += f"; ticked off by {signed(entry.done_by, entry.done_at, zone)}"
    return Item(entry.words, about, entry.address, entry.done_at is not None, entry.as_written)


def signed(person: Person | None, at: datetime, zone: str) -> str:
    return f"{person.name if person else GONE}, {local_time(at, zone, 'day_year')}, {local_time(at, zone, 'time')}"
