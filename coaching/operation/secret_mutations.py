"""Changes of the record of wrong secrets."""

from datetime import datetime

from coaching.db import database
from coaching.operation.models import WrongSecret
from coaching.operation.wrong_secrets import WINDOW
from coaching.origins import origin_of


def count_wrong_secret(address: str, machine_now: datetime) -> None:
    """One more wrong secret came from there; what is over is forgotten."""
    with database.atomic():
        WrongSecret.delete().where(WrongSecret.since <= machine_now - WINDOW).execute()
        WrongSecret.insert(address=origin_of(address), tries=1, since=machine_now).on_conflict(
            conflict_target=[WrongSecret.address], update={WrongSecret.tries: WrongSecret.tries + 1}
        ).execute()
