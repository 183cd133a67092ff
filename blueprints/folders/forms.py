"""What is typed into a folder: one form for each kind, for writing and for changing."""

from contextlib import suppress
from typing import Any, Self

from werkzeug.datastructures import MultiDict
from wtforms.validators import StopValidation

from blueprints.forms import Form, FormKey, Hidden, TextBlock, TextLine, plain_number, required
from blueprints.saved_forms import take_saved_with
from coaching.coaches.links import WrongLink, link_of
from coaching.folders.models import FolderEntry
from coaching.folders.rules import LONGEST_ADDRESS, LONGEST_NOTE, LONGEST_TASK, LONGEST_TITLE, EntryDetails, Kind
from coaching.reviews.rules import in_few_lines


class EntryForm(Form):
    """`seen` is the revision of the entry that the page was drawn with; empty for a new one."""

    kind: Kind
    first: str  # the field by which a saved form is known
    form_key = FormKey()
    seen = Hidden()

    @classmethod
    def new(cls) -> Self:
        """An empty form, or as it was typed before somebody had to sign in."""
        return cls(formdata=take_saved_with(cls.first))

    @classmethod
    def of(cls, entry: FolderEntry) -> Self:
        """The form of an entry as it is saved, or as it was typed before somebody had to sign in."""
        saved: MultiDict[str, str] | None = take_saved_with(cls.first)
        return cls(formdata=saved, data=cls.saved(entry) | {"seen": str(entry.revision)})

    @classmethod
    def saved(cls, entry: FolderEntry) -> dict[str, Any]:
        """What stands in the fields of a saved entry."""
        return {cls.first: entry.words}

    @property
    def is_typed(self) -> bool:
        """True when something stands in it."""
        return bool(self[self.first].data)

    def details(self) -> EntryDetails:
        return EntryDetails(self.kind, self[self.first].data)


class NoteField(TextBlock):
    """Text in which nobody pushes the rest away by pressing Return a thousand times."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        self.data = in_few_lines(self.data)


class NoteForm(EntryForm):
    kind, first = Kind.NOTE, "note"
    note = NoteField("Note", [required("Write something first.")], longest=LONGEST_NOTE)


class LinkForm(EntryForm):
    kind, first = Kind.LINK, "address"
    address = TextLine("Address", [required("Paste the address here.")], longest=LONGEST_ADDRESS)
    title = TextLine("What it is", longest=LONGEST_TITLE)

    def validate_address(self, field: TextLine) -> None:
        """Only https, and a host that is one."""
        try:
            link_of(field.data, LONGEST_ADDRESS)
        except WrongLink as wrong:
            raise StopValidation(wrong.sentence) from None

    @classmethod
    def saved(cls, entry: FolderEntry) -> dict[str, Any]:
        return {"address": entry.address, "title": entry.words}

    def details(self) -> EntryDetails:
        """Without a title it is called by its site."""
        link = link_of(self.address.data, LONGEST_ADDRESS)
        return EntryDetails(self.kind, self.title.data or link.host, link.href)


class TaskForm(EntryForm):
    kind, first = Kind.TASK, "task"
    task = TextLine("Task", [required("Write what is to be done.")], longest=LONGEST_TASK)


# By the word in the address.
FORMS: dict[str, type[EntryForm]] = {"notes": NoteForm, "links": LinkForm, "tasks": TaskForm}


def revision_of(sent: str) -> int:
    """Which revision a page was drawn with; -1, which is none, for what no page of ours sends."""
    with suppress(ValueError):
        return plain_number(sent)
    return -1
