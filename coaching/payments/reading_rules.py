"""How often providers are asked what was done in their own pages, and what banks have done. Pure."""

from datetime import datetime, timedelta

# Without a word from the provider. A bank gives a week or more to answer.
READ_EVERY = timedelta(hours=1)


def is_to_read(read_at: datetime | None, reported_at: datetime | None, now: datetime) -> bool:
    """True where it was not read lately, or the provider has told of something since then."""
    # A demo's clock may have been put back.
    if read_at is None or not read_at <= now < read_at + READ_EVERY:
        return True
    return reported_at is not None and reported_at >= read_at
