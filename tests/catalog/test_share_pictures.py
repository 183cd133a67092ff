"""Pictures from before previews get theirs from the worker, a few a minute."""

from io import BytesIO

import pytest
from PIL import Image

from coaching.accounts.models import Person
from coaching.catalog.models import Picture, SharePicture
from coaching.catalog.picture_mutations import keep_picture
from coaching.catalog.picture_queries import find_share_jpeg
from coaching.catalog.pictures import WebPicture, encode_picture
from coaching.catalog.share_picture_mutations import make_share_pictures
from coaching.catalog.store_mutations import move_stores
from tests import factories
from tests.factories import MADE_AT

pytestmark = pytest.mark.usefixtures("db")


def upload(colour: str) -> bytes:
    data = BytesIO()
    Image.new("RGB", (320, 180), colour).save(data, "PNG")
    return data.getvalue()


def older(owner: Person, webp: bytes) -> Picture:
    return keep_picture(owner, WebPicture(webp, 320, 180), MADE_AT)


def test_older_pictures_are_made_in_turn_and_a_broken_one_is_tried_once(alice: Person) -> None:
    new = keep_picture(alice, encode_picture(upload("red")), MADE_AT)
    assert find_share_jpeg(new)
    old, broken = older(alice, encode_picture(upload("blue")).webp), older(alice, b"RIFF but no picture")
    assert [make_share_pictures(MADE_AT, most=1) for _ in range(3)] == [1, 1, 0]
    assert (find_share_jpeg(old) or b"")[:2] == b"\xff\xd8"
    assert find_share_jpeg(broken) is None
    # Uploaded once more, it is the one that is there.
    assert keep_picture(alice, encode_picture(upload("blue")), MADE_AT) == old
    assert SharePicture.select().count() == 3


def test_a_cover_that_both_uploaded_is_kept_once_when_two_accounts_become_one(alice: Person, bob: Person) -> None:
    theirs, own = (keep_picture(person, encode_picture(upload("red")), MADE_AT) for person in (bob, alice))
    store = factories.make_store(bob, cover=theirs)
    move_stores(bob, alice)
    assert type(store).get_by_id(store.id).cover_id == own.id
    assert [Picture.select().count(), SharePicture.select().count()] == [1, 1]
