"""Why an admin does what concerns people: a page of its own says what follows and asks for the reason."""

from dataclasses import dataclass

from flask import Response

from blueprints import web
from blueprints.forms import Form, TextBlock, required

# As much as the security log keeps.
LONGEST_REASON = 200
LOGGED = "It stands in the security log, for you and every other admin."


class ReasonForm(Form):
    reason = TextBlock("Why", [required("Say why.")], longest=LONGEST_REASON)


@dataclass(frozen=True)
class Question:
    """What the page says, where its button leads, and where whoever leaves it as it is goes back to."""

    title: str
    sentences: tuple[str, ...]
    label: str
    action: str
    back: str
    back_label: str
    kind: str = "primary"
    decision: str = ""  # sent along


def show_question(question: Question, form: ReasonForm, status: int = 200) -> Response:
    return web.render("admin/question.html", status=status, question=question, form=form, hint=LOGGED)
