"""Changes of what is known of who was in a room. Called inside the transaction of the look it tells of."""

from datetime import timedelta
from typing import Any

from coaching.accounts.models import Person
from coaching.rooms.claim_mutations import Stamp
from coaching.rooms.models import Presence
from coaching.rooms.planning.coverage import LONGEST_GAP, joined, with_look
from coaching.rooms.records import packed_spans, unpacked_spans


def record_presence(room_id: int, person_id: int, is_inside: bool, stamp: Stamp) -> bool:
    """The person was just seen in the room, or was not there; whether they had been inside at the look before."""
    before = Presence.get_or_none(Presence.room == room_id, Presence.person == person_id)
    looks = with_look(unpacked_spans(before.looks) if before else (), stamp.now)
    seen: dict[str, Any] = {"is_inside": is_inside, "looked_at": stamp.machine_now, "looks": packed_spans(looks)}
    if is_inside:
        # A demo's clock that was put back takes nobody's coming back.
        earlier = before.present_at if before else None
        seen |= {"last_seen_at": stamp.machine_now, "present_at": max(stamp.now, earlier or stamp.now)}
    if before is None:
        Presence.insert(room=room_id, person=person_id, **seen).on_conflict(
            conflict_target=[Presence.room, Presence.person], update=seen
        ).execute()
        return False
    gap = stamp.machine_now - before.looked_at
    # Somebody seen at two looks was there in between.
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
        same.present_at = max(filter(None, (same.present_at, one.present_at)), default=None)
        same.looked_at = max(same.looked_at, one.looked_at)
        same.looks = packed_spans(joined([*unpacked_spans(same.looks), *unpacked_spans(one.looks)]))
        same.save()
        one.delete_instance()
    Presence.update(person=to_person).where(Presence.person == from_person).execute()
