"""The site as its messages speak of it: its name, its addresses, and the links in them. Pure."""

from dataclasses import dataclass
from urllib.parse import quote

from itsdangerous import BadSignature, URLSafeSerializer

OFF_SALT = "message off"


@dataclass(frozen=True)
class Sender:
    """Who sends, and under which addresses its pages are. `link_keys` sign what a link says, the newest first."""

    name: str
    url: str
    discord_url: str  # where Discord's own pages are
    link_keys: tuple[bytes, ...]
    sends_mail: bool = False
    mail_address: str | None = None  # from which its mail comes
    imprint_url: str | None = None
    privacy_url: str | None = None

    @property
    def is_https(self) -> bool:
        return self.url.startswith("https://")

    @property
    def choices_url(self) -> str:
        """Where a person chooses which messages they get."""
        return f"{self.url}/settings/messages"

    def session_url(self, code: str) -> str:
        """The lasting address of a session."""
        return f"{self.url}/sessions/{quote(code)}"

    def off_url(self, person_id: int, kind: str) -> str:
        """The address that turns one kind of message off for one person, and does nothing else."""
        return f"{self.url}/messages/off/{self._signer().dumps([person_id, kind])}"

    def read_off_token(self, token: str) -> tuple[int, str] | None:
        """The person and the kind that such an address names; None for one that this site did not make."""
        try:
            person_id, kind = self._signer().loads(token)
        except (BadSignature, ValueError, TypeError):
            return None
        return (person_id, kind) if isinstance(person_id, int) and isinstance(kind, str) else None

    def _signer(self) -> URLSafeSerializer:
        # itsdangerous signs with the last key and takes all of them.
        return URLSafeSerializer(list(reversed(self.link_keys)), salt=OFF_SALT)
