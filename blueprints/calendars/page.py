"""How an outside calendar stands on its coach's page."""

from dataclasses import dataclass
from datetime import datetime

from coaching.accounts.models import Person
from coaching.calendars.addresses import shown_address
from coaching.calendars.emails import span_label
from coaching.calendars.health import Health, is_awaited
from coaching.calendars.models import Feed
from coaching.calendars.queries import feeds_in_trouble, feeds_of, health_now

# Kind and words of the pill.
PILLS = {
    Health.NEW: ("info", "New"),
    Health.WELL: ("good", "Up to date"),
    Health.REMARK: ("warn", "Something is odd"),
    Health.FAILING: ("warn", "Cannot be read"),
    Health.DEAD: ("bad", "Cannot be read"),
    Health.BLOCKING: ("bad", "No times offered"),
}
# A page asks again so often while a calendar is being read.
LOOK_EVERY = 2  # seconds
NEVER_READ = (
    "It has not been read yet. If this stays so for more than a minute, whoever runs this site has to look: nothing "
    "reads calendars there."
)
TOO_OLD = "What was read of it is older than you allow, and it has not been read since."
BLOCKS = "Until it is read, no times of yours are offered."
HOLDS = "What was read last counts until it is older than {}. After that, no times of yours are offered."


@dataclass(frozen=True)
class CalendarView:
    """One calendar: `trouble` and what `follows` from it are sentences, empty where all is well."""

    feed: Feed
    address: str
    pill: tuple[str, str]
    health: Health
    age: str
    is_awaited: bool
    trouble: str
    follows: str

    @property
    def kind(self) -> str:
        """Of the notice about its trouble."""
        return "bad" if self.health in (Health.DEAD, Health.BLOCKING) else "warn"


@dataclass(frozen=True)
class Banner:
    """What the dashboard says of calendars that fare alike; `code` is that of the first one."""

    kind: str
    title: str
    faults: list[str]
    code: str


def banners_for(coach: Person, now: datetime) -> list[Banner]:
    """One for those that keep all times from being offered, then one for those that are dead."""
    troubles = feeds_in_trouble(coach, now)
    banners = []
    for health, kind, start in (
        (Health.BLOCKING, "bad", "No times of yours are offered now: your"),
        (Health.DEAD, "warn", "Your"),
    ):
        if feeds := [feed for feed, its in troubles if its is health]:
            *first, last = [f"“{feed.name}”" for feed in feeds]
            names = f"calendars {', '.join(first)} and {last}" if first else f"calendar {last}"
            faults = list(dict.fromkeys(feed.fault for feed in feeds if feed.fault))
            banners.append(Banner(kind, f"{start} {names} cannot be read", faults, feeds[0].code))
    return banners


def calendar_views(coach: Person, now: datetime) -> list[CalendarView]:
    """The coach's outside calendars, the oldest first."""
    return [view_of(feed, now) for feed in feeds_of(coach)]


def view_of(feed: Feed, now: datetime) -> CalendarView:
    health, waits = health_now(feed, now), is_awaited(feed.next_try_at, feed.tried_at, now)
    age = span_label(feed.stale_after_minutes)
    return CalendarView(
        feed=feed,
        address=shown_address(feed.address),
        pill=("info", "Being read …") if waits else PILLS[health],
        health=health,
        age=age,
        is_awaited=waits,
        trouble="" if health is Health.NEW else feed.fault or missing(feed, health),
        follows=what_follows(health, age),
    )


def missing(feed: Feed, health: Health) -> str:
    if health is not Health.BLOCKING:
        return ""
    return TOO_OLD if feed.fetched_at else NEVER_READ


def what_follows(health: Health, age: str) -> str:
    if health is Health.BLOCKING:
        return BLOCKS
    return HOLDS.format(age) if health in (Health.FAILING, Health.DEAD) else ""
