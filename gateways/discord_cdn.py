"""Fetches people's pictures from where Discord keeps them; nothing else is asked, and no other place is gone to."""

from typing import Any

import requests

from coaching.coaches.avatar_source import AvatarError
from coaching.coaches.avatars import avatar_path
from gateways import deadline

SECONDS = 10.0  # in all
# One of 256 pixels has a fraction of that.
LARGEST = 2 * 1024 * 1024
# Worth asking again: too many, too late, in trouble.
PASSING = (408, 425, 429)


class DiscordCdn:
    """Discord's pictures at this origin."""

    def __init__(self, url: str, seconds: float = SECONDS) -> None:
        self._url = url
        self._seconds = seconds

    def read_avatar(self, discord_user_id: str, avatar: str) -> bytes:
        """The picture as it is sent, decoded by nobody yet; AvatarError where there is none."""
        path = avatar_path(discord_user_id, avatar)
        if path is None:
            raise AvatarError("no hash of a picture", permanent=True)
        headers = {"User-Agent": "Greenroom", "Accept": "image/png, image/webp, image/jpeg"}
        try:
            # A redirect is no picture: it would lead wherever whoever sends it likes.
            asking: dict[str, Any] = {
                "headers": headers,
                "timeout": self._seconds,
                "allow_redirects": False,
                "stream": True,
            }
            with (
                deadline.within(self._seconds),
                deadline.open_session() as session,
                session.get(self._url + path, **asking) as answer,
            ):
                return _taken(answer)
        except AvatarError:
            raise
        except (requests.RequestException, OSError) as problem:
            raise AvatarError(type(problem).__name__) from None


def _taken(answer: requests.Response) -> bytes:
    status = answer.status_code
    if status != 200:
        raise AvatarError(f"status {status}", permanent=300 <= status < 500 and status not in PASSING)
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not kind.startswith("image/"):
        raise AvatarError("no picture", permanent=True)
    length = answer.headers.get("Content-Length", "")
    if length.isascii() and length.isdigit() and int(length[:12]) > LARGEST:
        raise AvatarError("too large", permanent=True)
    return deadline.read_answer(answer, LARGEST)
