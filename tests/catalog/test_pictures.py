"""Uploads become small harmless WebPs, or are refused with a reason. Pure."""

import fcntl
import struct
import zlib
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from coaching.catalog.picture_actions import LOCK, prepare_picture
from coaching.catalog.pictures import LARGEST_WEBP, MOST_BYTES, encode_picture
from coaching.catalog.share_pictures import MOST_BYTES as LARGEST_SHARE
from coaching.catalog.share_pictures import is_drawable, plain_card, share_jpeg, share_of
from coaching.errors import PictureRefused


def upload(kind: str, size: tuple[int, int] = (300, 200), mode: str = "RGB", **options: Any) -> bytes:
    """A picture file of this kind."""
    data = BytesIO()
    Image.new(mode, size).save(data, kind, **options)
    return data.getvalue()


def huge_png(width: int, height: int) -> bytes:
    """A few bytes that claim to be an enormous PNG; whoever decodes them finds it broken."""
    return png(
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", b"no pixels"), (b"IEND", b"")
    )


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of these chunks."""
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(name, body) for name, body in chunks)


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def plain_png(depth: int, colours: int, pixel: bytes, *more: tuple[bytes, bytes], side: int = 64) -> bytes:
    """A square PNG, `pixel` all over; `more` chunks stand before the pixels."""
    rows = (b"\0" + pixel * (side * depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colours] // 8 // len(pixel))) * side
    header = (b"IHDR", struct.pack(">IIBBBBB", side, side, depth, colours, 0, 0, 0))
    return png(header, *more, (b"IDAT", zlib.compress(rows)), (b"IEND", b""))


def colour_of(file: bytes) -> tuple[int, ...]:
    """The colour in the middle of what becomes of the file, WebP's losses rounded away."""
    picture = Image.open(BytesIO(encode_picture(file).webp)).convert("RGB")
    pixel = picture.getpixel((picture.width // 2, picture.height // 2))
    assert isinstance(pixel, tuple)
    return tuple(round(level / 8) * 8 for level in pixel)


def swapped_profile() -> bytes:
    """An RGB profile in which red and green have changed places: nobody can overlook it."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = profile.index(b"rXYZ"), profile.index(b"gXYZ")
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile)


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
    assert "more than 32 megapixels" in refusal.value.sentence


def test_each_kind_has_its_own_most_pixels_and_the_refusal_names_them() -> None:
    webp = bytearray(upload("WEBP", lossless=True))
    webp[21:25] = (3999 | 2999 << 14).to_bytes(4, "little")  # 4000 x 3000, of which not one pixel is there
    progressive = upload("JPEG", (5_000, 4_001), progressive=True, subsampling=0)
    assert encode_picture(upload("JPEG", (5_000, 4_001), progressive=True)).width == 1600  # colours at half the size
    refusals = {
        "PNG picture has more than 32 megapixels": huge_png(6_000, 5_400),
        "WebP picture has more than 10 megapixels": bytes(webp),
        "progressive JPEG picture has more than 20 megapixels": progressive,
    }
    for words, file in refusals.items():
        with pytest.raises(PictureRefused) as refusal:
            encode_picture(file)
        assert words in refusal.value.sentence
        assert "plain JPEG: that may have 40" in refusal.value.sentence


def test_a_large_picture_is_the_same_one_made_smaller() -> None:
    """Strip by strip, each decoded at a fraction of its size: nothing is lost between them, and it stands upright."""
    exif = Image.Exif()
    exif[0x0112] = 6
    large = Image.new("RGB", (4_000, 1_000), "white")
    large.paste("red", (0, 0, 2_000, 500))
    large.paste("green", (2_000, 500, 4_000, 1_000))
    for kind, options in (
        *(("JPEG", {}), ("JPEG", {"progressive": True}), ("PNG", {}), ("WEBP", {"method": 0})),
        *(("PNG", {"mode": "P"}), ("PNG", {"mode": "RGBA"}), ("JPEG", {"mode": "CMYK"})),
    ):
        data = BytesIO()
        large.convert(str(options.pop("mode", "RGB"))).save(data, kind, exif=exif, **options)
        picture = encode_picture(data.getvalue())
        assert (picture.width, picture.height) == (400, 1600), kind
        seen = Image.open(BytesIO(picture.webp)).convert("RGB")
        corners = [seen.getpixel(place) for place in ((100, 100), (300, 100), (100, 1_500), (300, 1_500))]
        white, red, green = (255, 255, 255), (255, 0, 0), (0, 128, 0)
        assert all(near(corner, colour) for corner, colour in zip(corners, (white, red, green, white), strict=True)), (
            kind,
            corners,
        )


def test_one_picture_at_a_time_on_the_machine_and_waiters_are_told(tmp_path: Path) -> None:
    small = upload("PNG")
    with (tmp_path / LOCK).open("w") as other_process:
        fcntl.flock(other_process, fcntl.LOCK_EX)
        unread = BytesIO(small)
        with pytest.raises(PictureRefused) as refusal:
            prepare_picture(unread, tmp_path, patience=0)
        assert "Choose yours again in a few seconds" in refusal.value.sentence
        assert unread.tell() == 0  # nobody holds a file in memory while they wait
    for _ in range(6):  # more than may be inside at once: each one has left again
        assert prepare_picture(BytesIO(small), tmp_path, patience=0).width == 300


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


RED, GREEN, GREY, WHITE = (248, 0, 0), (0, 248, 0), (128, 128, 128), (256, 256, 256)


def near(colour: Any, other: tuple[int, ...]) -> bool:
    return all(abs(level - other_level) <= 16 for level, other_level in zip(colour, other, strict=True))


# A JPEG's EXIF whose resolution is -1/0: a signed fraction where an unsigned one belongs, and no number.
ODD_EXIF = (
    b"Exif\0\0MM\0*\0\0\0\x08\0\x03"
    b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0"
    b"\x01\x1a\0\x0a\0\0\0\x01\0\0\0\x32"
    b"\x01\x28\0\x03\0\0\0\x01\0\x02\0\0"
    b"\0\0\0\0\xff\xff\xff\xff\0\0\0\0"
)


def test_an_odd_entry_of_a_camera_costs_no_picture() -> None:
    picture = encode_picture(upload("JPEG", (300, 200), exif=ODD_EXIF))
    assert (picture.width, picture.height) == (200, 300)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize(
    "exif", [b"Exif\0\0", b"Exif\0\0MM\0*\xff\xff\xff\xff", b"Exif\0\0XX" + b"\xff" * 60, ODD_EXIF[:-30]]
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_broken_note_of_a_camera_costs_no_picture(kind: str, exif: bytes) -> None:
    assert encode_picture(upload(kind, (100, 80), exif=exif)).width in (80, 100)


@pytest.mark.parametrize("turn", range(1, 9))
def test_every_way_to_hold_a_camera_ends_upright(turn: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    lying = Image.new("RGB", (128, 128), "white")
    lying.paste("red", (0, 0, 64, 64))
    data = BytesIO()
    lying.save(data, "PNG", exif=exif)
    seen = Image.open(BytesIO(encode_picture(data.getvalue()).webp)).convert("RGB")
    # Where the upper left corner of what the camera wrote belongs, by EXIF's table.
    x, y = {1: (32, 32), 2: (96, 32), 3: (96, 96), 4: (32, 96), 5: (32, 32), 6: (96, 32), 7: (96, 96), 8: (32, 96)}[
        turn
    ]
    pixel = seen.getpixel((x, y))
    assert isinstance(pixel, tuple)
    assert near(pixel, RED)


@pytest.mark.parametrize(
    ("file", "colour"),
    [
        (plain_png(16, 0, b"\x80\x00"), GREY),
        (plain_png(16, 0, b"\x80\x00", (b"tRNS", b"\x80\x00")), WHITE),
        (plain_png(16, 0, b"\x80\x00", (b"tRNS", b"\x80\x01")), GREY),
        (plain_png(16, 4, b"\x80\x00\xff\xff"), GREY),
        (plain_png(16, 4, b"\x00\x00\x80\x00"), GREY),
        (plain_png(16, 2, b"\xff\xff\0\0\0\0"), RED),
        (plain_png(16, 2, b"\xff\xff\0\0\0\0", (b"tRNS", b"\xff\xff\0\0\0\0")), WHITE),
        (plain_png(16, 6, b"\xff\xff\0\0\0\0\0\0"), WHITE),
        (plain_png(8, 0, b"\x80", (b"tRNS", b"\0\x80")), WHITE),
        (plain_png(8, 2, b"\xff\0\0", (b"tRNS", b"\0\xff\0\0\0\0")), WHITE),
        (plain_png(8, 2, b"\xff\0\0", (b"tRNS", b"\0\xfe\0\0\0\0")), RED),
        (plain_png(4, 0, b"\x88"), (136, 136, 136)),
        (plain_png(4, 0, b"\x88", (b"tRNS", b"\0\x08")), WHITE),
        (plain_png(2, 0, b"\xaa", (b"tRNS", b"\0\x02")), WHITE),
        (plain_png(1, 0, b"\0", (b"tRNS", b"\0\0")), WHITE),
        (plain_png(8, 3, b"\0", (b"PLTE", b"\xff\0\0")), RED),
        (plain_png(8, 3, b"\0", (b"PLTE", b"\xff\0\0"), (b"tRNS", b"\0")), WHITE),
        (plain_png(8, 3, b"\x01", (b"PLTE", b"\xff\0\0\0\xff\0"), (b"tRNS", b"\0")), GREEN),
    ],
)
def test_every_depth_keeps_its_colour_and_what_is_see_through_becomes_white(
    file: bytes, colour: tuple[int, ...]
) -> None:
    assert near(colour_of(file), colour)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_colours_are_those_of_their_profile(kind: str) -> None:
    data = BytesIO()
    Image.new("RGB", (100, 100), "red").save(data, kind, icc_profile=swapped_profile(), quality=95)
    assert near(colour_of(data.getvalue()), GREEN)


def test_a_profile_counts_for_palettes_and_for_what_is_half_see_through() -> None:
    icc = (b"iCCP", b"x\0\0" + zlib.compress(swapped_profile()))
    assert near(colour_of(plain_png(8, 3, b"\0", icc, (b"PLTE", b"\xff\0\0"))), GREEN)
    assert near(colour_of(plain_png(8, 6, b"\xff\0\0\x80", icc)), (128, 248, 128))


GREY_PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes().replace(b"RGB XYZ ", b"GRAYXYZ ")


@pytest.mark.parametrize(
    "profile",
    [
        b"no profile",
        swapped_profile()[:200],
        swapped_profile()[:128] + b"\xff" * 400,
        swapped_profile().replace(b"RGB XYZ ", b"CMYKLab "),
        GREY_PROFILE,
        bytes(3_000_000),
    ],
    ids=["text", "cut", "wild", "of ink", "of grey", "zeros"],
)
@pytest.mark.parametrize(
    ("kind", "mode", "colour"), [("JPEG", "RGB", "red"), ("JPEG", "CMYK", "red"), ("WEBP", "RGBA", "red")]
)
def test_a_profile_that_does_not_fit_counts_as_none(kind: str, mode: str, colour: str, profile: bytes) -> None:
    data = BytesIO()
    Image.new("RGB", (100, 100), colour).convert(mode).save(data, kind, icc_profile=profile, quality=95)
    assert near(colour_of(data.getvalue()), RED)


@pytest.mark.parametrize("mode", ["L", "LA", "1"])
def test_grey_with_the_profile_of_a_screen_stays_grey(mode: str) -> None:
    screen = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = BytesIO()
    Image.new(mode, (100, 100), 255 if mode == "1" else "grey").save(data, "PNG", icc_profile=screen)
    assert near(colour_of(data.getvalue()), WHITE if mode == "1" else GREY)


def test_long_texts_and_later_frames_cost_a_png_nothing() -> None:
    text = (b"zTXt", b"Comment\0\0" + zlib.compress(bytes(2_000_000)))
    international = (b"iTXt", b"XML:com.adobe.xmp\0\x01\0\0\0" + zlib.compress(bytes(2_000_000)))
    assert near(colour_of(plain_png(8, 2, b"\xff\0\0", text, international)), RED)
    frames = [Image.new("RGB", (100, 100), "green")] * 3
    data = BytesIO()
    Image.new("RGB", (100, 100), "red").save(data, "PNG", save_all=True, append_images=frames)
    assert near(colour_of(data.getvalue()), RED)


def test_an_animated_webp_shows_its_first_frame() -> None:
    data = BytesIO()
    frames = [Image.new("RGBA", (100, 100), "green")] * 3
    Image.new("RGBA", (100, 100), "red").save(data, "WEBP", save_all=True, append_images=frames)
    assert near(colour_of(data.getvalue()), RED)


WHOLE = [
    upload("JPEG", exif=ODD_EXIF, icc_profile=swapped_profile()),
    upload("JPEG", mode="CMYK"),
    upload("PNG", mode="P", icc_profile=swapped_profile(), transparency=0),
    plain_png(16, 4, b"\x80\x00\xff\xff"),
    upload("WEBP", mode="RGBA", exif=ODD_EXIF, icc_profile=swapped_profile()),
]


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@given(st.sampled_from(WHOLE), st.lists(st.tuples(st.integers(0), st.integers(0, 255)), max_size=8), st.integers(0))
@settings(max_examples=150, deadline=None)
def test_a_broken_file_is_a_picture_or_refused_and_nothing_else(
    whole: bytes, changes: list[tuple[int, int]], cut: int
) -> None:
    file = bytearray(whole)
    for at, value in changes:
        file[at % len(file)] = value
    with suppress(PictureRefused):
        encode_picture(bytes(file[: len(file) - cut % len(file) if cut % 3 == 0 else None]))


def test_a_preview_is_cut_to_shape_or_shown_whole_and_never_too_large() -> None:
    """Of what fits roughly the middle; a poster or a panorama whole, before itself; noise at a lower quality."""
    left, right = (200, 20, 20), (20, 20, 200)

    def halves(width: int, height: int) -> Image.Image:
        picture = Image.new("RGB", (width, height), left)
        picture.paste(right, (width // 2, 0, width, height))
        return picture

    def pixels_of(picture: Image.Image, *places: tuple[int, int]) -> list[tuple[int, ...]]:
        preview = Image.open(BytesIO(share_jpeg(picture)))
        assert (preview.format, preview.size, preview.mode) == ("JPEG", (1200, 630), "RGB")
        return [tuple(round(level / 20) * 20 for level in preview.getpixel(place)) for place in places]  # type: ignore[union-attr]

    assert pixels_of(halves(1600, 900), (20, 315), (1180, 315)) == [left, right]
    edge, inside = pixels_of(halves(400, 800), (20, 315), (500, 315))
    assert inside == left
    assert edge[0] < inside[0]  # blurred and darker
    assert pixels_of(halves(4000, 400), (20, 315), (1180, 315)) == [left, right]
    noise = Image.effect_noise((1200, 630), 200)
    assert len(share_jpeg(Image.merge("RGB", [noise, noise.rotate(90), noise.rotate(180)]))) <= LARGEST_SHARE
    made = encode_picture(upload("PNG", (1600, 900)))
    assert share_of(made.webp)[:2] == made.share[:2] == b"\xff\xd8"


def test_a_card_is_drawn_without_words_that_the_font_cannot_write() -> None:
    assert is_drawable("Nova Studio: mixing & more")
    assert not is_drawable("Növa")
    assert plain_card(3, "Növa", "") == plain_card(3, "日本", "Café")
    assert plain_card(3, "Nova", "") != plain_card(3, "", "") != plain_card(4, "", "")
    assert len(plain_card(3, "A word " * 40, "line " * 40)) <= LARGEST_SHARE
