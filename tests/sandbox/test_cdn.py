"""People's pictures as Discord's CDN has them: by the hash that the API names, in the sizes that there are."""

from io import BytesIO

from PIL import Image

from commands.demo_profiles import avatar_of
from sandbox import seed


def test_a_picture_is_where_the_api_says(discord) -> None:
    avatar = discord.made("GET", f"/users/{seed.COACH_ID}")["avatar"]
    assert avatar == avatar_of(seed.COACH_ID)  # as the demo knows it
    address = f"/avatars/{seed.COACH_ID}/{avatar}.png"
    with Image.open(BytesIO(discord.client.get(f"{address}?size=256").data)) as picture:
        assert (picture.format, picture.size) == ("PNG", (256, 256))
    assert discord.client.get(f"{address}?size=100").status_code == 400
    assert discord.client.get(f"/avatars/{seed.COACH_ID}/{'0' * 32}.png").status_code == 404
    assert discord.made("GET", "/users/@me")["avatar"] is None  # the bot has none
