"""What a coach types about the zone of a schedule, and about a journey."""

from datetime import date

from wtforms import BooleanField
from wtforms.validators import StopValidation

from blueprints.forms import Form, Hidden, ZoneField, checked, required
from blueprints.schedules.day_forms import DateField
from coaching.hours.week import TravelSpan


class ScheduleZoneForm(Form):
    """`seen` is the zone that the page showed."""

    zone = ZoneField("Time zone of the hours")
    seen = Hidden()


class TravelForm(Form):
    travel_zone = ZoneField("Time zone there")
    from_on = DateField("First day there", [required("Choose the first day.")])
    until_on = DateField("Last day there", [required("Choose the last day.")])
    everywhere = BooleanField("In my other schedules, too")

    today: date | None = None
    latest: date | None = None

    def validate_until_on(self, field: DateField) -> None:
        if field.data and self.today and field.data < self.today:
            raise StopValidation("This journey is over already. Choose days to come.")
        if field.data and self.latest and field.data > self.latest:
            raise StopValidation(f"Plan no further than {self.latest.day} {self.latest:%B %Y}.")

    def details(self) -> TravelSpan:
        return TravelSpan(self.travel_zone.data, checked(self.from_on.data), checked(self.until_on.data))
