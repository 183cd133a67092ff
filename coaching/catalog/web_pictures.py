"""A picture as it is kept and shown; pictures.py makes it of what was uploaded, with Pillow, which takes 2 MB. Pure."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class WebPicture:
    """A WebP of at most 300 KB that carries nothing but its pixels; `share` as previews of links show it."""

    webp: bytes
    width: int
    height: int
    share: bytes = b""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.webp).hexdigest()
