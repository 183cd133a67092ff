"""Draws the covers of the demo's products: a sound wave on a soft gradient."""

import math
from io import BytesIO

from PIL import Image, ImageDraw, ImageOps

SIZE = (1600, 900)
BARS = 72


def cover(dark: str, light: str, accent: str, rhythm: int) -> bytes:
    """A PNG in these colours; `rhythm` gives each cover a wave of its own."""
    picture = _gradient(dark, light)
    brush = ImageDraw.Draw(picture, "RGBA")
    red, green, blue = _rgb(accent)
    width, height = SIZE
    for index in range(BARS):
        place = index / (BARS - 1)
        # Two waves under a hill: quiet at both ends, as a voice is.
        wave = abs(math.sin(place * rhythm * 2.1) * math.cos(place * rhythm * 0.7 + 1))
        half = height * (0.03 + 0.30 * wave * math.sin(place * math.pi))
        middle = width * (0.08 + 0.84 * place)
        box = (middle - 6, height / 2 - half, middle + 6, height / 2 + half)
        brush.rounded_rectangle(box, radius=6, fill=(red, green, blue, round(90 + 150 * wave)))
    data = BytesIO()
    picture.save(data, "PNG")
    return data.getvalue()


def _gradient(dark: str, light: str) -> Image.Image:
    # Pillow's radial gradient is black in its middle; drawn larger, a part beside its middle fills the cover.
    width, height = SIZE
    glow = Image.radial_gradient("L").resize((width * 2, height * 3))
    shade = ImageOps.invert(glow).crop((width // 4, height, width // 4 + width, height * 2))
    return Image.composite(Image.new("RGB", SIZE, light), Image.new("RGB", SIZE, dark), shade)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
