"""Whose messages they are: those to a person, and the mails about their account, which go to an address alone."""

import json
from collections.abc import Collection

from coaching.notices.kinds import Channel
from coaching.notices.models import Notice


def account_fields(person_id: int | None) -> str:
    """The `fields` of a mail about this person's account: it may go to an address that is not theirs any more, or not
    yet. Pure.
    """
    return json.dumps({"account": person_id} if person_id else {})


def overtake_account_mail(person_id: int, kinds: Collection[str]) -> None:
    """No mail of these kinds about the person's account goes that still waits: what it brings is worth nothing now."""
    is_waiting = Notice.kind.in_(kinds) & (Notice.channel == Channel.MAIL) & (Notice.state == "waiting")
    Notice.update(state="overtaken").where(is_waiting, Notice.fields == account_fields(person_id)).execute()


def move_notices(from_id: int, to_id: int) -> None:
    """Every message to the one person is one to the other. Call it in a transaction."""
    Notice.update(person_id=to_id).where(Notice.person_id == from_id).execute()
    about_both = {"fields": account_fields(to_id)}
    Notice.update(about_both).where(Notice.person_id.is_null(), Notice.fields == account_fields(from_id)).execute()


def forget_account_mail(person_id: int, addresses: Collection[str]) -> None:
    """No mail is left that was about the person's account, or that went to one of these addresses of theirs."""
    is_theirs = (Notice.fields == account_fields(person_id)) | Notice.recipient.in_(addresses)
    Notice.delete().where(Notice.person_id.is_null(), is_theirs).execute()
