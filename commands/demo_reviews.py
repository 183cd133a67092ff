"""What a demo's earlier calls were like: who was in their rooms, what they wrote, and what the coach answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession
from coaching.db import new_code
from coaching.reviews.details import ReviewDetails
from coaching.reviews.mutations import answer_review, write_review
from coaching.rooms.cases.queries import session_case
from coaching.rooms.models import Presence, Room
from coaching.rooms.planning.case import RoomState
from coaching.rooms.planning.status import RoomStatus


@dataclass(frozen=True)
class Reviewed:
    """A call so many days ago, what its student wrote the day after, and what the coach answered to it."""

    days: int
    key: str
    goals: str
    stars: int
    words: str
    answer: str = ""


REVIEWED = (
    Reviewed(
        61,
        "coach2",
        "How loud is too loud for a stream intro?",
        5,
        "I teach myself, so I know how hard it is to hear somebody’s work and say the one thing that helps. Nova does.",
    ),
    Reviewed(
        47,
        "student2",
        "A first listen to the EP.",
        4,
        "Very concrete, nothing vague. Half an hour is short for two tracks: take the longer one.",
        "True, and thank you! With two tracks I now say so before the call.",
    ),
    Reviewed(
        33,
        "student",
        "Why does the chorus feel smaller than the verse?",
        5,
        "The chorus opens up now. We changed three things while I watched,\nand I could do all of them again alone.",
    ),
)


def plant_reviewed(
    book: Callable[[Reviewed], CoachingSession], people: Mapping[str, Person], coach: Person, guild_id: str
) -> None:
    """Every one of these calls was held, with both of them in its room, and reviewed the day after."""
    for reviewed in REVIEWED:
        held = book(reviewed)
        _record_room(held, (coach, people[reviewed.key]), guild_id)
        written_at = held.ends_at + timedelta(days=1)
        write_review(held, people[reviewed.key], ReviewDetails(reviewed.stars, reviewed.words), written_at)
        if reviewed.answer:
            answer_review(held, coach, reviewed.answer, written_at + timedelta(hours=3))


def _record_room(held: CoachingSession, people: tuple[Person, ...], guild_id: str) -> None:
    """There was a room, and both were seen in it from beginning to end."""
    case, _ = session_case(held)
    times = RoomStatus(case, held.created_at).times
    room = Room.create(
        coaching_session=held,
        code=new_code(),
        state=RoomState.REMOVED,
        discord_guild_id=guild_id,
        thresholds=case.thresholds,
        let_in=((times.opens_at, times.closes_at),),
        created_at=times.made_at,
    )
    for person in people:
        Presence.create(
            room=room,
            person=person,
            seconds=held.minutes * 60,
            last_seen_at=held.ends_at,
            looked_at=held.ends_at,
            looks=((held.starts_at, held.ends_at),),
            present_at=held.ends_at,
        )
