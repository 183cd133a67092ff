"""Tables of the folders that coaches and students share: one a seat, with what lies in it."""

from urllib.parse import urlsplit

from coaching.accounts.models import Person
from coaching.booking.models import Seat
from coaching.db import BaseModel, EncryptedTextField, UtcDateTimeField
from coaching.fields import CharField, ForeignKeyField, IntegerField
from coaching.folders.rules import EntryDetails, Kind


class Folder(BaseModel):
    """Made with the first thing that is written into it."""

    seat = ForeignKeyField(Seat, unique=True, backref="folders", on_delete="CASCADE")
    seat_id: int
    kept_until = UtcDateTimeField(index=True)  # as it was said last; a call that has moved since may add to it


class FolderEntry(BaseModel):
    """A note, a link or a task. Both of the two may change it; what the other had saved stays readable."""

    code = CharField(unique=True)
    folder = ForeignKeyField(Folder, backref="entries", on_delete="CASCADE")
    folder_id: int
    kind = CharField()  # rules.Kind
    words = EncryptedTextField()  # a link's title
    address = EncryptedTextField(default="")  # a link's
    # Empty where that account is gone.
    writer = ForeignKeyField(Person, null=True, backref="folder_entries", on_delete="SET NULL")
    writer_id: int | None
    written_at = UtcDateTimeField()
    changed_by = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    changed_by_id: int | None
    changed_at = UtcDateTimeField(null=True)
    as_written = EncryptedTextField(default="")  # what the other had saved before `changed_by` changed it
    done_by = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    done_by_id: int | None
    done_at = UtcDateTimeField(null=True)  # a task's
    revision = IntegerField(default=0)  # of its words

    @property
    def details(self) -> EntryDetails:
        """Its words, as a form would send them."""
        return EntryDetails(Kind(self.kind), self.words, self.address)

    @property
    def host(self) -> str:
        """Where a link leads; empty for what is none."""
        return urlsplit(self.address).hostname or ""


class FolderVisit(BaseModel):
    """Up to when one of the two has seen what lies in the folder."""

    folder = ForeignKeyField(Folder, backref="visits", on_delete="CASCADE")
    folder_id: int
    person = ForeignKeyField(Person, backref="folder_visits", on_delete="CASCADE")
    person_id: int
    seen_at = UtcDateTimeField()

    class Meta:
        indexes = ((("folder", "person"), True),)


MODELS = [Folder, FolderEntry, FolderVisit]
