"""Merging two accounts of one person: everything of the one moves to the other, in one transaction."""

from peewee import IntegrityError

from coaching.accounts.form_key_mutations import keep_result
from coaching.accounts.form_key_queries import find_result
from coaching.accounts.lock_mutations import lock_people
from coaching.accounts.merge_mutations import end_account, move_account, spend_claim
from coaching.accounts.models import Person, SignIn
from coaching.accounts.queries import find_claim
from coaching.booking.lapse_mutations import let_lapse
from coaching.booking.mutations import move_sessions
from coaching.calendars.mutations import move_feeds
from coaching.catalog.store_mutations import move_stores
from coaching.coaches.merge_mutations import move_coach
from coaching.db import database
from coaching.errors import CannotMerge, NothingToMerge
from coaching.folders.mutations import move_folder_words
from coaching.hours.mutations import move_hours
from coaching.merging.queries import what_moves
from coaching.messages.mutations import move_messages
from coaching.now import Now
from coaching.payments.merge_mutations import move_money
from coaching.reviews.mutations import move_reviews
from coaching.rooms.recording.mutations import move_presence
from coaching.students.merge_mutations import move_students


def merge_accounts(sign_in: SignIn, mark: str, form_key: str, now: Now) -> str:
    """The account that this sign-in has claimed is part of its own; the page to go on to comes back.

    `mark` is that of the Merger the person was shown: CannotMerge when anything has changed since, or stands in the
    way; NothingToMerge without a claim. The same form sent twice gives the first result.

    1. Let everything else that concerns the two people wait.
    2. Ask anew whether both are shown to be one, and what stands in the way.
    3. Move what is theirs.
    4. End the account.
    """
    try:
        with database.atomic():
            return _merge(sign_in, mark, form_key, now)
    except IntegrityError:
        # A guard of the database that no rule of ours foresaw. Nothing was moved.
        raise CannotMerge from None


def _merge(sign_in: SignIn, mark: str, form_key: str, now: Now) -> str:
    claim = find_claim(sign_in, now.machine)
    lock_people(sign_in.person_id, *([claim.other_id] if claim else []))
    if (first := find_result(sign_in.person, "merging", form_key)) is not None:
        return first
    claim = find_claim(sign_in, now.machine) if claim else None
    if claim is None or not spend_claim(claim):
        raise NothingToMerge
    here, there = Person.get_by_id(sign_in.person_id), Person.get_by_id(claim.other_id)
    # The database itself knows of no time that has run out.
    let_lapse(here, there, now.product)
    merger = what_moves(here, there, now.product)
    if merger.obstacles or merger.mark != mark:
        raise CannotMerge
    moves = (
        *(move_messages, move_presence, move_money, move_reviews, move_students, move_folder_words, move_sessions),
        *(move_stores, move_hours, move_feeds, move_account),
    )
    move_coach(there, here, now.product)
    for move in moves:
        move(there, here)
    end_account(there, here, merger.takes, claim.way, now.machine)
    keep_result(here, "merging", form_key, claim.back, now.machine)
    return str(claim.back)
