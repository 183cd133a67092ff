"""The part of step 3 about cancelling: a preset or own tiers, and what goes back to a student who does not come."""

from collections.abc import Sequence
from typing import NamedTuple

from wtforms import RadioField

from blueprints.forms import WholeNumber
from coaching.booking.refund_tiers import (
    LONGEST_BEFORE,
    MOST_TIERS,
    OWN,
    PRESETS,
    RefundTiers,
    Tier,
    in_order,
    preset_of,
    tiers_of,
)

NUMBERS = range(1, MOST_TIERS + 1)
LONGEST_HOURS = LONGEST_BEFORE // 60


class TierRow(NamedTuple):
    """One tier as it is typed. Left empty it is none."""

    percent: WholeNumber
    hours: WholeNumber


class PolicyFields:
    # Like the room's timing, what is chosen is always sent.
    policy = RadioField("What goes back", choices={**{name: name.capitalize() for name in PRESETS}, OWN: "Own steps"})
    tier_1_percent = WholeNumber("Percent", least=1, most=100)
    tier_1_hours = WholeNumber("Hours before", most=LONGEST_HOURS)
    tier_2_percent = WholeNumber("Percent", least=1, most=100)
    tier_2_hours = WholeNumber("Hours before", most=LONGEST_HOURS)
    tier_3_percent = WholeNumber("Percent", least=1, most=100)
    tier_3_hours = WholeNumber("Hours before", most=LONGEST_HOURS)
    tier_4_percent = WholeNumber("Percent", least=1, most=100)
    tier_4_hours = WholeNumber("Hours before", most=LONGEST_HOURS)
    tier_5_percent = WholeNumber("Percent", least=1, most=100)
    tier_5_hours = WholeNumber("Hours before", most=LONGEST_HOURS)
    absent_percent = WholeNumber("Back to a student who does not come, percent", most=100)

    # Tiers of the product that are no whole hours are its own as long as nobody types others.
    kept_tiers = RefundTiers()

    @property
    def tier_rows(self) -> list[TierRow]:
        return [TierRow(self[f"tier_{n}_percent"], self[f"tier_{n}_hours"]) for n in NUMBERS]  # type: ignore[index]

    def show_policy(self, text: str) -> None:
        """The preset with these tiers is chosen, else they are the coach's own; the rows show them either way."""
        tiers = tiers_of(text)
        self.policy.data = preset_of(tiers)
        for row, tier in zip(self.tier_rows, tiers.tiers, strict=False):
            row.percent.data, row.hours.data = tier.percent, tier.minutes // 60

    def keep_tiers(self, text: str) -> None:
        """The product has these, and a page that says nothing of them changes nothing."""
        self.kept_tiers = tiers_of(text)
        if not self.policy.raw_data:
            self.policy.data = preset_of(self.kept_tiers)

    @property
    def policy_labels(self) -> dict[str, str]:
        """What each choice means, by its name."""
        return {name: capital(tiers_of(text).clause) for name, text in PRESETS.items()} | {OWN: "You choose"}

    @property
    def policy_line(self) -> str:
        """The policy in a line."""
        absent = self.absent_percent.data
        return capital(self.typed_tiers().clause) + (f"; {absent} % to whoever does not come" if absent else "")

    @property
    def policy_is_wrong(self) -> bool:
        return any(field.errors for field in self.policy_fields)

    @property
    def policy_fields(self) -> Sequence[RadioField | WholeNumber]:
        return [self.policy, self.absent_percent, *(field for row in self.tier_rows for field in row)]

    def typed_tiers(self) -> RefundTiers:
        """The tiers as they are typed; rows that cannot be read are left out."""
        if self.policy.data in PRESETS:
            return tiers_of(PRESETS[self.policy.data])
        if not any(field.raw_data for row in self.tier_rows for field in row):
            return self.kept_tiers
        typed = [(row.percent.data, row.hours.data) for row in self.tier_rows]
        counted = [(percent, hours) for percent, hours in typed if percent and hours is not None]
        if counted == [(tier.percent, tier.minutes // 60) for tier in self.kept_tiers.tiers]:
            return self.kept_tiers
        return in_order(Tier(hours * 60, percent) for percent, hours in counted)

    def check_policy(self) -> bool:
        """True when it can be kept; what is wrong stands beside its field."""
        if self.policy.errors:
            self.policy.errors = ["Choose one of these."]
            return False
        if self.policy.data != OWN:
            for row in self.tier_rows:
                row.percent.errors = row.hours.errors = []
            return not self.absent_percent.errors
        for row in self.tier_rows:
            percent, hours = row
            if (percent.data is None) != (hours.data is None) and not (percent.errors or hours.errors):
                empty = percent if percent.data is None else hours
                empty.errors = ["Type a number, or leave both empty."]
        typed = [row for row in self.tier_rows if row.percent.data is not None and row.hours.data is not None]
        for row in typed:
            # One that gives no more than a later one would never count, and nobody would know why.
            if any(
                other is not row and other.hours.data <= row.hours.data and other.percent.data >= row.percent.data  # type: ignore[operator]
                for other in typed
            ):
                row.percent.errors = ["Earlier has to give more back than later."]
        return not self.policy_is_wrong


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
