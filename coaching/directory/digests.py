"""Short numbers that are others for other contents: by them what was worked out is known to be out of date. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from zlib import crc32


def digest_of(content: object) -> int:
    """A number for a content; of ever so many others one in four thousand million has the same."""
    return crc32(repr(content).encode())


def digests_by(rows: Iterable[tuple[Any, ...]]) -> dict[int, int]:
    """A number for all rows of each owner, who stands first in them. The order of the rows does not count."""
    digests: dict[int, int] = defaultdict(int)
    for owner, *content in rows:
        digests[owner] += digest_of(content)
    return digests
