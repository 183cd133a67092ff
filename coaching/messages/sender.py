"""The site as its messages speak of it: its name, its addresses, and the links in them. Pure."""

from dataclasses import dataclass
from urllib.parse import quote

from itsdangerous import BadSignature, Signer, URLSafeSerializer

OFF_SALT, SESSION_SALT = "message off", "session"
# The longest number of changes that such a link is read for.
LONGEST_REVISION = 6


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

    def session_url(self, code: str, step: str = "", key: str = "") -> str:
        """The lasting address of a session, or of a step to take there; with a key it asks for no sign-in."""
        path = f"{self.url}/sessions/{quote(code)}{f'/{step}' if step else ''}"
        return f"{path}?key={quote(key)}" if key else path

    def receipt_url(self, code: str) -> str:
        """The address of a receipt or a credit note, for whoever is signed in as its student or its store's owner."""
        return f"{self.receipts_url}/{quote(code)}"

    @property
    def receipts_url(self) -> str:
        """Where a person finds all receipts that are theirs."""
        return f"{self.url}/receipts"

    def session_key(self, code: str, seat_id: int | None, revision: int) -> str:
        """What opens one session for whoever sits in this seat, for its coach without one, until it changes again."""
        return self._session_signer(code, seat_id).sign(str(revision)).decode()

    def read_session_key(self, code: str, seat_id: int | None, key: str) -> int | None:
        """The revision for which this site made the key, for this very seat or side; None for any other key."""
        try:
            revision = self._session_signer(code, seat_id).unsign(key).decode()
        except (BadSignature, ValueError):
            return None
        return int(revision) if revision.isdecimal() and len(revision) <= LONGEST_REVISION else None

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

    # itsdangerous signs with the last key and takes all of them.

    def _signer(self) -> URLSafeSerializer:
        return URLSafeSerializer(list(reversed(self.link_keys)), salt=OFF_SALT)

    def _session_signer(self, code: str, seat_id: int | None) -> Signer:
        # Whose link it is stands in the salt alone: a number of ours in an address would tell how many seats there are.
        side = "coach" if seat_id is None else f"seat {seat_id}"
        return Signer(list(reversed(self.link_keys)), salt=f"{SESSION_SALT} {code} {side}")
