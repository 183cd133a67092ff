"""Uploads become small harmless WebPs, or are refused with a reason. Pure."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from coaching.catalog.pictures import LARGEST_WEBP, MOST_BYTES, encode_picture
from coaching.errors import PictureRefused


def upload(kind: str, size: tuple[int, int] = (300, 200), mode: str = "RGB", **options: Any) -> bytes:
    """A picture file of this kind."""
    data = BytesIO()
    Image.new(mode, size).save(data, kind, **options)
    return data.getvalue()


def huge_png(width: int, height: int) -> bytes:
    """A few bytes that claim to be an enormous PNG; whoever decodes them finds it broken."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"no pixels") + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_three_kinds_come_out_as_webp(kind: str) -> None:
    picture = encode_picture(upload(kind))
    assert (picture.width, picture.height) == (300, 200)
    assert Image.open(BytesIO(picture.webp)).format == "WEBP"


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "LA", "1", "I;16"])
def test_every_way_of_storing_colours_is_read(mode: str) -> None:
    assert encode_picture(upload("PNG", mode=mode)).webp


@pytest.mark.parametrize(
    "file",
    [
        b"MZ\x90\x00" + b"\0" * 5000,
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        upload("GIF", mode="P"),
        upload("BMP"),
        b"<html><script>alert(1)</script></html>",
        upload("JPEG", (800, 600))[:2000],
        b"\x89PNG\r\n\x1a\n",
        b"%PDF-1.7",
    ],
    ids=["renamed exe", "svg", "gif", "bmp", "html", "cut jpeg", "png without content", "pdf"],
)
def test_other_files_are_refused_with_what_to_choose(file: bytes) -> None:
    with pytest.raises(PictureRefused) as refusal:
        encode_picture(file)
    assert "JPEG, PNG or WebP" in refusal.value.sentence


@pytest.mark.parametrize("size", [(20_000, 20_000), (7_000, 6_000), (60_000, 60_000)])
def test_a_pixel_bomb_is_refused_before_it_is_decoded(size: tuple[int, int]) -> None:
    with pytest.raises(PictureRefused) as refusal:
        encode_picture(huge_png(*size))
    assert "more than 40 megapixels" in refusal.value.sentence


def test_empty_small_and_heavy_files_are_refused() -> None:
    for file, words in ((b"", "empty"), (upload("PNG", (20, 20)), "too small"), (b"x" * (MOST_BYTES + 1), "10 MB")):
        with pytest.raises(PictureRefused) as refusal:
            encode_picture(file)
        assert words in refusal.value.sentence


def test_noise_is_made_to_fit() -> None:
    data = BytesIO()
    Image.effect_noise((1800, 1400), 90).convert("RGB").save(data, "JPEG", quality=80)
    picture = encode_picture(data.getvalue())
    assert len(picture.webp) <= LARGEST_WEBP
    assert picture.width <= 1600


def test_nothing_but_pixels_is_carried_over() -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    file = upload("JPEG", exif=exif, icc_profile=b"profile of a screen", comment=b"a secret")
    webp = encode_picture(file).webp
    assert not any(part in webp for part in (b"EXIF", b"ICCP", b"XMP", b"home", b"profile", b"secret"))


def test_a_picture_taken_sideways_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = encode_picture(upload("JPEG", (300, 200), exif=exif))
    assert (picture.width, picture.height) == (200, 300)


def test_an_animation_keeps_its_first_frame_only() -> None:
    frames = [Image.new("RGB", (100, 100), "red")]
    picture = encode_picture(upload("WEBP", (100, 100), save_all=True, append_images=frames))
    assert getattr(Image.open(BytesIO(picture.webp)), "n_frames", 1) == 1


def test_the_same_upload_gives_the_same_picture() -> None:
    assert encode_picture(upload("PNG")).sha256 == encode_picture(upload("PNG")).sha256
