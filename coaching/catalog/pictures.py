"""An uploaded picture made small and harmless: decoded, turned upright and encoded anew as WebP. Pure."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from typing import Any

from PIL import ExifTags, Image, ImageChops, ImageCms

from coaching.catalog.share_pictures import share_jpeg
from coaching.catalog.web_pictures import WebPicture
from coaching.errors import PictureRefused

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 10 * 1024 * 1024
# What a decoder takes at most stays under 200 MB (bench/pictures.py): a JPEG is decoded at a fraction of its size, a
# PNG takes 4 bytes a pixel, a WebP 16. A JPEG that does not come in one pass is held whole, 2 bytes a sample.
MOST_PIXELS = {"JPEG": 40_000_000, "PNG": 32_000_000, "WebP": 10_000_000}
MOST_HELD_SAMPLES = 60_000_000
STRIP_PIXELS = 1_000_000
SMALLEST_SIDE = 64
LARGEST_WEBP = 300 * 1024
# Tried in turn until the result is small enough.
SIDES = (1600, 1200, 900, 640)
QUALITIES = (82, 70, 55)

JPEG_FRAMES_IN_ONE_PASS = (0xC0, 0xC1)
JPEG_SCAN = 0xDA
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_CHUNKS = (b"IHDR", b"PLTE", b"tRNS", b"iCCP", b"eXIf", b"IDAT", b"IEND")
ORIENTATION = ExifTags.Base.Orientation
# What puts upright what a camera held like this has taken.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Which of our colours a profile is about, by the name it gives them.
PROFILE_MODES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}

# Pillow's own guard as well: it refuses at twice this number, before our check sees the size.
Image.MAX_IMAGE_PIXELS = max(MOST_PIXELS.values())


def encode_picture(upload: bytes) -> WebPicture:
    """The upload as a WebPicture, or PictureRefused with the reason."""
    if not upload:
        raise PictureRefused("This file is empty. Choose another one.")
    if len(upload) > MOST_BYTES:
        raise PictureRefused("This file is larger than 10 MB. Choose a smaller one.")
    picture = _decoded(upload)
    small = next(small for small in _attempts(picture) if len(small.webp) <= LARGEST_WEBP)
    return replace(small, share=share_jpeg(picture))


def _decoded(upload: bytes) -> Image.Image:
    data, kind = _pixels_only(upload), _kind_of(upload)
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as opened:
            _check_size(opened, kind, data)
            _decode_smaller(opened)
            depth = data[24] if kind == "PNG" else 8  # in its header
            opened.load()
            turn, profile = _turn_of(opened), opened.info.get("icc_profile")
            picture = _reduced(opened, depth)
        picture.thumbnail((SIDES[0], SIDES[0]))
        upright = picture if turn is None else picture.transpose(turn)
        return _on_white(upright, profile)
    except PictureRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels(kind, MOST_PIXELS[kind]) from None
    except Exception:
        # Broken files fail in many ways inside the decoders; to the person they are all the same.
        raise PictureRefused() from None


def _kind_of(upload: bytes) -> str:
    if upload.startswith(PNG_SIGNATURE):
        return "PNG"
    return "WebP" if upload.startswith(b"RIFF") else "JPEG"


def _pixels_only(upload: bytes) -> bytes:
    """A PNG without the chunks no pixel needs: texts of megabytes, later frames. Anything else as it is."""
    if not upload.startswith(PNG_SIGNATURE):
        return upload
    kept, at = [PNG_SIGNATURE], len(PNG_SIGNATURE)
    while at + 8 <= len(upload):
        end = at + 12 + int.from_bytes(upload[at : at + 4])
        if upload[at + 4 : at + 8] in PNG_CHUNKS:
            kept.append(upload[at:end])
        at = end
    return b"".join(kept)


def _check_size(opened: Image.Image, kind: str, data: bytes) -> None:
    width, height = opened.size
    if width * height > MOST_PIXELS[kind]:
        raise _too_many_pixels(kind, MOST_PIXELS[kind])
    if kind == "JPEG" and not _is_in_one_pass(data):
        most = int(MOST_HELD_SAMPLES / _samples_a_pixel(opened))
        if width * height > most:
            raise _too_many_pixels("progressive JPEG", most)
    if min(width, height) < SMALLEST_SIDE:
        raise PictureRefused(f"This picture is too small: each side needs at least {SMALLEST_SIDE} pixels.")


def _too_many_pixels(kind: str, most: int) -> PictureRefused:
    other = "" if kind == "JPEG" else f", or save it as a plain JPEG: that may have {MOST_PIXELS['JPEG'] // 1_000_000}"
    return PictureRefused(
        f"This {kind} picture has more than {most // 1_000_000} megapixels. Make it smaller{other or ' first'}."
    )


def _is_in_one_pass(jpeg: bytes) -> bool:
    """False for a JPEG that is progressive, or brings one colour after the other: its decoder holds all of it."""
    at, components = 2, None
    while jpeg[at] == 0xFF:
        marker, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4])
        if marker in JPEG_FRAMES_IN_ONE_PASS:
            components = jpeg[at + 9]
        if marker == JPEG_SCAN:
            return jpeg[at + 4] == components
        at += 2 + length
    return False


def _samples_a_pixel(opened: Any) -> float:
    """Of all colours together: 1.5 where two of three are kept at half the width and height."""
    across, down = (max(layer[place] for layer in opened.layer) for place in (1, 2))
    return float(sum(layer[1] * layer[2] for layer in opened.layer) / (across * down))


def _decode_smaller(opened: Image.Image) -> None:
    # JPEG only. By the longer side: the shorter one of a panorama has no pixels to spare.
    part = SIDES[0] / max(opened.size)
    if part < 1:
        width, height = (max(1, int(side * part)) for side in opened.size)
        opened.draft("RGB", (width, height))


def _reduced(opened: Image.Image, depth: int) -> Image.Image:
    """In eight bits a colour and hardly larger than needed, strip by strip: never two of full size side by side."""
    factor = max(1, max(opened.size) // SIDES[0])
    rows = factor * max(1, STRIP_PIXELS // (factor * opened.width))
    whole: Image.Image | None = None
    for top in range(0, opened.height, rows):
        strip = opened.crop((0, top, opened.width, min(top + rows, opened.height)))
        part = _in_eight_bits(strip, depth).reduce(factor)
        whole = whole or Image.new(part.mode, (part.width, -(-opened.height // factor)))
        whole.paste(part, (0, top // factor))
    assert whole is not None
    return whole


def _in_eight_bits(opened: Image.Image, depth: int) -> Image.Image:
    """The picture as L, LA, RGB, RGBA or CMYK, its colours still as its profile means them."""
    if opened.mode == "I;16":
        return _grey_of_sixteen_bits(opened)
    is_grey = opened.mode in ("1", "L", "LA")
    if opened.has_transparency_data:
        if "transparency" in opened.info:
            opened.info["transparency"] = _clear_in_eight_bits(opened.info["transparency"], opened.mode, depth)
        return opened.convert("LA" if is_grey else "RGBA")
    return opened.copy() if opened.mode == "CMYK" else opened.convert("L" if is_grey else "RGB")


def _grey_of_sixteen_bits(opened: Image.Image) -> Image.Image:
    # Pillow itself cuts at 255, which makes nearly everything white.
    levels = opened.tobytes()
    low, high = (Image.frombytes("L", opened.size, levels[byte::2]) for byte in (0, 1))
    clear = opened.info.get("transparency")
    if not isinstance(clear, int):
        return high
    is_clear = ImageChops.darker(_where(high, clear >> 8), _where(low, clear & 255))
    return Image.merge("LA", (high, ImageChops.invert(is_clear)))


def _where(grey: Image.Image, value: int) -> Image.Image:
    return grey.point([255 if level == value else 0 for level in range(256)])


def _clear_in_eight_bits(clear: Any, mode: str, depth: int) -> Any:
    # The one colour of a PNG that is see-through: Pillow leaves it as the file has it, in 2, 4 or 16 bits.
    if mode == "RGB" and depth == 16:
        return tuple(level >> 8 for level in clear)
    if mode == "L" and depth < 8:
        return clear * 255 // (2**depth - 1)
    return clear


def _turn_of(opened: Image.Image) -> Image.Transpose | None:
    """How the picture has to be turned to stand upright: all that is read of what the camera wrote down."""
    try:
        return TURNS.get(opened.getexif().get(ORIENTATION, 1))
    except Exception:
        return None  # nothing in there is worth a picture


def _on_white(picture: Image.Image, profile: bytes | None) -> Image.Image:
    if picture.mode not in ("LA", "RGBA"):
        return _in_srgb(picture, profile)
    colours = _in_srgb(picture.convert("L" if picture.mode == "LA" else "RGB"), profile)
    return Image.composite(colours, Image.new("RGB", colours.size, "white"), picture.getchannel("A"))


def _in_srgb(colours: Image.Image, profile: bytes | None) -> Image.Image:
    """The colours as every screen shows them."""
    if profile:
        # One that is broken, or about other colours than the picture has, counts as none: so do browsers.
        with suppress(Exception):
            return _by_profile(colours, ImageCms.ImageCmsProfile(BytesIO(profile)))
    return colours.convert("RGB")


def _by_profile(colours: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    mode = PROFILE_MODES[profile.profile.xcolor_space]
    # Grey is often marked with the profile of a screen.
    fitting = colours.convert(mode) if (colours.mode, mode) == ("L", "RGB") else colours
    transform = ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), mode, "RGB")
    converted = ImageCms.applyTransform(fitting, transform)
    assert converted is not None
    return converted


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
