"""What a coach types about a student, and a student to a coach."""

from blueprints.forms import Form, FormKey, Hidden, TextBlock, TextLine, required
from coaching.students.asking_mutations import LONGEST_WORDS
from coaching.students.listing import LONGEST_LABEL, LONGEST_NOTE


class NoteForm(Form):
    """`seen` marks the note that the page was drawn with."""

    note = TextBlock("Your note", [required("Write your note.")], longest=LONGEST_NOTE)
    form_key = FormKey()
    seen = Hidden()


class LabelForm(Form):
    label = TextLine("Label", [required("Type a label, like “EP in spring”.")], longest=LONGEST_LABEL)


class MessageForm(Form):
    message = TextBlock("Your message", [required("Write your message.")], longest=LONGEST_WORDS)
    form_key = FormKey()
