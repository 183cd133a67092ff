"""An uploaded picture made small and harmless: decoded, turned upright and encoded anew as WebP. Pure."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from coaching.errors import PictureRefused

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
SMALLEST_SIDE = 64
LARGEST_WEBP = 300 * 1024
# Tried in turn until the result is small enough.
SIDES = (1600, 1200, 900, 640)
QUALITIES = (82, 70, 55)

# Pillow's own guard as well: it refuses at twice this number, before our check sees the size.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS


@dataclass(frozen=True)
class WebPicture:
    """A WebP of at most 300 KB that carries nothing but its pixels."""

    webp: bytes
    width: int
    height: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.webp).hexdigest()


def encode_picture(upload: bytes) -> WebPicture:
    """The upload as a WebPicture, or PictureRefused with the reason."""
    if not upload:
        raise PictureRefused("This file is empty. Choose another one.")
    if len(upload) > MOST_BYTES:
        raise PictureRefused("This file is larger than 10 MB. Choose a smaller one.")
    picture = _decoded(upload)
    return next(small for small in _attempts(picture) if len(small.webp) <= LARGEST_WEBP)


def _decoded(upload: bytes) -> Image.Image:
    try:
        with Image.open(BytesIO(upload), formats=FORMATS) as opened:
            _check_size(*opened.size)
            opened.draft("RGB", (SIDES[0], SIDES[0]))  # JPEG only: decodes at a fraction of the size
            return _on_white(ImageOps.exif_transpose(opened))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError, TypeError):
        # Broken files fail in many ways inside the decoders; to the person they are all the same.
        raise PictureRefused() from None


def _check_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise _too_many_pixels()
    if min(width, height) < SMALLEST_SIDE:
        raise PictureRefused(f"This picture is too small: each side needs at least {SMALLEST_SIDE} pixels.")


def _too_many_pixels() -> PictureRefused:
    return PictureRefused("This picture has more than 40 megapixels. Make it smaller first.")


def _on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layered = picture.convert("RGBA")
    white = Image.new("RGBA", layered.size, "white")
    return Image.alpha_composite(white, layered).convert("RGB")


def _attempts(picture: Image.Image) -> Iterator[WebPicture]:
    for side in SIDES:
        smaller = picture.copy()
        smaller.thumbnail((side, side))
        smaller.info.clear()
        for quality in QUALITIES:
            data = BytesIO()
            smaller.save(data, "WEBP", quality=quality, method=4)
            yield WebPicture(data.getvalue(), *smaller.size)
    # 640 px of pure noise at the lowest quality stay far below the limit.
    raise PictureRefused()
