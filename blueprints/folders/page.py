"""What a folder's pages are drawn from, and the folder on the page of its call."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response

from blueprints import web, zones
from blueprints.folders.forms import FORMS, EntryForm
from blueprints.signed_in import signed_in
from coaching.booking.models import CoachingSession
from coaching.booking.queries import SessionView, get_session_for
from coaching.errors import NotFound
from coaching.folders.models import FolderEntry
from coaching.folders.queries import Contents, contents_of, find_earlier, has_news
from coaching.folders.rules import is_agreed, may_remove, why_not_write


@dataclass(frozen=True)
class FolderView:
    """A folder as one of its two people sees it; `earlier` is the call before with a folder of its own."""

    contents: Contents
    why_not_write: str  # a sentence; empty while it takes words
    is_over: bool
    earlier: CoachingSession | None = None

    @property
    def can_write(self) -> bool:
        return not self.why_not_write


def folder_view(view: SessionView, now: datetime) -> FolderView | None:
    """The folder for the page of its call; None for admins, by a link, and where nothing was ever agreed on."""
    call = view.coaching_session
    if view.role == "admin" or view.link or not is_agreed(call.state, call.held_until):
        return None
    contents = contents_of(view.seat, now)
    until, is_alone = contents.kept_until, bool(view.seat.student.erased_at or call.coach.erased_at)
    why = why_not_write(call.state, until, is_alone, now)
    return FolderView(contents, why, now >= until, find_earlier(call, view.seat, now))


def own_view(code: str) -> SessionView:
    """The call with a folder, if the signed-in person is its coach or its student; NotFound for everybody else."""
    view = get_session_for(signed_in().person, code)
    if view.role == "admin" or not is_agreed(view.coaching_session.state, view.coaching_session.held_until):
        raise NotFound
    return view


def draw(
    view: SessionView, status: int = 200, *, form: EntryForm | None = None, refused: str = "", refused_tick: str = ""
) -> Response:
    """The folder's own page, or for htmx the folder alone; `form` is one that was sent and not taken."""
    return web.render(
        "folders/folder.html",
        "folders/_folder.html",
        status,
        **context_of(view),
        folder=folder_view(view, web.now()),
        forms={name: form if isinstance(form, kind) else kind.new() for name, kind in FORMS.items()},
        has_news=has_news(view.seat, signed_in().person.id),
        is_refused=form is not None,
        refused=refused,
        refused_tick=refused_tick,
    )


def draw_entry(
    view: SessionView,
    sort: str,
    entry: FolderEntry | None,
    form: EntryForm,
    status: int = 200,
    refused: str = "",
    *,
    is_other: bool = False,
) -> Response:
    """The page on which an entry is changed; without one, what was typed can be kept as a new one.

    Where the form is another version than the saved one (`is_other`), both stand there.
    """
    return web.render(
        "folders/change.html",
        status=status,
        **context_of(view),
        sort=sort,
        entry=entry,
        form=form,
        refused=refused,
        is_other=is_other,
        can_remove=entry is not None and may_remove(entry.writer_id, signed_in().person.id),
    )


def context_of(view: SessionView) -> dict[str, Any]:
    """What all of a folder's templates show."""
    return {
        "view": view,
        "coaching_session": view.coaching_session,
        "seat": view.seat,
        "store": view.coaching_session.product.store,
        "zone": zones.page_zone(view.coaching_session.zone),
        "at": web.now(),
    }
