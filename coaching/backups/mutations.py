"""What is made true of a database that was just restored."""

from dataclasses import dataclass
from datetime import datetime

from coaching.accounts.event_mutations import note
from coaching.accounts.mutations import end_sign_ins_and_links
from coaching.db import database
from coaching.notices.models import RESTORED
from coaching.notices.mutations import leave_to_a_hand
from coaching.rooms.cases.queries import known_guilds
from coaching.rooms.orphans.mutations import want_sweep


@dataclass(frozen=True)
class Settled:
    """How many sign-ins and links by mail were ended, and how many mails wait for somebody to send them."""

    sign_ins: int
    links: int
    mails: int


def settle(now: datetime) -> Settled:
    """End what time has overtaken since the backup: sign-ins, links by mail, and mails that may have gone since.

    Every server is searched as soon as the worker runs.
    """
    with database.atomic():
        sign_ins, links = end_sign_ins_and_links(now)
        mails = leave_to_a_hand(RESTORED, now)
        for guild_id in known_guilds():
            # What was made there since has no row any more.
            want_sweep(guild_id, now)
        note("database restored", now, detail=f"{sign_ins} sign-ins ended, {mails} mails unsure")
    return Settled(sign_ins, links, mails)
