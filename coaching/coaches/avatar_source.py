"""The port to where Discord keeps people's pictures: what is asked of it, and how it can fail. Port."""

from typing import Protocol


class AvatarError(Exception):
    """The picture cannot be had, for `reason`; where it is `permanent` there is no use in asking again."""

    def __init__(self, reason: str, *, permanent: bool = False) -> None:
        super().__init__(reason)
        self.permanent = permanent


class AvatarSource(Protocol):
    """Whoever can fetch the picture of a Discord account."""

    def read_avatar(self, discord_user_id: str, avatar: str) -> bytes:
        """The file with this hash, of the account with this id, in whatever format; AvatarError when there is none."""
