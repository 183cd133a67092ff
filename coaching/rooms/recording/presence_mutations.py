"""Changes of what is known of who was in a room. Called inside the transaction of the look it tells of."""

from collections.abc import Mapping
from typing import Any

from coaching.accounts.models import Person
from coaching.rooms.models import Presence
from coaching.rooms.planning.coverage import joined


def record_presence(room_id: int, columns: Mapping[str, Any]) -> None:
    """Record that somebody was just seen in the room, or was not there, as `changes.py` has worked it out."""
    more = {**columns, "seconds": Presence.seconds + columns["seconds"]}
    Presence.insert(room=room_id, **columns).on_conflict(
        conflict_target=[Presence.room, Presence.person], update=more
    ).execute()


def move_presence(from_person: Person, to_person: Person) -> None:
    """What was seen of the person in rooms is the other person's. Call it inside a transaction."""
    # In one room both were seen only when it has changed hands since: what was seen of either counts.
    own = {presence.room_id: presence for presence in Presence.select().where(Presence.person == to_person)}
    for presence in (
        Presence.select().where(Presence.person == from_person, Presence.room.in_(list(own))) if own else ()
    ):
        same = own[presence.room_id]
        same.seconds += presence.seconds
        same.is_inside = same.is_inside or presence.is_inside
        same.last_seen_at = max(filter(None, (same.last_seen_at, presence.last_seen_at)), default=None)
        same.present_at = max(filter(None, (same.present_at, presence.present_at)), default=None)
        same.looked_at = max(same.looked_at, presence.looked_at)
        same.looks = joined([*(same.looks or ()), *(presence.looks or ())])
        same.save()
        presence.delete_instance()
    Presence.update(person=to_person).where(Presence.person == from_person).execute()
