"""Changes of what is known of who was in a room. Called inside the transaction of the look it tells of."""

from datetime import datetime, timedelta

from coaching.accounts.models import Person
from coaching.rooms.models import Presence

# Somebody seen twice within this time is taken to have been there in between.
LONGEST_GAP = timedelta(minutes=5)


def record_presence(room_id: int, person_id: int, is_inside: bool, machine_now: datetime) -> bool:
    """The person was just seen in the room, or was not there; whether they had been inside at the look before."""
    before = Presence.get_or_none(Presence.room == room_id, Presence.person == person_id)
    seen = {"is_inside": is_inside, "looked_at": machine_now}
    if is_inside:
        seen["last_seen_at"] = machine_now
    if before is None:
        Presence.insert(room=room_id, person=person_id, **seen).on_conflict(
            conflict_target=[Presence.room, Presence.person], update=seen
        ).execute()
        return False
    gap = machine_now - before.looked_at
    if is_inside and before.is_inside and timedelta(0) < gap <= LONGEST_GAP:
        seen["seconds"] = Presence.seconds + round(gap.total_seconds())
    Presence.update(**seen).where(Presence.id == before.id).execute()
    return bool(before.is_inside)


def move_presence(from_person: Person, to_person: Person) -> None:
    """What was seen of the person in rooms is the other person's. Call it inside a transaction."""
    # In one room both were seen only when it has changed hands since: what was seen of either counts.
    own = {one.room_id: one for one in Presence.select().where(Presence.person == to_person)}
    for one in Presence.select().where(Presence.person == from_person, Presence.room.in_(list(own))) if own else ():
        same = own[one.room_id]
        same.seconds += one.seconds
        same.is_inside = same.is_inside or one.is_inside
        same.last_seen_at = max(filter(None, (same.last_seen_at, one.last_seen_at)), default=None)
        same.looked_at = max(same.looked_at, one.looked_at)
        same.save()
        one.delete_instance()
    Presence.update(person=to_person).where(Presence.person == from_person).execute()
