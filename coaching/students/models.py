"""Tables of what a coach keeps to themselves about a student: notes and labels."""

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession
from coaching.db import BaseModel, EncryptedTextField, UtcDateTimeField
from coaching.fields import CharField, ForeignKeyField


class StudentNote(BaseModel):
    """A coach's own words about a student, or about one session of theirs. Nobody but the coach ever reads them."""

    code = CharField(unique=True)
    coach = ForeignKeyField(Person, backref="notes_written", on_delete="CASCADE")
    coach_id: int
    student = ForeignKeyField(Person, backref="notes_about", on_delete="CASCADE")
    student_id: int
    coaching_session = ForeignKeyField(CoachingSession, null=True, backref="student_notes", on_delete="CASCADE")
    coaching_session_id: int | None
    words = EncryptedTextField()
    made_at = UtcDateTimeField()
    edited_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("coach", "student"), False),)


class StudentLabel(BaseModel):
    """A word by which a coach finds some of their students. Nobody but the coach ever reads it."""

    coach = ForeignKeyField(Person, backref="labels_given", on_delete="CASCADE")
    coach_id: int
    student = ForeignKeyField(Person, backref="labels_had", on_delete="CASCADE")
    student_id: int
    key = CharField()  # the words as they are compared
    words = CharField()

    class Meta:
        indexes = ((("coach", "student", "key"), True),)


MODELS = [StudentNote, StudentLabel]
