"""Changes of a coach's outside calendars."""

from coaching.accounts.models import Person
from coaching.calendars.models import Feed


def move_feeds(from_coach: Person, to_coach: Person) -> None:
    """Every outside calendar is the other person's."""
    Feed.update(coach=to_coach).where(Feed.coach == from_coach).execute()
