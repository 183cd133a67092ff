"""Discord's picture of a coach: fetched once, again when it changes, and gone with the account."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from PIL import Image

from coaching.accounts.details import DiscordAccount
from coaching.accounts.discord_mutations import record_account, unlink_discord
from coaching.accounts.models import DiscordLink, Person
from coaching.accounts.queries import find_discord_link
from coaching.catalog.models import Picture
from coaching.catalog.web_pictures import WebPicture
from coaching.coaches.avatar_actions import fetch_avatars
from coaching.coaches.avatar_mutations import forget_avatar
from coaching.coaches.avatar_source import AvatarError
from coaching.coaches.merge_mutations import move_coach
from coaching.coaches.models import Coach
from coaching.coaches.profile import PictureChoice, ProfileDetails
from coaching.coaches.profile_mutations import save_profile
from coaching.diagnostics.people_queries import pictures_check
from tests import factories
from tests.fakes import Killed

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def png(colour: str = "green", size: tuple[int, int] = (256, 256)) -> bytes:
    data = BytesIO()
    Image.new("RGB", size, colour).save(data, "PNG")
    return data.getvalue()


@dataclass
class FakeAvatars:
    """Discord's pictures by their hashes: each a file, or what goes wrong."""

    pictures: dict[str, bytes | BaseException] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def read_avatar(self, discord_user_id: str, avatar: str) -> bytes:
        self.asked.append((discord_user_id, avatar))
        answer = self.pictures.get(avatar, AvatarError("status 404", permanent=True))
        if isinstance(answer, BaseException):
            raise answer
        return answer


@pytest.fixture
def coach(alice: Person) -> Coach:
    DiscordLink.update(avatar="a1").where(DiscordLink.person == alice).execute()
    return factories.make_coach(alice)


def reread(coach: Coach) -> Coach:
    fresh: Coach = Coach.get_by_id(coach.id)
    return fresh


def test_a_picture_is_fetched_once_and_again_when_it_is_another_one(coach, alice, tmp_path):
    source = FakeAvatars({"a1": png(size=(256, 300)), "b2": png("red")})

    assert [fetch_avatars(source, tmp_path, NOW + count * MINUTE) for count in range(3)] == [1, 0, 0]
    first = reread(coach)
    assert (first.avatar, first.portrait.width, first.portrait.height) == ("a1", 256, 256)
    assert bytes(first.portrait.webp)[8:12] == b"WEBP"

    record_account(find_discord_link(alice), DiscordAccount("2001", "alice", "Alice", "b2"))
    fetch_avatars(source, tmp_path, NOW + 5 * MINUTE)
    second = reread(coach)
    assert second.avatar == "b2"
    assert second.portrait_id != first.portrait_id
    assert source.asked == [("2001", "a1"), ("2001", "b2")]
    assert Picture.select().count() == 1  # the former one is gone

    record_account(find_discord_link(alice), DiscordAccount("2001", "alice", "Alice", None))
    fetch_avatars(source, tmp_path, NOW + 6 * MINUTE)
    assert (reread(coach).portrait_id, Picture.select().count()) == (None, 0)


def test_what_fails_is_tried_with_growing_pauses_and_once_a_day_from_then_on(coach, tmp_path):
    source = FakeAvatars({"a1": AvatarError("ReadTimeout")})
    for minute in range(3 * 24 * 60):
        if minute < 60 or minute % 30 == 0:
            fetch_avatars(source, tmp_path, NOW + minute * MINUTE)
    assert len(source.asked) == 7
    assert (reread(coach).avatar, reread(coach).portrait_id) == (None, None)
    assert "picture at Discord of one coach" in pictures_check().sentence

    # Chosen once more, it is asked for once more.
    save_profile(coach.person, ProfileDetails(coach.slug, choice=PictureChoice.DISCORD), NOW)
    source.pictures["a1"] = png()
    fetch_avatars(source, tmp_path, NOW)
    assert reread(coach).portrait_id
    assert pictures_check() is None


def test_what_is_no_picture_never_comes_to_a_page(coach, alice, mallory, tmp_path):
    factories.make_coach(mallory)
    hashes = {alice: "../../evil", mallory: "c3"}
    for person, avatar in hashes.items():
        DiscordLink.update(avatar=avatar).where(DiscordLink.person == person).execute()
    source = FakeAvatars({"c3": b"<svg onload=alert(1)>", "../../evil": AvatarError("no hash", permanent=True)})
    fetch_avatars(source, tmp_path, NOW)
    assert Picture.select().count() == 0
    assert reread(coach).avatar == "../../evil"  # given up at once
    assert Coach.get(Coach.person == mallory).avatar_due_at == NOW + MINUTE


def test_a_worker_that_dies_over_a_picture_tries_it_a_few_times_only(coach, tmp_path):
    source = FakeAvatars({"a1": Killed()})
    for day in range(8):
        try:
            fetch_avatars(source, tmp_path, NOW + timedelta(days=day))
        except Killed:
            continue
    assert len(source.asked) == 5
    assert reread(coach).avatar == "a1"


def test_disconnecting_takes_the_picture_away_at_once_and_where_that_is_missed_a_minute_later(coach, alice, tmp_path):
    alice.email, alice.password_hash, alice.email_verified_at = "alice@example.com", "x", NOW
    alice.save()
    source = FakeAvatars({"a1": png()})
    for tells in (True, False):
        fetch_avatars(source, tmp_path, NOW)
        assert reread(coach).portrait_id
        unlink_discord(alice, NOW)
        if tells:
            forget_avatar(alice)
        else:
            fetch_avatars(source, tmp_path, NOW)
        assert (reread(coach).portrait_id, reread(coach).avatar, Picture.select().count()) == (None, None, 0)
        DiscordLink.create(person=alice, discord_user_id="2001", username="alice", avatar="a1", linked_at=NOW)


def test_a_picture_of_ones_own_is_left_alone(coach, tmp_path):
    class Slow(FakeAvatars):
        """While it answers, the coach chooses to show none."""

        def read_avatar(self, discord_user_id: str, avatar: str) -> bytes:
            save_profile(coach.person, ProfileDetails(coach.slug, choice=PictureChoice.NONE), NOW)
            return png()

    fetch_avatars(Slow(), tmp_path, NOW)
    assert (reread(coach).portrait_id, reread(coach).takes_avatar, Picture.select().count()) == (None, False, 0)
    assert fetch_avatars(FakeAvatars(), tmp_path, NOW + timedelta(days=30)) == 0


def test_a_page_that_is_joined_by_another_brings_its_picture_as_it_was_chosen(coach, alice, mallory, tmp_path):
    own = WebPicture(b"RIFF", 64, 64)
    joined = factories.make_coach(mallory)
    save_profile(mallory, ProfileDetails(joined.slug, choice=PictureChoice.OWN, picture=own), NOW)
    move_coach(mallory, alice, NOW)
    kept = reread(coach)
    assert (bytes(kept.portrait.webp), kept.takes_avatar) == (b"RIFF", False)
    assert fetch_avatars(FakeAvatars({"a1": png()}), tmp_path, NOW) == 0
