"""Changes of what is known of who was in a room. Called inside the transaction of the look it tells of."""

from datetime import timedelta
from typing import Any

from coaching.rooms.claim_mutations import Stamp
from coaching.rooms.models import Presence
from coaching.rooms.planning.coverage import LONGEST_GAP, with_look
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
