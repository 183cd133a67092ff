"""What is typed about reviews."""

from typing import Self

from wtforms import RadioField
from wtforms.form import BaseForm
from wtforms.validators import ValidationError

from blueprints.forms import Form, Hidden, TextBlock, required
from blueprints.saved_forms import take_saved_with
from coaching.reviews.details import ReviewDetails
from coaching.reviews.models import Review
from coaching.reviews.rules import (
    LONGEST_ANSWER,
    LONGEST_REASON,
    LONGEST_REPORT,
    LONGEST_WORDS,
    MOST_LINES,
    STARS,
    in_few_lines,
    mark_of,
)

STAR_CHOICES = {str(count): f"{count} {'star' if count == 1 else 'stars'}" for count in STARS}


# Of what stays as it is, only the security log keeps why.
LONGEST_LOGGED = 200


class PublicWords(TextBlock):
    """What everybody reads in a list with others: it takes no more lines than words need."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        self.data = in_few_lines(self.data)

    def post_validate(self, form: BaseForm, validation_stopped: bool) -> None:
        if not validation_stopped and self.data.count("\n") >= MOST_LINES:
            raise ValidationError(f"At most {MOST_LINES} lines.")


class ReviewForm(Form):
    """Stars by native radios; `seen` marks the version that the page was drawn from."""

    stars = RadioField("Stars", [required("Choose one to five stars.")], choices=STAR_CHOICES, validate_choice=False)
    words = PublicWords("In your words", longest=LONGEST_WORDS)
    seen = Hidden()

    @classmethod
    def of(cls, review: Review | None) -> Self:
        """The form as it is saved, or as it was typed before its author had to sign in."""
        kept = {"stars": str(review.stars), "words": review.words, "seen": mark(review)} if review else {}
        return cls(formdata=take_saved_with("stars") or take_saved_with("words"), data=kept)

    def validate_stars(self, field: RadioField) -> None:
        """Nobody types anything else; a program may."""
        if field.data not in STAR_CHOICES:
            raise ValidationError("Choose one to five stars.")

    def details(self) -> ReviewDetails:
        return ReviewDetails(int(self.stars.data), self.words.data, self.seen.data)


class AnswerForm(Form):
    """`seen` marks the review and the answer that the page was drawn with."""

    answer = PublicWords("Your answer", [required("Write your answer.")], longest=LONGEST_ANSWER)
    seen = Hidden()


class ReportForm(Form):
    report = TextBlock(
        "What is wrong with it", [required("Write in a sentence what is wrong with it.")], longest=LONGEST_REPORT
    )


class DecisionForm(Form):
    """An admin hides a review or keeps it."""

    decision = RadioField(
        "What becomes of it",
        [required("Choose what becomes of it.")],
        choices={"hidden": "Hide it", "kept": "Keep it"},
        validate_choice=True,
    )
    reason = TextBlock("Why", longest=LONGEST_REASON)
    # A mark of the review that the admin has read.
    seen = Hidden()

    def validate_reason(self, field: TextBlock) -> None:
        """Whoever's words are hidden has to read why; of what stays, every other admin does."""
        is_hidden = self.decision.data == "hidden"
        if not field.data:
            raise ValidationError("Write why, for its author and the coach." if is_hidden else "Write why.")
        if not is_hidden and len(field.data) > LONGEST_LOGGED:
            raise ValidationError(f"At most {LONGEST_LOGGED} characters.")


def mark(review: Review) -> str:
    """The version of the review that a page shows."""
    return mark_of(review.stars, review.words)
