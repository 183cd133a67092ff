"""What a coach wrote about a session, on the page of the session."""

from dataclasses import dataclass

from blueprints.saved_forms import take_saved_with
from blueprints.students.forms import NoteForm
from coaching.booking.queries import SessionView
from coaching.students.models import StudentNote
from coaching.students.queries import notes_on


@dataclass(frozen=True)
class NotesView:
    """The coach's notes about the session, and the form for one more."""

    notes: list[StudentNote]
    form: NoteForm


def notes_view(view: SessionView, form: NoteForm | None = None) -> NotesView | None:
    """What the page of the session shows its coach; None for everybody else, and by a link."""
    if view.role != "coach" or view.link:
        return None
    return NotesView(notes_on(view.coaching_session.coach, view.coaching_session), form or note_form())


def note_form() -> NoteForm:
    """An empty form, or what was typed before the coach had to sign in again."""
    return NoteForm(take_saved_with("note"))
