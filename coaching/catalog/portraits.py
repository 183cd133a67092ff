"""A picture of a person out of any picture: its middle, square and small. Pure."""

from io import BytesIO

from coaching.catalog.web_pictures import WebPicture

SIDE = 512
QUALITY = 82
# A face stands rather above the middle of a tall picture.
CENTRE = (0.5, 0.35)


def as_portrait(picture: WebPicture) -> WebPicture:
    """The square that shows somebody, at most 512 pixels wide; never larger than it was."""
    from PIL import Image, ImageOps  # for whoever uploads one

    with Image.open(BytesIO(picture.webp), formats=("WEBP",)) as opened:
        side = min(SIDE, *opened.size)
        square = ImageOps.fit(opened.convert("RGB"), (side, side), Image.Resampling.LANCZOS, centering=CENTRE)
    data = BytesIO()
    square.save(data, "WEBP", quality=QUALITY, method=4)
    return WebPicture(data.getvalue(), side, side, picture.share)
