"""What the forms about reviews hand to their mutations. Pure."""

from dataclasses import dataclass
from typing import Literal

Decision = Literal["hidden", "kept", "shown"]


@dataclass(frozen=True)
class ReviewDetails:
    """Stars and words; `seen` marks the version that the form was drawn from, and is empty for a first one."""

    stars: int
    words: str
    seen: str = ""
