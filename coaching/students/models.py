"""Tables of what a coach has about a student: notes and labels of their own, messages, and former addresses."""

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession
from coaching.db import BaseModel, EncryptedTextField, UtcDateTimeField
from coaching.fields import CharField, ForeignKeyField, IntegerField


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


class StudentMessage(BaseModel):
    """What a student has written to a coach whose call refuses them. Nobody but the coach reads it."""

    coach = ForeignKeyField(Person, backref="messages_of_students", on_delete="CASCADE")
    coach_id: int
    student = ForeignKeyField(Person, backref="messages_to_coaches", on_delete="CASCADE")
    student_id: int
    title = CharField()  # of the call, as it was called then
    words = EncryptedTextField()
    sent_at = UtcDateTimeField(index=True)
    read_at = UtcDateTimeField(null=True)  # when the coach said that they have read it

    class Meta:
        indexes = ((("coach", "student"), False),)


class FormerStudent(BaseModel):
    """A number that a coach knew a student by, before that account became part of another one."""

    coach = ForeignKeyField(Person, backref="former_students", on_delete="CASCADE")
    coach_id: int
    number = IntegerField()
    student = ForeignKeyField(Person, backref="former_numbers", on_delete="CASCADE")
    student_id: int

    class Meta:
        indexes = ((("coach", "number"), True),)


MODELS = [StudentNote, StudentLabel, StudentMessage, FormerStudent]
