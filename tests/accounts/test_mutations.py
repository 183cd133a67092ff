"""People, passwords and sign-ins on a real database."""

from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher

from coaching.accounts import mutations, queries
from coaching.accounts.addresses import find_address
from coaching.accounts.details import SignUpDetails, Visit
from coaching.accounts.mail_link_mutations import make_reset_link
from coaching.accounts.models import MailLink, Person, SecurityEvent, SignIn
from coaching.errors import AddressTaken, NotFound, WrongCredentials
from coaching.notices.models import Notice
from tests import factories
from tests.factories import CHEAP_HASHER, PASSWORD, make_person
from tests.threads import all_at_once

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("db")


def link_to(token: str) -> str:
    return f"https://greenroom.example/x/{token}"


def details(email: str = "bob@example.com", password: str = PASSWORD) -> SignUpDetails:
    address = find_address(email)
    assert address is not None
    return SignUpDetails("Bob", address, password, "Europe/Berlin")


def test_a_new_person_gets_a_mail_to_verify_the_address_and_is_unverified() -> None:
    person = mutations.sign_up(details(), link_to, NOW)

    assert person.email_verified_at is None
    [notice] = Notice.select()
    assert (notice.recipient, notice.kind) == ("bob@example.com", "verify")
    assert "https://greenroom.example/x/" in notice.body


def test_no_token_and_no_password_is_kept_as_it_is() -> None:
    mutations.sign_up(details(), link_to, NOW)
    token = mutations.start_sign_in(Person.get(), NOW)

    kept = (
        str(list(Person.select().dicts())) + str(list(SignIn.select().dicts())) + str(list(MailLink.select().dicts()))
    )
    assert PASSWORD not in kept
    assert token not in kept
    assert Notice.get().body.split("/x/")[1].split()[0] not in kept


@pytest.mark.parametrize("again", ["bob@example.com", "BOB@EXAMPLE.COM", "ｂｏｂ@example.com"])
def test_one_address_belongs_to_one_person_however_it_is_typed(again: str) -> None:
    mutations.sign_up(details(), link_to, NOW)
    with pytest.raises(AddressTaken):
        mutations.sign_up(details(again), link_to, NOW)
    assert Person.select().count() == 1
    assert Notice.select().count() == 1


def test_two_who_sign_up_at_once_with_one_address_are_one_person() -> None:
    def sign_up() -> str:
        try:
            mutations.sign_up(details(), link_to, NOW)
        except AddressTaken:
            return "taken"
        return "made"

    assert sorted(all_at_once(sign_up, sign_up)) == ["made", "taken"]


def test_the_right_password_finds_the_person() -> None:
    bob = mutations.sign_up(details(), link_to, NOW)
    assert mutations.check_password("Bob@Example.com", PASSWORD, NOW) == bob


@pytest.mark.parametrize(
    ("email", "password"),
    [("bob@example.com", "wrong password"), ("nobody@example.com", PASSWORD), ("not an address", PASSWORD)],
)
def test_a_wrong_password_and_an_unknown_address_are_refused_alike(email: str, password: str) -> None:
    mutations.sign_up(details(), link_to, NOW)
    with pytest.raises(WrongCredentials) as caught:
        mutations.check_password(email, password, NOW, Visit("Firefox", "203.0.113.7"))
    assert caught.value.sentence == WrongCredentials.sentence
    event = SecurityEvent.select().order_by(SecurityEvent.id.desc()).get()
    assert (event.kind, event.address) == ("sign-in failed", "203.0.113.7")


def test_a_person_known_by_discord_alone_has_no_password_to_guess() -> None:
    make_person("Dee", password_hash=None, email="dee@example.com", email_key="dee@example.com")
    for guess in ("", "None", "nobody has this password"):
        with pytest.raises(WrongCredentials):
            mutations.check_password("dee@example.com", guess, NOW)


def test_a_hash_of_former_costs_is_renewed_at_sign_in() -> None:
    dearer = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    bob = make_person("Bob", password_hash=dearer)
    mutations.check_password(bob.email, PASSWORD, NOW)
    renewed = Person.get_by_id(bob.id).password_hash
    assert "t=1" in renewed
    assert mutations.check_password(bob.email, PASSWORD, NOW) == bob


def test_a_password_kept_as_it_was_typed_is_kept_composed_after_a_sign_in() -> None:
    apart, composed = "cafe\u0301 at the corner", "caf\u00e9 at the corner"
    bob = make_person("Bob", password_hash=CHEAP_HASHER.hash(apart))
    with pytest.raises(WrongCredentials):
        mutations.check_password(bob.email, composed, NOW)
    assert mutations.check_password(bob.email, apart, NOW) == bob
    assert mutations.check_password(bob.email, composed, NOW) == bob
    kept = Person.get_by_id(bob.id).password_hash
    mutations.check_password(bob.email, apart, NOW)
    assert Person.get_by_id(bob.id).password_hash == kept  # nothing is left to renew


def test_a_sign_in_is_found_by_its_token_until_it_is_idle_too_long() -> None:
    bob = make_person("Bob")
    token = mutations.start_sign_in(bob, NOW, browser="Firefox on Linux")

    sign_in = queries.find_sign_in(token, NOW + timedelta(days=13))
    assert sign_in is not None
    assert sign_in.person == bob
    assert queries.find_sign_in(token, NOW + timedelta(days=14)) is None
    mutations.record_seen(sign_in, NOW + timedelta(days=13))
    assert queries.find_sign_in(token, NOW + timedelta(days=26)) is not None
    assert queries.find_sign_in("another token", NOW) is None


def test_a_new_sign_in_replaces_the_browsers_former_one() -> None:
    bob = make_person("Bob")
    first = mutations.start_sign_in(bob, NOW)
    elsewhere = mutations.start_sign_in(bob, NOW)
    second = mutations.start_sign_in(bob, NOW, replaces=first)

    assert queries.find_sign_in(first, NOW) is None
    assert queries.find_sign_in(elsewhere, NOW) is not None
    assert queries.find_sign_in(second, NOW) is not None


def test_nobody_ends_somebody_elses_sign_in() -> None:
    bob, mallory = make_person("Bob"), make_person("Mallory")
    token = mutations.start_sign_in(bob, NOW)
    [sign_in] = queries.sign_ins_of(bob, NOW)
    with pytest.raises(NotFound):
        mutations.end_sign_in(mallory, sign_in.id)
    assert queries.find_sign_in(token, NOW) is not None
    mutations.end_sign_in(bob, sign_in.id)
    assert queries.find_sign_in(token, NOW) is None


def test_a_new_password_ends_every_other_sign_in_and_every_reset_link_and_tells_the_owner() -> None:
    bob = make_person("Bob")
    here = mutations.start_sign_in(bob, NOW)
    elsewhere = mutations.start_sign_in(bob, NOW)
    reset = make_reset_link(bob, NOW)
    keep = queries.find_sign_in(here, NOW)
    assert keep is not None

    mutations.change_password(bob, "another good password", keep, NOW)

    assert queries.find_sign_in(here, NOW) is not None
    assert queries.find_sign_in(elsewhere, NOW) is None
    assert queries.find_mail_link(reset, "reset", NOW) is None
    assert [notice.kind for notice in Notice.select()] == ["changed"]
    assert mutations.check_password(bob.email, "another good password", NOW) == bob


def test_an_address_nobody_verified_gets_no_mail_about_changes() -> None:
    bob = make_person("Bob", email_verified_at=None)
    keep = queries.find_sign_in(mutations.start_sign_in(bob, NOW), NOW)
    assert keep is not None
    mutations.change_password(bob, "another good password", keep, NOW)
    assert Notice.select().count() == 0


def test_an_admin_is_made_by_address_and_signed_in_no_longer_than_twelve_hours() -> None:
    bob = make_person("Bob")
    before = mutations.start_sign_in(bob, NOW)
    admin, ended = mutations.make_admin(bob.email, NOW)
    assert Person.get_by_id(bob.id).is_admin
    assert ended == 1
    assert queries.find_sign_in(before, NOW) is None
    token = mutations.start_sign_in(admin, NOW, with_factor=True)
    assert queries.find_sign_in(token, NOW + timedelta(hours=11)) is not None
    assert queries.find_sign_in(token, NOW + timedelta(hours=12)) is None
    with pytest.raises(NotFound):
        mutations.make_admin("nobody@example.com", NOW)


def test_ended_sign_ins_are_forgotten_after_a_month() -> None:
    bob = make_person("Bob")
    mutations.start_sign_in(bob, NOW - timedelta(days=91))
    mutations.start_sign_in(bob, NOW)
    assert SignIn.select().count() == 1


def test_the_security_log_knows_who_signed_in_from_where() -> None:
    bob = factories.make_person("Bob")
    mutations.start_sign_in(bob, NOW, address="2001:db8::1")
    event = SecurityEvent.get()
    assert (event.kind, event.person, event.address) == ("signed in", bob, "2001:db8::1")
