"""How long what was asked for about oneself is made, tried and kept, and as which words it comes. Pure."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from coaching.accounts.emails import Email
from coaching.notices.kinds import MessageKind

KEPT = timedelta(days=1)
# What could not be made is said for so long, unless it is asked for again.
FAILURE_KEPT = timedelta(days=7)
# A worker that has not been heard of for so long does not write this file any more.
CLAIM = timedelta(minutes=3)
RENEW = timedelta(seconds=30)
PAUSE = timedelta(minutes=1)
MOST_TRIES = 3
# Whoever has waited for so long reads that something is in the way.
LATE = timedelta(minutes=5)
PAGE = "/settings/data"


class ExportState(StrEnum):
    NONE = "none"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"


def file_name(made_at: datetime) -> str:
    """What the download is called."""
    return f"your-data-{made_at.astimezone(UTC):%Y-%m-%d}.zip"


def size_label(size_bytes: int) -> str:
    """How large a file is: "12 KB", "1.4 MB"."""
    kilobytes = max(1, round(size_bytes / 1000))
    return f"{kilobytes} KB" if kilobytes < 1000 else f"{kilobytes / 1000:.1f} MB"


def as_plain(value: Any) -> Any:
    """A value as JSON has it: instants in UTC by ISO 8601 to the second, dates as such, all else as it stands."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [as_plain(part) for part in value]
    return value


def as_json(row: Mapping[str, Any]) -> str:
    """One entry of a file, to be read by people as well."""
    plain = {name: as_plain(value) for name, value in row.items()}
    return json.dumps(plain, ensure_ascii=False, indent=2, default=str)


def read_json(text: str) -> Any:
    """What a column of JSON says; the text itself where it cannot be read."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def read_me(site_name: str, files: Sequence[tuple[str, int, str]], now: datetime) -> str:
    """The list of files, each with its number of entries and what it is, and how to read them."""
    lines = [f"  {name} ({count}): {about}" for name, count, about in files]
    return "\n".join(
        [
            f"What {site_name} keeps about you, as of {as_plain(now)}.",
            "",
            "Each file is JSON: open it with a browser or a text editor. Behind its name stands how many entries it",
            "has, and then what they are. What is not in the list, there is nothing of.",
            "",
            *lines,
            "",
            "Times are in UTC, by ISO 8601: 2026-11-30T09:00:00Z. Amounts are whole numbers of a currency's smallest",
            "unit: 4900 with EUR is 49.00 euros. A session is named by its code, which is the end of its address.",
            "",
            "Not in here: passwords, keys and links, of which only you or nobody has the text; what others keep to",
            "themselves; and other people's addresses. Students' answers are deleted 90 days after a call.",
            "",
        ]
    )


def ready(ends_at: str, site_url: str) -> Email:
    """The file can be downloaded; `ends_at` says until when."""
    return _email(
        "Your data is ready to download",
        f"What this site keeps about you is in one file. You can download it until {ends_at}, signed in to your "
        "account; then it is deleted here.",
        "If you did not ask for it, somebody else may be signed in to your account: choose a new password.",
        "Download it:",
        site_url + PAGE,
    )


def failed(site_url: str) -> Email:
    """The file could not be made."""
    return _email(
        "Your data could not be put together",
        "You asked for a file with all that this site keeps about you. It could not be made, and whoever runs the site "
        "finds the reason in their log. Ask for it again; should it fail once more, write to them.",
        "Ask again:",
        site_url + PAGE,
    )


def _email(subject: str, *paragraphs: str) -> Email:
    return Email(MessageKind.DATA_READY, subject, "\n\n".join((f"{subject}.", *paragraphs)) + "\n")
