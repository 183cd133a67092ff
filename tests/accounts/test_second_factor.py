"""Second factors: which codes count, how often, and what becomes of wrong ones."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from coaching import resealing, vault
from coaching.accounts import factor_mutations as factors
from coaching.accounts import mutations, queries
from coaching.accounts.claim_mutations import claim_by_discord, claim_by_password
from coaching.accounts.factor_queries import find_factor, find_half, find_new_secret, has_factor, recovery_codes_left
from coaching.accounts.mail_link_mutations import make_reset_link, reset_password
from coaching.accounts.models import (
    HalfSignIn,
    NewSecret,
    Person,
    RecoveryCode,
    SecondFactor,
    SecurityEvent,
    SignIn,
    WrongCode,
)
from coaching.accounts.one_time_codes import fitting_step, new_recovery_codes, plain_code
from coaching.db import database
from coaching.errors import CannotMerge, ChangedMeanwhile, CodeRefused, FactorNeeded, Refused, Unverified
from coaching.merging.queries import what_moves
from coaching.notices.models import Notice
from tests import factories
from tests.factories import PASSWORD, SECRET
from tests.threads import all_at_once

# 2026-03-01 12:00:05: five seconds into a half minute.
NOW = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)
STEP = timedelta(seconds=30)


def code_at(at: datetime, secret: str = SECRET) -> str:
    return factories.TOTP(secret).at(at)


def events() -> list[str]:
    return [event.kind for event in SecurityEvent.select().order_by(SecurityEvent.id)]


def mails() -> list[str]:
    return [notice.body for notice in Notice.select().order_by(Notice.id)]


def refusal_of(person: Person, typed: str, now: datetime = NOW, holder: str = "a browser") -> str:
    with pytest.raises(CodeRefused) as refused:
        factors.use_code(person, holder, typed, now)
    return refused.value.sentence


@pytest.mark.one_database
def test_codes_of_the_half_minutes_around_count_and_no_others() -> None:
    """The secret and the codes of RFC 6238, appendix B, in six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    at = datetime.fromtimestamp(1111111109, UTC)
    assert fitting_step(secret, "081804", at) == 1111111109 // 30
    for distance, fits in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        assert (fitting_step(secret, "081804", at + distance * STEP) is not None) is fits
    for typed in ("", "81804", "0818040", "０８１８０４", "abcdef", "081 804"):
        assert fitting_step(secret, typed, at) is None
    assert plain_code(" 081 804\t") == plain_code("081-804") == plain_code("081\u00a0804") == "081804"
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    assert {len(plain_code(code)) for code in codes} == {24}


def test_a_code_counts_once_and_none_before_it_afterwards(bob: Person) -> None:
    factories.make_factor(bob)
    earlier, later = code_at(NOW - STEP), code_at(NOW)
    factors.use_code(bob, "a browser", f" {later[:3]} {later[3:]} ", NOW)
    assert "used before" in refusal_of(bob, later)
    assert "used before" in refusal_of(bob, earlier)
    factors.use_code(bob, "a browser", code_at(NOW + STEP), NOW + STEP)
    assert SecondFactor.get().last_step == int((NOW + STEP).timestamp()) // 30
    assert WrongCode.select().count() == 0  # the right one forgives this browser's
    assert events() == ["wrong code", "wrong code"]


def test_of_eight_that_send_one_code_at_once_one_is_let_in_and_wrong_ones_are_all_counted(bob: Person) -> None:
    factories.make_factor(bob)
    codes = factors.make_recovery_codes(bob, NOW)

    def tries(typed: str, number: int) -> str:
        try:
            factors.use_code(bob, f"browser {number}", typed, NOW)
        except CodeRefused as refusal:
            return refusal.sentence
        return "in"

    for typed in (code_at(NOW), codes[0]):
        outcomes = all_at_once(*(partial(tries, typed, number) for number in range(8)))
        assert outcomes.count("in") == 1, outcomes
    WrongCode.delete().execute()
    outcomes = all_at_once(*(partial(tries, "000000", 0) for _ in range(8)))
    assert sum("count again" in outcome for outcome in outcomes) == 4  # the fifth says so already
    assert WrongCode.select().count() == 5


def test_wrong_codes_make_wait_but_recovery_codes_go_on_counting(bob: Person) -> None:
    factories.make_factor(bob)
    codes = factors.make_recovery_codes(bob, NOW)
    right = code_at(NOW)
    for _ in range(4):
        assert "does not fit" in refusal_of(bob, "000000")
    assert "count again in 15 minutes" in refusal_of(bob, "000000")
    assert "in 15 minutes" in refusal_of(bob, right)
    assert "neither" in refusal_of(bob, "abcd-efgh")
    assert "in 5 minutes" in refusal_of(bob, right, NOW + timedelta(minutes=10))
    # Another browser has tries of its own, until it is too much for the account.
    for _ in range(4):
        refusal_of(bob, "000000", holder="another browser")
    assert "count again" in refusal_of(bob, "000000", holder="another browser")
    assert "count again" in refusal_of(bob, right, holder="a third one")
    # Nobody who knows the password locks the owner out.
    factors.use_code(bob, "a third one", codes[0].upper(), NOW)
    # Those who tried knew the former password.
    mutations.change_password(bob, "another good password", SignIn(id=0), NOW)
    factors.use_code(bob, "a browser", right, NOW)
    assert events().count("too many wrong codes") == 2
    assert sum("several wrong codes" in body for body in mails()) == 2


def test_thirty_wrong_codes_a_day_are_the_most(bob: Person) -> None:
    factories.make_factor(bob)
    for number in range(30):
        refusal_of(bob, "000000", NOW + timedelta(minutes=20 * number), holder=str(number))
    later = NOW + timedelta(minutes=20 * 30)
    assert "in 14 hours" in refusal_of(bob, code_at(later), later)
    a_day_later = NOW + timedelta(days=1)
    factors.use_code(bob, "a browser", code_at(a_day_later), a_day_later)


def test_recovery_codes_are_kept_hashed_and_count_once(bob: Person) -> None:
    factor = factories.make_factor(bob)
    codes = factors.make_recovery_codes(bob, NOW)
    stored = {row.code_sha256 for row in RecoveryCode.select()}
    assert len(stored) == 10
    assert not any(code in text or plain_code(code) in text for code in codes for text in stored)
    factors.use_code(bob, "a browser", codes[3].replace("-", " ").upper(), NOW)
    assert "neither" in refusal_of(bob, codes[3])
    assert recovery_codes_left(factor) == 9
    assert "9 recovery codes are left" in mails()[-1]
    assert "recovery code used" in events()
    factors.make_recovery_codes(bob, NOW)
    assert "neither" in refusal_of(bob, codes[4])
    assert recovery_codes_left(factor) == 10


def test_an_app_counts_once_it_has_shown_a_code_and_ends_what_gave_none(bob: Person) -> None:
    here, elsewhere = mutations.start_sign_in(bob, NOW), mutations.start_sign_in(bob, NOW)
    sign_in = queries.find_sign_in(here, NOW)
    assert sign_in
    factors.show_new_secret(sign_in, here, NOW)
    factors.show_new_secret(sign_in, here, NOW)
    secret = find_new_secret(here, bob, NOW)
    assert secret
    assert find_new_secret(elsewhere, bob, NOW) is None
    assert not has_factor(bob)
    with pytest.raises(CodeRefused):
        factors.set_up_factor(bob, here, "000000", NOW)
    with pytest.raises(ChangedMeanwhile):
        factors.set_up_factor(bob, elsewhere, code_at(NOW, secret), NOW)
    late = NOW + factors.SET_UP_LASTS
    with pytest.raises(ChangedMeanwhile):
        factors.set_up_factor(bob, here, code_at(late, secret), late)

    codes = factors.set_up_factor(bob, here, code_at(NOW, secret), NOW)

    assert len(codes) == 10
    assert "does not fit" in refusal_of(bob, code_at(NOW, secret))  # spent on setting it up
    assert queries.find_sign_in(here, NOW)
    assert queries.find_sign_in(elsewhere, NOW) is None
    with pytest.raises(ChangedMeanwhile):  # a double click
        factors.set_up_factor(bob, here, code_at(NOW, secret), NOW)
    with pytest.raises(FactorNeeded):
        mutations.start_sign_in(bob, NOW)
    assert "second factor set up" in events()
    assert "second factor was set up" in mails()[-1]

    # Another app in its place: the former one counts until then.
    sign_in = queries.find_sign_in(here, NOW)
    assert sign_in
    factors.show_new_secret(sign_in, here, NOW)
    factors.use_code(bob, here, code_at(NOW + STEP, secret), NOW + STEP)
    newer = find_new_secret(here, bob, NOW)
    assert newer
    factors.set_up_factor(bob, here, code_at(NOW + STEP, newer), NOW + STEP)
    assert "neither" in refusal_of(bob, codes[0], NOW + STEP)
    assert events()[-2:] == ["second factor replaced", "wrong code"]


def test_the_secret_is_sealed_and_brought_to_the_newest_key(bob: Person) -> None:
    vault.keys.use([b"o" * 32])
    factories.make_factor(bob)
    NewSecret.create(holder_sha256="x", person=bob, secret=SECRET, ends_at=NOW)
    for table in ("second_factor", "new_secret"):
        assert SECRET not in database.execute_sql(f"SELECT secret FROM {table}").fetchone()[0]
    vault.keys.use([b"n" * 32, b"o" * 32])
    assert resealing.standings()["second_factor.secret"]["older"] == 1
    resealing.reseal_all()
    vault.keys.use([b"n" * 32])
    factors.use_code(bob, "a browser", code_at(NOW), NOW)
    # A key that is gone costs nobody their account.
    codes = factors.make_recovery_codes(bob, NOW)
    vault.keys.use([b"x" * 32])
    assert "lost the key" in refusal_of(bob, code_at(NOW + STEP), NOW + STEP)
    factors.use_code(bob, "a browser", codes[0], NOW)


def test_half_a_sign_in_holds_for_ten_minutes_and_as_long_as_what_it_rests_on(bob: Person) -> None:
    factories.make_factor(bob)

    def begin(way: str = "password") -> str:
        token = factors.start_half(Person.get_by_id(bob.id), way, "", None, NOW)
        assert find_half(token, NOW)
        return token

    token = begin()
    assert find_half(token, NOW + timedelta(minutes=9))
    assert find_half(token, NOW + timedelta(minutes=10)) is None
    assert queries.find_sign_in(token, NOW) is None
    assert find_half(factors.start_half(bob, "password", "", None, NOW, replaces=token), NOW)
    assert find_half(token, NOW) is None
    reset, by_discord = begin(), begin("discord")
    reset_password(make_reset_link(bob, NOW), "another good password", NOW)
    assert find_half(reset, NOW) is None
    assert has_factor(bob)
    assert find_half(by_discord, NOW)
    mutations.end_all_sign_ins(bob)
    assert find_half(by_discord, NOW) is None
    by_discord = begin("discord")
    mutations.end_sign_ins_and_links(NOW)  # a restored backup
    assert find_half(by_discord, NOW) is None
    begin()
    mutations.sign_out_everybody(NOW)
    assert HalfSignIn.select().count() == 0


def test_an_admin_without_a_factor_is_signed_in_nowhere(bob: Person) -> None:
    before = mutations.start_sign_in(bob, NOW)
    half = factors.start_half(bob, "password", "", None, NOW)
    person, ended = mutations.make_admin(str(bob.email), NOW)
    assert (person.is_admin, ended) == (True, 1)
    assert queries.find_sign_in(before, NOW) is None
    assert find_half(half, NOW) is None
    # One from before the site asked for it, and a demo's.
    token = mutations.start_sign_in(person, NOW)
    assert queries.find_sign_in(token, NOW) is None
    assert queries.find_sign_in(token, NOW, admins_need_factor=False)
    half = factors.start_half(person, "password", "", None, NOW)
    secret = find_new_secret(half, person, NOW)
    assert secret
    factors.set_up_factor(person, half, code_at(NOW, secret), NOW)
    assert queries.find_sign_in(mutations.start_sign_in(person, NOW, with_factor=True), NOW)
    with pytest.raises(Refused, match="Admins need a second factor"):
        factors.remove_factor(person, NOW)
    squatter = factories.make_person("Mallory", email_verified_at=None)
    with pytest.raises(Unverified):
        mutations.make_admin(str(squatter.email), NOW)
    assert not Person.get_by_id(squatter.id).is_admin


def test_turned_off_and_reset_the_owner_is_told(bob: Person, alice: Person) -> None:
    for person in (bob, alice):
        factories.make_factor(person)
        factors.make_recovery_codes(person, NOW)
    token = mutations.start_sign_in(bob, NOW, with_factor=True)
    factors.remove_factor(bob, NOW)
    assert queries.find_sign_in(token, NOW)
    assert find_factor(bob) is None
    assert "turned off" in mails()[-1]
    mutations.start_sign_in(alice, NOW, with_factor=True)
    assert factors.reset_factor(str(alice.email), NOW)[1:] == (True, 1)
    assert factors.reset_factor(str(alice.email), NOW)[1:] == (False, 0)
    assert RecoveryCode.select().count() == SignIn.select().where(SignIn.person == alice).count() == 0
    assert "has taken the second factor off" in mails()[-1]
    assert {"second factor removed", "second factor reset by whoever runs this site"} <= set(events())


def test_an_account_with_a_second_factor_is_not_merged_away_by_less(alice: Person, bob: Person) -> None:
    """Its password would be enough to show it, and to read what is in it."""
    factories.make_factor(bob)
    here = queries.find_sign_in(mutations.start_sign_in(alice, NOW), NOW)
    link = queries.find_discord_link(bob)
    assert here
    assert link
    with pytest.raises(CannotMerge, match="second factor"):
        claim_by_password(here, str(bob.email), PASSWORD, NOW)
    with pytest.raises(CannotMerge, match="second factor"):
        claim_by_discord(here, link, "", NOW)
    # Set up since the account was shown.
    assert any("second factor" in obstacle.sentence for obstacle in what_moves(alice, bob, NOW).obstacles)
    # The one that stays keeps its own.
    assert not any("second factor" in obstacle.sentence for obstacle in what_moves(bob, alice, NOW).obstacles)


def test_an_account_that_was_shown_is_shown_no_more_once_it_has_a_second_factor(alice: Person, bob: Person) -> None:
    here = queries.find_sign_in(mutations.start_sign_in(alice, NOW), NOW)
    token = mutations.start_sign_in(bob, NOW)
    there = queries.find_sign_in(token, NOW)
    assert here
    assert there
    claim_by_password(here, str(bob.email), PASSWORD, NOW)
    assert queries.find_claim(here, NOW)
    factors.show_new_secret(there, token, NOW)
    secret = find_new_secret(token, bob, NOW)
    assert secret
    factors.set_up_factor(bob, token, code_at(NOW, secret), NOW)
    assert queries.find_claim(here, NOW) is None
