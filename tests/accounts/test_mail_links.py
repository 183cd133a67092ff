"""Links by mail: who may use them, how often, and what dies with them."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from coaching.accounts import mail_link_mutations as links
from coaching.accounts import mutations, queries
from coaching.accounts.addresses import EmailAddress, find_address
from coaching.accounts.details import UNKNOWN
from coaching.accounts.models import DiscordLink, Person
from coaching.errors import AddressTaken, LinkExpired, RateLimited
from coaching.notices.models import Notice
from tests.factories import PASSWORD, make_person

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
NEW = "a brand new password"
pytestmark = pytest.mark.usefixtures("db")


def link_to(token: str) -> str:
    return f"<{token}>"


def ask_for_reset_link(email: str, at: datetime = NOW) -> None:
    """As the page does it: first it is counted, then the mail is written."""
    links.take_links(email, at, UNKNOWN, None)
    links.mail_reset_link(email, link_to, at)


def mailed_token() -> str:
    body = Notice.select().order_by(Notice.id.desc()).get().body
    return str(body.split("<")[1].split(">")[0])


def address(text: str) -> EmailAddress:
    email_address = find_address(text)
    assert email_address is not None
    return email_address


def test_a_verify_link_counts_only_for_the_person_it_was_made_for() -> None:
    bob, mallory = make_person("Bob", email_verified_at=None), make_person("Mallory")
    links.send_verify_link(bob, address(bob.email), link_to, NOW)
    token = mailed_token()
    with pytest.raises(LinkExpired):
        links.verify_address(mallory, token, NOW)
    links.verify_address(bob, token, NOW)
    assert Person.get_by_id(bob.id).email_verified_at == NOW
    with pytest.raises(LinkExpired):
        links.verify_address(bob, token, NOW)


def test_a_verify_link_dies_after_three_days_and_with_a_newer_one() -> None:
    bob = make_person("Bob", email_verified_at=None)
    links.send_verify_link(bob, address(bob.email), link_to, NOW)
    first = mailed_token()
    with pytest.raises(LinkExpired):
        links.verify_address(bob, first, NOW + timedelta(days=3))
    links.send_verify_link(bob, address(bob.email), link_to, NOW)
    with pytest.raises(LinkExpired):
        links.verify_address(bob, first, NOW)


def waiting_mails() -> list[str]:
    waiting = Notice.select().where(Notice.state == "waiting").order_by(Notice.id)
    return [notice.body.split("<")[1].split(">")[0] if "<" in notice.body else notice.kind for notice in waiting]


def test_no_mail_goes_any_more_whose_link_is_worth_nothing() -> None:
    bob, ann = make_person("Bob", email_verified_at=None), make_person("Ann", email_verified_at=None)
    links.send_verify_link(ann, address(ann.email), link_to, NOW)
    of_ann = mailed_token()
    links.send_verify_link(bob, address(bob.email), link_to, NOW)
    links.send_verify_link(bob, address(bob.email), link_to, NOW)
    newer = mailed_token()
    assert waiting_mails() == [of_ann, newer]
    ask_for_reset_link(bob.email)
    links.verify_address(bob, newer, NOW)
    reset = mailed_token()
    assert waiting_mails() == [of_ann, reset]
    links.reset_password(reset, "a long enough pass phrase", NOW)
    assert waiting_mails() == [of_ann, "changed"]


def test_a_new_address_holds_once_it_is_verified_and_the_old_one_is_told() -> None:
    bob = make_person("Bob")
    old = bob.email
    links.send_verify_link(bob, address("new@example.com"), link_to, NOW)
    assert Person.get_by_id(bob.id).email == old
    assert queries.find_waiting_address(bob, NOW) == "new@example.com"

    links.verify_address(bob, mailed_token(), NOW)

    assert mutations.check_password("new@example.com", PASSWORD, NOW) == bob
    notice = Notice.select().where(Notice.kind == "changed").get()
    assert notice.recipient == old


def test_nobody_takes_over_an_address_that_became_somebody_elses_meanwhile() -> None:
    bob = make_person("Bob")
    links.send_verify_link(bob, address("wanted@example.com"), link_to, NOW)
    token = mailed_token()
    make_person("Eve", email="wanted@example.com", email_key="wanted@example.com")
    with pytest.raises(AddressTaken):
        links.verify_address(bob, token, NOW)
    assert Person.get_by_id(bob.id).email != "wanted@example.com"
    with pytest.raises(AddressTaken):
        links.send_verify_link(bob, address("WANTED@example.com"), link_to, NOW)


def test_a_reset_link_works_once_and_signs_nobody_in() -> None:
    bob = make_person("Bob")
    signed_in = mutations.start_sign_in(bob, NOW)
    ask_for_reset_link(bob.email)
    token = mailed_token()

    links.reset_password(token, NEW, NOW)

    assert mutations.check_password(bob.email, NEW, NOW) == bob
    assert queries.find_sign_in(signed_in, NOW) is None
    assert queries.sign_ins_of(bob, NOW) == []
    with pytest.raises(LinkExpired):
        links.reset_password(token, "yet another password", NOW)
    assert Notice.select().where(Notice.kind == "changed").count() == 1


def test_a_reset_link_lives_thirty_minutes() -> None:
    bob = make_person("Bob")
    token = links.make_reset_link(bob, NOW)
    assert queries.find_mail_link(token, "reset", NOW + timedelta(minutes=29, seconds=59))
    with pytest.raises(LinkExpired):
        links.reset_password(token, NEW, NOW + timedelta(minutes=30))


def test_a_verify_link_is_no_reset_link() -> None:
    bob = make_person("Bob", email_verified_at=None)
    links.send_verify_link(bob, address(bob.email), link_to, NOW)
    with pytest.raises(LinkExpired):
        links.reset_password(mailed_token(), NEW, NOW)


def test_every_reset_link_dies_with_a_reset() -> None:
    bob = make_person("Bob")
    first, second = links.make_reset_link(bob, NOW), links.make_reset_link(bob, NOW)
    links.reset_password(first, NEW, NOW)
    with pytest.raises(LinkExpired):
        links.reset_password(second, "yet another password", NOW)


def test_a_squatters_discord_link_and_sign_ins_are_wiped_when_the_owner_recovers_the_address() -> None:
    """Somebody signed up with Bob's address, connected their own Discord and waits."""
    squatted = make_person("Bob", email_verified_at=None, linked_as="2666")
    waiting = mutations.start_sign_in(squatted, NOW)
    links.send_verify_link(squatted, address(squatted.email), link_to, NOW)
    takeover = mailed_token()
    ask_for_reset_link(squatted.email)

    owner = links.reset_password(mailed_token(), NEW, NOW)

    assert DiscordLink.select().count() == 0
    assert queries.find_sign_in(waiting, NOW) is None
    assert owner.email_verified_at == NOW
    with pytest.raises(LinkExpired):
        links.verify_address(owner, takeover, NOW)


def test_an_address_that_was_never_verified_gives_way_at_once_and_its_links_die() -> None:
    """A typing error at signing up: nobody has to wait for a mail that cannot come."""
    bob = make_person("Bob", email="bob@gmial.test", email_key="bob@gmial.test", email_verified_at=None)
    links.send_verify_link(bob, address("bob@gmial.test"), link_to, NOW)
    first, reset = mailed_token(), links.make_reset_link(bob, NOW)

    links.send_verify_link(Person.get_by_id(bob.id), address("bob@gmail.test"), link_to, NOW)

    assert mutations.check_password("bob@gmail.test", PASSWORD, NOW) == bob
    assert queries.find_person("bob@gmial.test") is None
    assert Person.get_by_id(bob.id).email_verified_at is None
    for purpose, token in (("verify", first), ("reset", reset)):
        assert queries.find_mail_link(token, purpose, NOW) is None
    links.verify_address(Person.get_by_id(bob.id), mailed_token(), NOW)
    assert Person.get_by_id(bob.id).email_verified_at == NOW


def test_a_squatter_who_wants_another_address_gives_the_victims_free() -> None:
    squatted = make_person("Bob", email_verified_at=None)
    victims = squatted.email
    links.send_verify_link(squatted, address("squatter@example.com"), link_to, NOW)
    assert queries.find_person(victims) is None
    assert Person.get_by_id(squatted.id).email_verified_at is None


def test_an_address_verified_in_another_window_meanwhile_is_not_replaced() -> None:
    bob = make_person("Bob", email_verified_at=None)
    links.send_verify_link(bob, address(bob.email), link_to, NOW)
    as_it_was = Person.get_by_id(bob.id)
    links.verify_address(bob, mailed_token(), NOW)
    links.send_verify_link(as_it_was, address("new@example.com"), link_to, NOW)
    assert Person.get_by_id(bob.id).email == bob.email


def test_an_unverified_address_does_not_give_way_to_one_whose_mailbox_had_too_many_links() -> None:
    bob, eve = make_person("Bob", email_verified_at=None), make_person("Eve")
    for _ in range(5):
        links.send_verify_link(eve, address("wanted@example.com"), link_to, NOW)
    with pytest.raises(RateLimited):
        links.send_verify_link(bob, address("wanted@example.com"), link_to, NOW)
    assert Person.get_by_id(bob.id).email == bob.email


def test_a_verified_persons_discord_link_survives_a_reset() -> None:
    bob = make_person("Bob", linked_as="2002")
    links.reset_password(links.make_reset_link(bob, NOW), NEW, NOW)
    assert DiscordLink.select().count() == 1


def test_a_reset_for_an_unknown_address_does_as_if() -> None:
    ask_for_reset_link("nobody@example.com")
    assert Notice.select().count() == 0


def test_the_reset_mail_goes_to_the_stored_address_not_to_a_look_alike() -> None:
    make_person("Fin", email="fin@example.com", email_key="fin@example.com")
    ask_for_reset_link("ﬁn@example.com")
    assert Notice.get().recipient == "fin@example.com"


def test_nobody_can_flood_a_mailbox() -> None:
    bob = make_person("Bob")

    def ask(later: timedelta) -> None:
        with suppress(RateLimited):
            ask_for_reset_link(bob.email, NOW + later)

    for minute in range(20):
        ask(timedelta(minutes=minute))
    assert Notice.select().count() == 5
    for hour in range(1, 24):
        ask(timedelta(hours=hour, minutes=30))
    assert Notice.select().count() == 15


def test_another_way_to_write_it_is_no_other_mailbox() -> None:
    bob = make_person("Bob")
    for spelling in ("eve@example.com", "EVE@example.com", "Eve@example.com", "eVe@example.com", "evE@example.com"):
        links.send_verify_link(bob, address(spelling), link_to, NOW)
    with pytest.raises(RateLimited):
        links.send_verify_link(bob, address("EvE@example.com"), link_to, NOW)


def test_a_flooded_mailbox_still_hears_of_a_change() -> None:
    bob = make_person("Bob")
    for _ in range(5):
        ask_for_reset_link(bob.email)
    with pytest.raises(RateLimited):
        ask_for_reset_link(bob.email)
    links.reset_password(links.make_reset_link(bob, NOW), NEW, NOW)
    assert Notice.select().where(Notice.kind == "changed").count() == 1


def test_whoever_asks_for_too_many_links_is_told() -> None:
    bob = make_person("Bob", email_verified_at=None)
    for _ in range(5):
        links.send_verify_link(bob, address(bob.email), link_to, NOW)
    token = mailed_token()
    with pytest.raises(RateLimited):
        links.send_verify_link(bob, address(bob.email), link_to, NOW)
    links.verify_address(bob, token, NOW)  # the last one that was sent still counts
