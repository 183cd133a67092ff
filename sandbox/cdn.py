"""The pictures of people, as Discord's CDN serves them: drawn anew each time, by the id alone."""

import hashlib
from io import BytesIO

from flask import Blueprint, Response, abort, request

cdn = Blueprint("cdn", __name__)

SIZES = tuple(2**power for power in range(4, 13))
DEFAULT_SIZE = 128
# Two colours of a ground, and one of what stands before it; by the id one of them is taken.
GROUNDS = (
    ((18, 52, 42), (96, 168, 132), (240, 226, 204)),
    ((52, 30, 22), (206, 132, 84), (98, 62, 46)),
    ((24, 34, 66), (104, 138, 206), (232, 198, 168)),
    ((50, 24, 58), (176, 120, 190), (120, 80, 60)),
    ((60, 52, 20), (214, 186, 92), (224, 180, 150)),
)


def avatar_of(user_id: str) -> str:
    """The hash by which a person's picture is known: 32 hex digits, as Discord's are."""
    return hashlib.md5(user_id.encode(), usedforsecurity=False).hexdigest()


@cdn.get("/avatars/<user_id>/<name>.png")
def avatar(user_id: str, name: str) -> Response:
    """The person's picture; 404 for another hash, and 400 for a size that Discord does not make."""
    if name != avatar_of(user_id):
        abort(404)
    size = request.args.get("size", DEFAULT_SIZE, type=int)
    if size not in SIZES:
        abort(400)
    return Response(_drawn(user_id, size), mimetype="image/png")


def _drawn(user_id: str, size: int) -> bytes:
    """Head and shoulders before a soft light."""
    from PIL import Image, ImageDraw, ImageOps  # a sandbox that shows nobody has no use for it

    dark, light, skin = GROUNDS[int(user_id or "0", 36) % len(GROUNDS)]
    side = 512
    glow = ImageOps.invert(Image.radial_gradient("L")).resize((side, side))
    picture = Image.composite(Image.new("RGB", glow.size, light), Image.new("RGB", glow.size, dark), glow)
    brush = ImageDraw.Draw(picture)
    brush.ellipse((70, 370, 442, 742), fill=tuple(channel * 2 // 3 for channel in dark))
    brush.ellipse((166, 130, 346, 350), fill=skin)
    brush.pieslice((152, 100, 360, 330), 180, 360, fill=dark)
    data = BytesIO()
    picture.resize((size, size), Image.Resampling.LANCZOS).save(data, "PNG")
    return data.getvalue()
