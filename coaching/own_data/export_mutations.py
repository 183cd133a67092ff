"""Changes of what people asked to download: asked for once at a time, claimed by a worker, made or given up, over."""

import secrets
from datetime import datetime

from coaching.accounts.event_mutations import note
from coaching.accounts.models import Person
from coaching.db import database
from coaching.messages.texts.formats import formats_of
from coaching.messages.texts.times import short_time
from coaching.notices.kinds import MessageKind
from coaching.notices.mutations import owe
from coaching.own_data import export_rules as rules
from coaching.own_data.export_models import Export


def ask_for_export(person: Person, now: datetime) -> bool:
    """Let the person's file be made. False where one is being made, or is ready: however often it is asked for, there
    is one at a time.
    """
    with database.atomic():
        is_over = Export.failed_at.is_null(False) | (Export.ends_at <= now)
        Export.delete().where(Export.person == person, is_over).execute()
        is_new = Export.add_unless_there(Export.person, person=person, asked_at=now, next_try_at=now)
        if is_new:
            note("data asked for", now, person)
    return is_new


def claim_next(now: datetime) -> Export | None:
    """The next file to make, claimed for CLAIM under a new name; None when none is due."""
    is_due = Export.next_try_at <= now
    while first := Export.select(Export.id).where(is_due).order_by(Export.next_try_at, Export.id).first():
        claim = {"claim": secrets.token_hex(16), "next_try_at": now + rules.CLAIM, "tries": Export.tries + 1}
        if Export.update(claim).where(Export.id == first.id, is_due).execute():
            return Export.get_or_none(Export.claim == claim["claim"])  # gone with its person, at the worst
    return None


def keep_claim(export: Export, now: datetime) -> bool:
    """The claim holds for CLAIM from now; False where it is lost: whoever has it writes a file of another name."""
    return bool(_own(export, next_try_at=now + rules.CLAIM))


def record_made(export: Export, size_bytes: int, site_url: str, now: datetime) -> bool:
    """The file is ready for KEPT, and its person is told; False where nobody wants it any more."""
    ends_at = now + rules.KEPT
    with database.atomic():
        if not _own(export, made_at=now, next_try_at=None, ends_at=ends_at, size_bytes=size_bytes):
            return False
        person = export.person
        formats = formats_of(person.language, person.has_twelve_hours)
        email = rules.ready(short_time(ends_at, person.zone or "UTC", formats), site_url)
        _notify(export, email.subject, email.body, now, ends_at)
    return True


def record_not_made(export: Export, site_url: str, now: datetime) -> None:
    """The file is tried again after a pause; after MOST_TRIES it is given up, and its person is told."""
    with database.atomic():
        if export.tries < rules.MOST_TRIES:
            _own(export, next_try_at=now + rules.PAUSE * export.tries)
        elif _own(export, failed_at=now, next_try_at=None, ends_at=now + rules.FAILURE_KEPT):
            email = rules.failed(site_url)
            _notify(export, email.subject, email.body, now, None)


def forget_ended(now: datetime) -> int:
    """What is over has no row any more, and so no file before long; how many there were."""
    return int(Export.delete().where(Export.ends_at <= now).execute())


def drop_exports(person: Person | None = None) -> int:
    """Nothing of the person's, or without one of anybody's, can be downloaded any more; how many there were."""
    which = Export.person == person if person else Export.id.is_null(False)
    return int(Export.delete().where(which).execute())


def _own(export: Export, **values: object) -> int:
    """Change the row if it is still claimed by this name."""
    return int(Export.update(values).where(Export.id == export.id, Export.claim == export.claim).execute())


def _notify(export: Export, subject: str, body: str, now: datetime, ends_at: datetime | None) -> None:
    if export.person.suspended_at:
        return  # it leads to their settings, and they see it on the page on which they asked
    key = f"export:{export.claim}"
    owe(MessageKind.DATA_READY, key, export.person_id, now, subject=subject, body=body, ends_at=ends_at)
