"""Rows of rooms that nobody can read: which they are, in words, and what to do about them. Pure."""

from dataclasses import dataclass

# Without what stands in these columns the reconciler finds out from Discord how things are, or does a step once more.
FORGETTABLE = frozenset(
    {
        "room.attempts",
        "room.checked_at",
        "room.claimed_until",
        "room.extra_minutes",
        "room.failing_step",
        "room.greeting_message_id",
        "room.looked_at",
        "room.next_try_at",
        "room.overwrites",
        "room.thresholds",
        "room.to_disconnect",
        "room.warned_at",
        "presence.looks",
    }
)
# For whoever does not run the site.
FOR_EVERYBODY = (
    "This site cannot read its own record of this room, and leaves the room alone. Whoever runs the site has been told "
    "and has to mend it."
)


@dataclass(frozen=True)
class UnreadableRoom:
    """A room, shared part or session whose row holds what it cannot mean; nothing is done about it until that is fixed.

    `column` is the one that was come upon, as `table.column`; there may be more.
    """

    code: str  # the session's, or the shared part's
    column: str
    room_id: int | None
    session_id: int | None = None  # None: it is a shared part

    @property
    def is_forgettable(self) -> bool:
        """True where nothing is lost with the column's value."""
        return self.room_id is not None and self.column in FORGETTABLE

    @property
    def sentence(self) -> str:
        """What is wrong, for whoever runs the site."""
        whose = f"session {self.code}" if self.session_id else f"category or shared role {self.code}"
        return (
            f"The record of {whose} cannot be read: {self.column} holds what makes no sense. It is left alone, and all "
            "others go on."
        )

    @property
    def remedy(self) -> str:
        """What to do about it."""
        if self.is_forgettable:
            return f"Nothing is lost when that value is forgotten: `flask rooms mend {self.code}`"
        return (
            f"Put the value of {self.column} right in the database, or take back a backup while the site is stopped: "
            "`flask db restore DATA_DIR/backups/NAME`"
        )
