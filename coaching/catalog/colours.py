"""The colours of stores as other programs take them, who know no oklch. Pure."""

from math import cos, radians, sin

DEGREES = 15  # from one hue class of app.css to the next
LIGHTNESS, CHROMA = 0.52, 0.09  # as an empty cover has them; within sRGB at every hue


def hex_of(hue: int, lightness: float = LIGHTNESS, chroma: float = CHROMA) -> str:
    """The colour of a hue class as `#rrggbb`."""
    return "#" + "".join(f"{level:02x}" for level in rgb_of(hue, lightness, chroma))


def rgb_of(hue: int, lightness: float = LIGHTNESS, chroma: float = CHROMA) -> tuple[int, int, int]:
    """Red, green and blue of a hue class, each from 0 to 255.

    The numbers are those of CSS Color 4, section "Sample code for color conversions": OKLab to linear sRGB.
    """
    angle = radians(hue * DEGREES)
    a, b = chroma * cos(angle), chroma * sin(angle)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    return _level(red), _level(green), _level(blue)


def _level(linear: float) -> int:
    within = min(max(linear, 0.0), 1.0)
    curved = 12.92 * within if within <= 0.0031308 else 1.055 * within ** (1 / 2.4) - 0.055
    return round(255 * curved)
