"""Pictures as previews of links show them: JPEGs of 1200 × 630, made of a cover, or drawn where there is none. Pure."""

import math
import textwrap
from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from coaching.catalog.colours import rgb_of

SIZE = (1200, 630)
MOST_BYTES = 300 * 1024
QUALITIES = (85, 75, 65, 50, 35)  # tried in turn until it is small enough
# Between these it is cut to shape; what is taller or wider is shown whole.
CUT_FROM, CUT_TO = 1.2, 3.0
EDGE = 80
TITLE_SIZES = (88, 72, 60)
LINE_SIZE = 40
LONGEST_LINES = 3
BARS = 48


def share_jpeg(picture: Image.Image) -> bytes:
    """The picture at 1200 × 630, at most 300 KB."""
    colours = picture.convert("RGB")
    is_near = CUT_FROM <= colours.width / colours.height <= CUT_TO
    return _encoded(ImageOps.fit(colours, SIZE, Image.Resampling.LANCZOS) if is_near else _whole(colours))


def share_of(webp: bytes) -> bytes:
    """The same of a picture as it is kept; whatever the decoder raises where it is none."""
    with Image.open(BytesIO(webp), formats=["WEBP"]) as opened:
        return share_jpeg(opened)


@lru_cache(maxsize=32)
def plain_card(hue: int, title: str, line: str) -> bytes:
    """A drawn one in the colour of the hue class, with these words as far as the font has their letters."""
    card = _backdrop(hue)
    brush = ImageDraw.Draw(card)
    top = SIZE[1] - EDGE
    if line and is_drawable(line):
        text = textwrap.shorten(line, 56, placeholder="…")
        top -= LINE_SIZE
        brush.text((EDGE, top), text, fill=rgb_of(hue, 0.9, 0.04), font=_font(LINE_SIZE))
        top -= LINE_SIZE * 3 // 4
    if is_drawable(title):
        lines, size = _broken(title)
        for title_line in reversed(lines):
            top -= round(size * 1.15)
            brush.text((EDGE, top), title_line, fill=(255, 255, 255), font=_font(size))
    return _encoded(card)


def is_drawable(text: str) -> bool:
    """True when the font that comes with Pillow has a shape for each sign: hardly more than English needs."""
    return all(_has_shape(sign) for sign in set(text))


def _whole(colours: Image.Image) -> Image.Image:
    # In front of itself, blurred and darker: no bars beside a poster or a panorama.
    behind = ImageOps.fit(colours, (SIZE[0] // 8, SIZE[1] // 8)).filter(ImageFilter.GaussianBlur(6)).resize(SIZE)
    card = Image.blend(behind, Image.new("RGB", SIZE), 0.35)
    front = ImageOps.contain(colours, SIZE, Image.Resampling.LANCZOS)
    card.paste(front, ((SIZE[0] - front.width) // 2, (SIZE[1] - front.height) // 2))
    return card


def _encoded(card: Image.Image) -> bytes:
    card.info.clear()
    for quality in QUALITIES:
        data = BytesIO()
        card.save(data, "JPEG", quality=quality, optimize=True)
        if data.tell() <= MOST_BYTES:
            break
    return data.getvalue()


def _backdrop(hue: int) -> Image.Image:
    """A voice's wave before a wall in the colour, as an empty cover has it."""
    # Pillow's gradient is 256 wide and black in its middle: a part above that, drawn large, is light low on the right.
    shade = ImageOps.invert(Image.radial_gradient("L")).resize(SIZE, Image.Resampling.BICUBIC, (16, 64, 144, 149))
    card = Image.composite(
        Image.new("RGB", SIZE, rgb_of(hue, 0.56, 0.1)), Image.new("RGB", SIZE, rgb_of(hue, 0.3, 0.065)), shade
    )
    brush = ImageDraw.Draw(card, "RGBA")
    red, green, blue = rgb_of(hue, 0.86, 0.08)
    for index in range(BARS):
        place = index / (BARS - 1)
        wave = abs(math.sin(place * 19) * math.cos(place * 6 + 1))
        half, middle = 12 + 108 * wave * math.sin(place * math.pi), EDGE + place * (SIZE[0] - 2 * EDGE)
        box = (middle - 5, 165 - half, middle + 5, 165 + half)
        brush.rounded_rectangle(box, radius=5, fill=(red, green, blue, round(50 + 80 * wave)))
    return card


def _broken(title: str) -> tuple[Sequence[str], int]:
    """The title in lines that fit, and how large they are."""
    for size in TITLE_SIZES:
        lines = textwrap.wrap(title, round((SIZE[0] - 2 * EDGE) / (size * 0.53)))
        if len(lines) <= LONGEST_LINES - 1:
            return lines, size
    return textwrap.wrap(title, 34, max_lines=LONGEST_LINES, placeholder="…"), TITLE_SIZES[-1]


@lru_cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)  # Pillow's wheels bring FreeType along
    return font


@lru_cache(maxsize=1024)
def _has_shape(sign: str) -> bool:
    font = _font(LINE_SIZE)
    return sign == " " or bytes(font.getmask(sign)) != bytes(font.getmask("\uffff"))
