"""Step 3: when it can be booked, by which rules, and when its room comes and goes."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Self

from wtforms import SelectField
from wtforms.fields.choices import Choice  # type: ignore[attr-defined]  # newer than the types of WTForms
from wtforms.validators import ValidationError

from blueprints.filters import minutes as length_text
from blueprints.forms import WholeNumber, plain_number, required
from blueprints.schedules.week_fields import WEEK_ACTS, pressed
from blueprints.wizard.form import Fields, StepForm
from blueprints.wizard.policy_fields import PolicyFields
from blueprints.wizard.room_timing import RoomTimingFields
from blueprints.wizard.schedule import ScheduleFields
from coaching.catalog.details import (
    HIGHEST_DAILY_CAP,
    HIGHEST_MOST_MOVES,
    HIGHEST_PER_STUDENT,
    HIGHEST_WEEKLY_CAP,
    LONGEST_HORIZON_DAYS,
    AvailabilityDetails,
    BookingRules,
)
from coaching.catalog.models import Product
from coaching.catalog.queries import offers_of
from coaching.hours.week import longest_stretch

NOTICES = (0, 30, 60, 120, 240, 720, 1440, 2880, 4320, 10080)
BREAKS = (0, 5, 10, 15, 20, 30, 45, 60)
GRIDS = (5, 10, 15, 20, 30, 60)
LIMITS = ("daily_cap", "weekly_cap", "most_per_student")


class LengthField(SelectField):
    """One of a few usual lengths, or the one the draft has."""

    def __init__(self, label: str, usual: Sequence[int], **options: Any) -> None:
        super().__init__(label, coerce=plain_number, validate_choice=False, **options)
        self.usual = self.offered = usual
        self.kept = usual[0]

    def offer_besides(self, kept: int) -> None:
        """The draft's own length stands in the list, too."""
        self.offered, self.kept = sorted({*self.usual, kept}), kept

    def iter_choices(self) -> Iterator[Choice]:
        # Something that is not in the list cannot be shown again.
        chosen = self.data if self.data in self.offered else self.kept
        for count in self.offered:
            yield Choice(str(count), usual_length(count), count == chosen, {})

    def pre_validate(self, form: object) -> None:
        if self.data not in self.offered:
            raise ValidationError("Choose one of the list.")


class AvailabilityForm(ScheduleFields, RoomTimingFields, PolicyFields, StepForm):
    # True once another schedule was asked for: the page shows what is kept of that one now.
    shows_another = False
    lengths: Sequence[int] = ()

    notice_minutes = LengthField("Notice", NOTICES)
    horizon_days = WholeNumber(
        "Bookable for, days", [required("Type a number of days.")], least=1, most=LONGEST_HORIZON_DAYS
    )
    buffer_before_minutes = LengthField("Break before", BREAKS)
    buffer_after_minutes = LengthField("Break after", BREAKS)
    grid_minutes = LengthField("Calls start every", GRIDS)
    daily_cap = WholeNumber("Calls a day, at most", least=1, most=HIGHEST_DAILY_CAP)
    weekly_cap = WholeNumber("Calls a week, at most", least=1, most=HIGHEST_WEEKLY_CAP)
    most_per_student = WholeNumber("Calls per student, at most", least=1, most=HIGHEST_PER_STUDENT)
    most_moves = WholeNumber(
        "How often students may move it",
        [required("Type a number; 0 for never.")],
        least=0,
        most=HIGHEST_MOST_MOVES,
    )
    move_notice_minutes = LengthField("Moving ends, before the start", NOTICES)

    @classmethod
    def of_draft(cls, product: Product, now: datetime) -> Self:
        form = cls(formdata=None, obj=product)
        form.offer_grids(product)
        form.offer_lengths(product)
        form.offer_timings(product.store)
        form.show_timing(product.timing)
        form.show_policy(product.refund_tiers)
        form.keep_tiers(product.refund_tiers)
        form.offer_schedules(product.store)
        form.show_schedule(product.schedule or next(iter(form.schedules), None), product.store, now)
        return form

    @classmethod
    def of_fields(cls, product: Product, fields: Fields, now: datetime) -> Self:
        form = cls(formdata=fields)
        form.keep_tiers(product.refund_tiers)
        if not form.absent_percent.raw_data:
            form.absent_percent.data = product.absent_percent
        form.offer_grids(product)
        form.offer_lengths(product)
        form.offer_timings(product.store)
        form.offer_schedules(product.store)
        form.read_hours(fields)
        return form

    @classmethod
    def rearranged(cls, product: Product, fields: Fields, now: datetime) -> Self | None:
        act, argument = pressed(fields)
        form = cls.of_fields(product, fields, now)
        if act == "show-schedule":
            chosen = next((schedule for schedule in form.schedules if schedule.code == form.schedule.data), None)
            form.show_schedule(chosen, product.store, now)
            form.said = "The hours of this schedule are shown."
            form.shows_another = True
        elif act in ACTS:
            change, form.said = ACTS[act]
            change(form, argument)
        else:
            return None
        return form

    def offer_lengths(self, product: Product) -> None:
        """The draft's own lengths can be chosen besides the usual ones."""
        for field in self:
            if isinstance(field, LengthField):
                field.offer_besides(getattr(product, field.name))

    def sent_with(self, fields: Fields) -> Self:
        super().sent_with(fields)
        if self.shows_another:
            self.seen = None
        return self

    def content(self) -> dict[str, object]:
        return super().content() | {"week": self.week.said(), "closed_on": self.closed_on}

    def offer_grids(self, product: Product) -> None:
        """Calls can also start one after the other; where nobody has chosen yet, the shortest length says how often."""
        self.lengths = lengths = [offer.minutes for offer in offers_of(product)]
        self.grid_minutes.usual = sorted({*GRIDS, *lengths})
        is_chosen = product.schedule_id is not None or self.grid_minutes.raw_data
        if lengths and not is_chosen:
            self.grid_minutes.data = min(lengths)

    def validate_notice_minutes(self, field: LengthField) -> None:
        days = self.horizon_days.data
        if isinstance(field.data, int) and days and field.data >= days * 24 * 60:
            raise ValidationError(f"With so much notice nothing could be booked {days} days ahead. Shorten it.")

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid = super().validate(extra_validators)
        self.week = self.week.checked()
        # Tiers that do not count are not wrong, whatever stands in them.
        is_valid = self.check_policy() and (is_valid or not self.errors)
        return not (self.timing_faults() or self.week.faults() or not is_valid)

    @property
    def further_faults(self) -> Sequence[tuple[str, str, str]]:
        return [(f"hours-{day.weekday}", day.name, day.error) for day in self.week.days if day.error]

    # What the folded parts of the page say, and whether one has to be looked into.

    @property
    def rules_line(self) -> str:
        """The rules in a line, like "Starts every 30 min · 12 h notice · 60 days ahead · no breaks"."""
        grid, notice = self.grid_minutes.data, self.notice_minutes.data
        before, after = self.buffer_before_minutes.data, self.buffer_after_minutes.data
        breaks = [f"{usual_length(count)} {when}" for count, when in ((before, "before"), (after, "after")) if count]
        parts = [
            f"Starts every {usual_length(grid)}" if isinstance(grid, int) else None,
            f"{usual_length(notice)} notice" if notice else "no notice",
            f"{self.horizon_days.data} days ahead" if self.horizon_days.data else None,
            f"breaks of {' and '.join(breaks)}" if breaks else "no breaks",
            "students may move it" if self.most_moves.data else "students move nothing",
        ]
        return " · ".join(part for part in parts if part)

    @property
    def limits_line(self) -> str:
        """The limits in a line, like "At most 3 a day · 10 a week · 2 per student"."""
        limits = zip(LIMITS, ("a day", "a week", "per student"), strict=True)
        parts = [f"{self[name].data} {of}" for name, of in limits if self[name].data]
        return f"At most {' · '.join(parts)}" if parts else "None"

    @property
    def too_long(self) -> str | None:
        """The shortest length, when even that fits into no hours of the week."""
        hours, shortest = self.week.hours(), min(self.lengths, default=0)
        return length_text(shortest) if hours and shortest > longest_stretch(hours) else None

    @property
    def rules_are_wrong(self) -> bool:
        return any(self[name].errors for name in self.rule_names() if name not in (*LIMITS, "absent_percent"))

    @property
    def limits_are_wrong(self) -> bool:
        return any(self[name].errors for name in LIMITS)

    def rule_names(self) -> list[str]:
        """The fields that are rules of booking."""
        return [name for name in vars(BookingRules()) if name in self]

    def details(self) -> AvailabilityDetails:
        rules = BookingRules(
            **{name: self[name].data for name in self.rule_names() if name != "absent_percent"},
            refund_tiers=str(self.typed_tiers()),
            absent_percent=self.absent_percent.data or 0,
        )
        return AvailabilityDetails(self.schedule_details(), rules, self.typed_timing())


# What each button does to the form, and what is said of it.
ACTS: dict[str, tuple[Callable[[AvailabilityForm, str], None], str]] = {
    **WEEK_ACTS,
    "add-closure": (AvailabilityForm.add_closure, "Days off changed."),
    "remove-closure": (AvailabilityForm.remove_closure, "Day off removed."),
}


def usual_length(count: int) -> str:
    """`0` -> "None", `90` -> "1 h 30 min", `2880` -> "2 days"."""
    if count == 0:
        return "None"
    days, rest = divmod(count, 24 * 60)
    if rest:
        return length_text(count)
    return f"{days} days" if days > 1 else "1 day"
