"""What is made on trial: written down first, so that a crash leaves nothing unknown behind."""

from datetime import datetime

from coaching.rooms.models import ProbeRoom
from coaching.rooms.orphans.mutations import new_room_code
from coaching.rooms.planning.case import Part


def intend_probe(discord_guild_id: str, part: Part, now: datetime) -> ProbeRoom:
    """Record that something is about to be made on trial."""
    probe: ProbeRoom = ProbeRoom.create(
        kind=part, code=new_room_code(), discord_guild_id=discord_guild_id, intended_at=now
    )
    return probe


def record_probe(probe: ProbeRoom, discord_id: str) -> None:
    """Record what was made."""
    probe.discord_id = discord_id
    probe.save()


def forget_probe(probe: ProbeRoom) -> None:
    """Record that it is gone."""
    probe.delete_instance()
