"""What people read when the other one has written into the folder of their call. Pure.

Nothing of what was written: whoever reads a message may be somebody else than the two.
"""

from coaching.messages.blocks import Button, Links, Message, Paragraph
from coaching.messages.facts import SessionMessage
from coaching.messages.sender import Sender
from coaching.messages.texts.parts import message, other_of, step, title_of, when
from coaching.notices.kinds import MessageKind


def folder_written(about: SessionMessage, sender: Sender) -> Message:
    """That there is something new, and where."""
    return message(
        about,
        sender,
        "new in the folder",
        f"{other_of(about)} has written something into the folder of {title_of(about)}.",
        (
            when(about),
            Paragraph("What it is only the two of you read, signed in."),
            Button("Open the folder", step(about, sender, "folder")),
            Links((("The call’s page", step(about, sender)),)),
        ),
    )


TEXTS = {MessageKind.FOLDER_WRITTEN: folder_written, MessageKind.COACH_FOLDER_WRITTEN: folder_written}
