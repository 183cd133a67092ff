"""Anything may happen to bookings, people and the clock; an independent model says which messages each person gets.

The model knows no row of ours and calls none of our decisions: it keeps what was told in lists of its own.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from coaching.accounts.models import DiscordLink, Person
from coaching.booking.details import BookingDetails
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.mutations import book_session, cancel_session
from coaching.catalog.queries import offers_of
from coaching.messages.mutations import choose_way, save_settings
from coaching.messages.planning.routing import Way
from coaching.notices.kinds import MessageKind
from coaching.notices.models import Notice
from coaching.notices.mutations import release_held
from coaching.schema import MODELS
from tests import factories
from tests.fakes import FakeHost, FakeMailer
from tests.sending import deliver_due

EPOCH = datetime(2027, 3, 26, 9, 0, tzinfo=UTC)  # two days before the clocks change in Berlin
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")
PEOPLE = ("student", "coach")
STUDENT_REMINDERS = (1440, 60)
# What may be turned off, and what waits for the morning.
OPTIONAL = {"reminder", "review_asked", "coach_booked", "coach_reminder", "coach_day"}
WAITING = {"reminder", "review_asked", "coach_booked", "coach_reminder", "coach_day"}
CHOSEN = ("reminder", "review_asked", "coach_booked", "coach_reminder", "coach_day", "cancelled", "coach_cancelled")
MOST_SESSIONS = 5
QUIET = st.sampled_from((None, (22, 7), (12, 15)))
WAYS = ("mail", "discord", "both", "off")
CHOICES = st.tuples(st.sampled_from(PEOPLE), st.sampled_from(CHOSEN), st.sampled_from(WAYS))


@dataclass
class Call:
    """A booked call, as the model remembers it."""

    number: int
    starts_at: datetime
    timed_at: datetime
    changes: int = 0
    is_cancelled: bool = False
    handled: set[tuple[str, datetime, int]] = field(default_factory=set)
    is_looked_at: bool = True
    is_asked_about: bool = True  # its end is still to be looked at
    is_asked: bool = False

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + HOUR


@dataclass
class Email:
    """Something that a person is to be told."""

    kind: str
    person: str
    made_at: datetime
    call: Call | None = None
    about: str = ""
    starts_at: datetime | None = None
    waits_until: datetime | None = None
    is_held: bool = False


@dataclass
class Human:
    has_mail: bool = True
    has_discord: bool = True
    ways: dict[str, str] = field(default_factory=dict)
    quiet: tuple[int, int] | None = None
    morning: datetime | None = None


class Model:
    """Which messages each person gets, by rules written a second time."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.people = {name: Human() for name in PEOPLE}
        self.coach_reminders: tuple[int, ...] = (60,)
        self.letters: list[Email] = []
        self.got: Counter[tuple[str, str, str, str]] = Counter()

    def turn(self, now: datetime) -> None:
        """The worker does its minute's work."""
        for call in self.calls:
            self._remind(call, now)
            self._ask(call, now)
        self._list_day(now)
        for letter in list(self.letters):
            if not letter.is_held and (letter.waits_until is None or letter.waits_until <= now):
                self._send(letter, now)

    def _remind(self, call: Call, now: datetime) -> None:
        if call.is_cancelled or not call.is_looked_at:
            return
        if now >= call.starts_at:
            call.is_looked_at = False
            return
        for kind, person, reminders in (
            ("reminder", "student", STUDENT_REMINDERS),
            ("coach_reminder", "coach", self.coach_reminders),
        ):
            due = sorted(m for m in reminders if call.timed_at < call.starts_at - m * MINUTE <= now)
            fresh = bool(due) and (kind, call.starts_at, due[0]) not in call.handled
            call.handled |= {(kind, call.starts_at, minutes) for minutes in due}
            if fresh:
                self.letters = [letter for letter in self.letters if (letter.kind, letter.call) != (kind, call)]
                about = f"{call.number} {call.starts_at:%d %H:%M} {due[0]}"
                self.letters.append(Email(kind, person, now, call, about, call.starts_at))

    def _ask(self, call: Call, now: datetime) -> None:
        """By phone nobody sees who was there: whoever had a call that was not called off is asked how it was."""
        if call.is_cancelled or not call.is_asked_about or now < call.ends_at + HOUR:
            return
        call.is_asked_about = False
        if not call.is_asked and now < call.ends_at + 7 * DAY:
            call.is_asked = True
            self.letters.append(Email("review_asked", "student", now, call, str(call.number)))

    def _list_day(self, now: datetime) -> None:
        coach = self.people["coach"]
        if coach.morning and coach.morning <= now:
            coach.morning = morning_after(now)
            if self._calls_until(now, coach.morning):
                self.letters.append(Email("coach_day", "coach", now, about=f"{now:%Y-%m-%d}"))

    def _calls_until(self, now: datetime, until: datetime) -> bool:
        return any(not call.is_cancelled and now <= call.starts_at < until for call in self.calls)

    def _send(self, letter: Email, now: datetime) -> None:
        human, call = self.people[letter.person], letter.call
        self.letters.remove(letter)
        if call and call.is_cancelled and "cancelled" not in letter.kind:
            return
        if call and letter.starts_at and letter.starts_at != call.starts_at:
            return
        if self._is_too_late(letter, now):
            return
        way = human.ways.get(letter.kind, "off" if letter.kind == "coach_day" else "")
        if way == "off" and letter.kind in OPTIONAL:
            return
        channels = [name for name, is_there in (("mail", human.has_mail), ("discord", human.has_discord)) if is_there]
        if not channels:
            letter.is_held = True
            self.letters.append(letter)
            return
        if human.quiet and letter.kind in WAITING and (until := quiet_end(human.quiet, now)):
            if not self._is_too_late(letter, until):
                letter.waits_until = until
                self.letters.append(letter)
            return
        if letter.kind == "coach_day" and not self._calls_until(now, morning_after(now)):
            return
        for channel in channels if way == "both" else [way] if way in channels else channels[:1]:
            self.got[letter.person, channel, letter.kind, letter.about] += 1

    def _is_too_late(self, letter: Email, now: datetime) -> bool:
        if "cancelled" in letter.kind or letter.kind == "coach_day":
            return now >= letter.made_at + DAY
        if letter.kind == "review_asked":
            return now >= letter.made_at + 7 * DAY
        assert letter.call
        return now >= (letter.call.starts_at if "reminder" in letter.kind else letter.call.ends_at)

    def release(self, person: str) -> None:
        for letter in self.letters:
            if letter.person == person and letter.is_held:
                letter.is_held, letter.waits_until = False, None

    def both(self, call: Call, kind: str, now: datetime) -> None:
        about = f"{call.number} {call.changes}"
        self.letters.append(Email(kind, "student", now, call, about))
        self.letters.append(Email(f"coach_{kind}", "coach", now, call, about))


def morning_after(now: datetime) -> datetime:
    """Seven o'clock in Berlin, the next time that it is."""
    day = now.astimezone(BERLIN).replace(hour=7, minute=0, second=0, microsecond=0)
    while day.astimezone(UTC) <= now:
        # Adding a day to a time with a zone keeps the wall clock.
        day += DAY
    return day.astimezone(UTC)


def quiet_end(quiet: tuple[int, int], now: datetime) -> datetime | None:
    """When the quiet hours are over in which `now` lies; hours on the wall, none of which a change of clocks skips."""
    begin, end = quiet
    there = now.astimezone(BERLIN)
    is_in = begin <= there.hour < end if begin < end else there.hour >= begin or there.hour < end
    if not is_in:
        return None
    day = there.replace(hour=end, minute=0, second=0, microsecond=0, fold=0)
    if day <= there.replace(fold=0):
        day += DAY
    return day.astimezone(UTC)


class Messages(RuleBasedStateMachine):
    """A store, its coach and one student, and whatever may come over them."""

    def __init__(self) -> None:
        super().__init__()
        for table in reversed(MODELS):
            table.delete().execute()
        self.now = EPOCH
        self.model = Model()
        self.mailer, self.host = FakeMailer(), FakeHost()
        self.people = {
            "student": factories.make_person("Student", linked_as="2001"),
            "coach": factories.make_person("Coach", linked_as="2002"),
        }
        store = factories.make_store(self.people["coach"])
        always = factories.make_schedule(self.people["coach"], start_minute=0, length_minutes=1440)
        self.product = factories.make_product(store, session_type="phone", grid_minutes=60, schedule=always)
        self.sessions: list[CoachingSession] = []

    @initialize(
        hours=st.lists(st.integers(1, 50), min_size=1, max_size=3),
        quiet=QUIET,
        ways=st.lists(CHOICES, max_size=3),
        misses=st.sampled_from((None, "moved", "near")),
    )
    def begin(
        self, hours: list[int], quiet: tuple[int, int] | None, ways: list[tuple[str, str, str]], misses: str | None
    ) -> None:
        for ahead in (48, *hours) if misses else hours:
            self.book(ahead)
        self.keep_quiet("student", quiet)
        for person, kind, way in ways:
            self.choose(person, kind, way)
        if misses:
            self.miss_a_reminder("student", 0, misses == "moved")

    # --- What happens

    @rule(hours=st.integers(1, 50))
    def book(self, hours: int) -> None:
        if len(self.sessions) >= MOST_SESSIONS:
            return
        starts_at = self.now.replace(minute=0) + hours * HOUR
        taken = any(abs(call.starts_at - starts_at) < HOUR and not call.is_cancelled for call in self.model.calls)
        if taken:
            return
        [offer] = offers_of(self.product)
        details = BookingDetails(
            starts_at=starts_at, offer_id=offer.id, phone="+49 30 1234567", form_key=f"form {len(self.sessions)}"
        )
        session = book_session(self.product, self.people["student"], details, self.now)
        self.sessions.append(session)
        call = Call(len(self.sessions), starts_at, self.now)
        self.model.calls.append(call)
        self.model.both(call, "booked", self.now)

    @rule(number=st.integers(0, MOST_SESSIONS - 1), by=st.sampled_from(PEOPLE))
    def cancel(self, number: int, by: str) -> None:
        if number >= len(self.sessions):
            return
        call = self.model.calls[number]
        if call.is_cancelled or self.now >= (call.starts_at if by == "student" else call.ends_at):
            return
        cancel_session(CoachingSession.get_by_id(self.sessions[number].id), self.people[by], self.now)
        call.is_cancelled, call.changes = True, call.changes + 1
        self.model.both(call, "cancelled", self.now)

    @rule(number=st.integers(0, MOST_SESSIONS - 1), hours=st.integers(1, 60))
    def change_times(self, number: int, hours: int) -> None:
        if number >= len(self.sessions):
            return
        call, starts_at = self.model.calls[number], self.now.replace(minute=0) + hours * HOUR
        others = [
            other_call for other_call in self.model.calls if other_call is not call and not other_call.is_cancelled
        ]
        if (
            call.is_cancelled
            or self.now >= call.starts_at
            or any(abs(other.starts_at - starts_at) < HOUR for other in others)
        ):
            return
        times = {"starts_at": starts_at, "ends_at": starts_at + HOUR}
        busy = {"busy_from": starts_at, "busy_until": starts_at + HOUR}
        CoachingSession.update(
            revision=CoachingSession.revision + 1, timed_at=self.now, next_look_at=self.now, **times, **busy
        ).where(CoachingSession.id == self.sessions[number].id).execute()
        Seat.update(**times).where(Seat.coaching_session == self.sessions[number]).execute()
        call.starts_at, call.timed_at, call.changes, call.is_looked_at = starts_at, self.now, call.changes + 1, True
        call.is_asked_about = True

    @rule(choice=CHOICES)
    def choose_one(self, choice: tuple[str, str, str]) -> None:
        self.choose(*choice)

    def choose(self, person: str, kind: str, way: str) -> None:
        choose_way(self.people[person], MessageKind(kind), Way(way), self.now)
        self.model.people[person].ways[kind] = way
        if kind == "coach_day" and person == "coach":
            self.model.people[person].morning = None if way == "off" else morning_after(self.now)

    @rule(person=st.sampled_from(PEOPLE), quiet=QUIET)
    def keep_quiet(self, person: str, quiet: tuple[int, int] | None) -> None:
        begin, end = (quiet[0] * 60, quiet[1] * 60) if quiet else (None, None)
        save_settings(self.people[person], quiet_from=begin, quiet_until=end)
        self.model.people[person].quiet = quiet
        for letter in self.model.letters:
            if letter.person == person:
                letter.waits_until = None

    @rule(reminders=st.sampled_from(((), (60,), (30, 180), (15,))))
    def remind_the_coach(self, reminders: tuple[int, ...]) -> None:
        save_settings(self.people["coach"], reminders=reminders)
        self.model.coach_reminders = reminders
        for call in self.model.calls:
            call.is_looked_at = True

    @rule(person=st.sampled_from(PEOPLE), is_verified=st.booleans())
    def verify(self, person: str, is_verified: bool) -> None:
        at = factories.MADE_AT if is_verified else None
        Person.update(email_verified_at=at).where(Person.id == self.people[person].id).execute()
        self.model.people[person].has_mail = is_verified
        if is_verified:
            release_held(self.people[person].id)
            self.model.release(person)

    @rule(person=st.sampled_from(PEOPLE), is_linked=st.booleans())
    def link(self, person: str, is_linked: bool) -> None:
        DiscordLink.delete().where(DiscordLink.person == self.people[person]).execute()
        if is_linked:
            factories.link_discord(self.people[person], {"student": "2001", "coach": "2002"}[person])
            release_held(self.people[person].id)
            self.model.release(person)
        self.model.people[person].has_discord = is_linked

    @rule(person=st.sampled_from(PEOPLE))
    def cut_off(self, person: str) -> None:
        """Nobody knows where to reach them, for a while."""
        self.verify(person, False)
        self.link(person, False)

    @rule(person=st.sampled_from(PEOPLE), way=st.sampled_from(("verify", "link")))
    def come_back(self, person: str, way: str) -> None:
        getattr(self, way)(person, True)

    @rule(person=st.sampled_from(PEOPLE), number=st.integers(0, MOST_SESSIONS - 1), moves=st.booleans())
    def miss_a_reminder(self, person: str, number: int, moves: bool) -> None:
        """Nobody can reach them from a day before the call until an hour before, or until it has another time."""
        if number >= len(self.sessions) or self.model.calls[number].is_cancelled:
            return
        starts_at = self.model.calls[number].starts_at
        if self.now >= starts_at - HOUR:
            return
        self.cut_off(person)
        self.now = max(self.now, starts_at - DAY)
        self.turn()
        if moves:
            self.change_times(number, 50)
        else:
            self.now = starts_at - 50 * MINUTE
            self.turn()
        self.come_back(person, "verify")
        self.turn()

    @rule(minutes=st.sampled_from((1, 5, 30, 60, 120, 360, 1440)))
    def work_on(self, minutes: int) -> None:
        """Time goes on, and the worker works: a minute's work at the end of each quarter of it."""
        for _ in range(4):
            self.now += timedelta(minutes=minutes) / 4
            self.turn()

    @rule(hours=st.integers(1, 60))
    def stand_still(self, hours: int) -> None:
        """An outage: time goes on, and nobody works."""
        self.now += hours * HOUR

    @rule(hours=st.integers(1, 30))
    def turn_back(self, hours: int) -> None:
        self.now = max(self.now - hours * HOUR, EPOCH)

    @rule()
    def turn(self) -> None:
        deliver_due(self.mailer, self.now, host=self.host)
        self.model.turn(self.now)
        assert self.got() == self.model.got

    # --- What came of it

    def got(self) -> Counter[tuple[str, str, str, str]]:
        """What each person was really sent."""
        sent: Counter[tuple[str, str, str, str]] = Counter()
        numbers = {session.id: number for number, session in enumerate(self.sessions, 1)}
        names = {person.id: name for name, person in self.people.items()}
        for notice in Notice.select().where(Notice.state == "sent"):
            sent[names[notice.person_id], notice.channel, notice.kind, about_of(notice, numbers)] += 1
        assert len(self.mailer.sent) == sum(count for (_, channel, *_), count in sent.items() if channel == "mail")
        assert len(self.host.messages) == sum(count for (_, channel, *_), count in sent.items() if channel == "discord")
        return sent


def about_of(notice: Notice, numbers: dict[int, int]) -> str:
    parts = notice.key.partition("/")[0].split(":")
    if notice.kind == "coach_day":
        return str(parts[2])
    number = numbers[notice.session_id]
    if notice.kind == "review_asked":
        return str(number)
    if "reminder" not in notice.kind:
        return f"{number} {parts[2]}"
    starts_at = datetime.fromtimestamp(int(parts[2]), UTC)
    return f"{number} {starts_at:%d %H:%M} {parts[3]}"
