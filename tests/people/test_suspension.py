"""Somebody is suspended and restored, is made an admin or is none any more; what follows, and what stays."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from coaching.accounts import mutations, queries
from coaching.accounts.admin_mutations import end_admin, give_admin
from coaching.accounts.admin_queries import admins
from coaching.accounts.factor_mutations import start_half
from coaching.accounts.mail_link_mutations import make_reset_link
from coaching.accounts.models import MailLink, Person, SecurityEvent, SignIn
from coaching.catalog.models import Store
from coaching.coaches.models import Coach
from coaching.coaches.standing_mutations import resume_coach, stop_coach
from coaching.errors import AccountSuspended, ChangedMeanwhile, LastAdmin, NotFound, Refused, TooLate, Unverified
from coaching.merging.queries import what_moves
from coaching.notices.models import Notice
from coaching.now import now_at
from coaching.own_data.deletion_mutations import delete_account, erase_again
from coaching.own_data.deletion_queries import what_goes
from coaching.own_data.erased_queries import all_erased
from coaching.people.barred_queries import all_barred
from coaching.people.barring_mutations import hold_barred
from coaching.people.coming_queries import coming_of, undecided_of_suspended
from coaching.people.queries import get_person, people_page
from coaching.people.suspension_mutations import (
    BARRED,
    cancel_for,
    leave_session,
    restore_by_command,
    restore_person,
    suspend_barred,
    suspend_person,
)
from tests import factories
from tests.threads import all_at_once

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HERE = now_at(NOW, timedelta(0))


@pytest.fixture
def ada(db: None) -> Person:
    return factories.make_person("Ada", is_admin=True)


def again(person: Person) -> Person:
    return Person.get_by_id(person.id)


def admin_actions() -> list[tuple[str, int, int | None, str]]:
    rows = SecurityEvent.select().where(SecurityEvent.actor.is_null(False)).order_by(SecurityEvent.id)
    return [(row.kind, row.person_id, row.actor_id, row.detail) for row in rows]


def test_somebody_suspended_is_let_in_nowhere_and_restored_they_sign_in_anew(ada: Person) -> None:
    bob = factories.make_person("Bob")
    token = mutations.start_sign_in(bob, NOW)
    make_reset_link(bob, NOW)
    assert suspend_person(bob, ada, "Sold nothing but spam", NOW) == 1
    assert queries.find_sign_in(token, NOW) is None
    assert MailLink.select().count() == 0
    for begin in (mutations.start_sign_in, lambda who, now: start_half(who, "password", "", None, now)):
        with pytest.raises(AccountSuspended, match="Sold nothing but spam"):
            begin(again(bob), NOW)
    # A sign-in that was begun in the same moment counts for nothing either.
    row = SignIn.create(
        token_sha256=queries.digest("t"),
        person=bob,
        made_at=NOW,
        seen_at=NOW,
        verified_at=NOW,
        ends_at=NOW + timedelta(days=9),
    )
    assert queries.find_sign_in("t", NOW) is None

    suspend_person(bob, ada, "Sold nothing but spam", NOW)  # pressed twice
    with pytest.raises(ChangedMeanwhile):
        suspend_person(bob, ada, "Another reason", NOW)
    assert again(bob).suspended_why == "Sold nothing but spam"

    restore_person(bob, ada, "It was somebody else", NOW)
    restore_person(bob, ada, "It was somebody else", NOW)
    assert SignIn.get_or_none(SignIn.id == row.id) is None
    assert queries.find_sign_in(mutations.start_sign_in(again(bob), NOW), NOW)
    assert admin_actions() == [
        ("account suspended", bob.id, ada.id, "Sold nothing but spam"),
        ("account restored", bob.id, ada.id, "It was somebody else"),
    ]
    subjects = [notice.subject for notice in Notice.select().where(Notice.recipient == bob.email).order_by(Notice.id)]
    assert subjects == ["Your account is suspended", "Your account is restored"]
    suspend_person(bob, ada, "Again", NOW)
    assert restore_by_command(again(bob), NOW)
    assert not restore_by_command(again(bob), NOW)


def test_nothing_is_sold_by_a_suspended_coach_and_an_approval_taken_back_stays_so(ada: Person) -> None:
    coach, other = (factories.make_coach(factories.make_person(name)) for name in ("Cleo", "Dora"))
    for each_coach in (coach, other):
        factories.make_store(each_coach.person, slug=f"store{each_coach.id}")
    stop_coach(other, ada, "Too few calls", "", NOW)
    for each_coach in (coach, other):
        suspend_person(each_coach.person, ada, "Complaints", NOW)
        assert Store.get(Store.owner == each_coach.person).stopped_at == NOW
        with pytest.raises(Refused, match="suspended"):
            resume_coach(Coach.get_by_id(each_coach.id), ada, "Settled", "", NOW)
        restore_person(each_coach.person, ada, "Settled", NOW)
    assert [Coach.get_by_id(each_coach.id).may_sell for each_coach in (coach, other)] == [True, False]
    assert [Store.get(Store.owner == each_coach.person).stopped_at for each_coach in (coach, other)] == [None, NOW]
    assert Coach.get_by_id(other.id).stopped_why == "Too few calls"


def test_each_coming_session_of_somebody_suspended_is_decided(ada: Person) -> None:
    cleo, bob = factories.make_person("Cleo"), factories.make_person("Bob")
    product = factories.make_product(factories.make_store(cleo))
    first, second, third = (
        factories.make_coaching_session(product, bob, starts_at=NOW + timedelta(days=day)) for day in (-1, 1, 2)
    )
    with pytest.raises(ChangedMeanwhile):
        cancel_for(second, cleo, ada, "x", NOW)  # their own to do as long as they are let in
    suspend_person(cleo, ada, "Complaints", NOW)
    suspend_person(bob, ada, "Complaints", NOW)
    assert undecided_of_suspended(NOW) == {cleo.id: 2, bob.id: 2}
    with pytest.raises(TooLate):
        cancel_for(first, cleo, ada, "x", NOW)
    cancelled = cancel_for(second, cleo, ada, "Cleo cannot hold it", NOW)
    assert (cancelled.state, cancelled.ended_by, cancelled.end_reason) == ("cancelled", "coach", "Cleo cannot hold it")
    leave_session(third, bob, ada, "He has paid", NOW)
    leave_session(third, bob, ada, "He has paid", NOW)
    assert undecided_of_suspended(NOW) == {cleo.id: 1}
    assert [coming.is_left for coming in coming_of(bob, NOW)] == [True]
    with pytest.raises(NotFound):
        leave_session(third, factories.make_person(suspended_at=NOW), ada, "x", NOW)
    restore_person(bob, ada, "Settled", NOW)
    assert undecided_of_suspended(NOW) == {cleo.id: 1}
    suspend_person(bob, ada, "Again", NOW)
    assert undecided_of_suspended(NOW) == {cleo.id: 1, bob.id: 1}  # what was left before is asked anew
    assert undecided_of_suspended(NOW + timedelta(days=3)) == {}


def test_admins_are_made_and_unmade_and_the_last_one_stays(ada: Person) -> None:
    bob = factories.make_person("Bob")
    for who, error in (
        (factories.make_person(email_verified_at=None), Unverified),
        (factories.make_person(suspended_at=NOW), ChangedMeanwhile),
    ):
        with pytest.raises(error):
            give_admin(who, ada, "Helps", NOW)
    for act in (suspend_person, restore_person):
        with pytest.raises(ChangedMeanwhile, match="deleted"):
            act(factories.make_person(erased_at=NOW), ada, "Spam", NOW)
    with pytest.raises(NotFound):
        give_admin(bob, bob, "Helps", NOW)  # somebody who is none gives nothing
    mutations.start_sign_in(bob, NOW)
    assert give_admin(bob, ada, "Helps at weekends", NOW) == 1
    assert give_admin(bob, ada, "Helps at weekends", NOW) == 0
    with pytest.raises(Refused, match="Another admin"):
        suspend_person(ada, ada, "Holidays", NOW)
    suspend_person(bob, ada, "Laptop stolen", NOW)
    assert admins() == [ada]
    with pytest.raises(LastAdmin):
        end_admin(ada, ada, "Retires", NOW)
    with pytest.raises(NotFound):
        suspend_person(ada, bob, "Revenge", NOW)
    restore_person(bob, ada, "Found", NOW)
    end_admin(ada, ada, "Retires", NOW)
    assert admins() == [bob]
    with pytest.raises(AccountSuspended):
        mutations.make_admin(factories.make_person(suspended_at=NOW).email, NOW)


def test_of_two_admins_who_unmake_or_suspend_each_other_at_once_one_is_left(ada: Person) -> None:
    for act in (end_admin, suspend_person):
        bob = factories.make_person("Bob", is_admin=True)

        def tried(person: Person, admin: Person, act=act) -> str:
            try:
                act(person, admin, "Quarrel", NOW)
            except NotFound:
                return "no admin any more"
            return "done"

        results = all_at_once(partial(tried, ada, bob), partial(tried, bob, ada))
        assert sorted(results) == ["done", "no admin any more"]
        assert len(admins()) == 1
        Person.update(is_admin=False).where(Person.id != ada.id).execute()
        Person.update(is_admin=True, suspended_at=None).where(Person.id == ada.id).execute()


def test_an_account_that_is_suspended_is_merged_into_no_other(ada: Person) -> None:
    here, there = factories.make_person("Robin"), factories.make_person("Robin D", password_hash=None)
    assert not what_moves(here, there, NOW).obstacles
    suspend_person(there, ada, "Spam", NOW)
    for pair in ((here, again(there)), (again(there), here)):
        assert [obstacle.sentence for obstacle in what_moves(*pair, NOW).obstacles] == [
            "One of the two accounts is suspended. Write to whoever runs this site."
        ]


def test_people_are_found_by_name_address_discord_and_number(ada: Person) -> None:
    bob = factories.make_person("Bob Ross", linked_as="2002")
    cleo = factories.make_coach(factories.make_person("Cleo", suspended_at=NOW)).person

    def names_of(words: str = "", group="all") -> list[str]:
        return [person.name for person in people_page(words, group, 1, 50)[0]]

    assert names_of() == ["Cleo", "Bob Ross", "Ada"]
    for words in ("ross", bob.email.upper(), bob.email.partition("@")[0], "bob ross_d", "2002", f"#{bob.id}"):
        assert names_of(words) == ["Bob Ross"], words
    for words in ("%", "#99999999999", "2003", "#", "#x"):
        assert names_of(words) == [], words
    assert [names_of(group=group) for group in ("admins", "coaches", "suspended")] == [["Ada"], ["Cleo"], ["Cleo"]]
    assert [len(people_page("", "all", page, 2)[0]) for page in (1, 2, 3)] == [2, 1, 0]
    assert people_page("", "coaches", 1, 50)[0][0].coach_id
    assert people_page("ross", "all", 1, 50)[0][0].username == "bob ross_d"
    view = get_person(cleo.id, now_at(NOW, timedelta()))
    assert (view.person, view.coach.person, view.undecided) == (cleo, cleo, [])


def delete_suspended(ada: Person) -> Person:
    """Bob, by mail and Discord, is suspended, and his account deleted."""
    bob = factories.make_person("Bob", linked_as="2002")
    suspend_person(bob, ada, "Sold nothing but spam", NOW)
    delete_account(again(bob), what_goes(again(bob), NOW).mark, HERE)
    return bob


@pytest.mark.parametrize("is_by_discord", [True, False])
def test_who_deletes_a_suspended_account_stays_suspended(ada: Person, is_by_discord: bool) -> None:
    bob = delete_suspended(ada)
    assert [len(digests.split()) for digests in all_barred()] == [2]
    assert not any("bob" in digest or "2002" in digest for digest in all_barred())
    if is_by_discord:
        new = factories.make_person("Newcomer", linked_as="2002")
    else:
        new = factories.make_person("Newcomer", email=bob.email, email_key=bob.email_key)
    assert suspend_barred(new, NOW)
    assert not suspend_barred(new, NOW)
    with pytest.raises(AccountSuspended, match="was suspended, and then deleted"):
        mutations.start_sign_in(again(new), NOW)
    assert any(BARRED in notice.body for notice in Notice.select().where(Notice.recipient == new.email))
    event = SecurityEvent.get(SecurityEvent.person == new, SecurityEvent.kind == "account suspended")
    assert (event.detail, event.actor) == (BARRED, None)
    # An admin who lets them in lifts it: it comes back neither at the next sign-in, nor with what they add then.
    restore_person(new, ada, "Talked to them", NOW)
    assert not suspend_barred(new, NOW)
    if is_by_discord:
        Person.update(email=bob.email, email_key=bob.email_key).where(Person.id == new.id).execute()
    else:
        factories.link_discord(new, "2002")
    assert not suspend_barred(again(new), NOW)
    assert all_barred() == []
    # Deleted again after a restore, they are as the list says, which knows of what was lifted.
    Person.update(suspended_at=NOW, erased_at=None, email="b@example.com", email_key="b@example.com").where(
        Person.id == bob.id
    ).execute()
    erase_again(all_erased())
    assert all_barred() == []


def test_only_who_has_shown_that_it_is_theirs_is_suspended(ada: Person) -> None:
    bob = delete_suspended(ada)
    squatter = factories.make_person("Squatter", email=bob.email, email_key=bob.email_key, email_verified_at=None)
    assert not suspend_barred(squatter, NOW)
    assert not suspend_barred(factories.make_person("Stranger", linked_as="2003"), NOW)
    Person.update(email_verified_at=NOW, is_admin=True).where(Person.id == squatter.id).execute()
    assert not suspend_barred(squatter, NOW)
    # Whoever was not suspended leaves nothing behind.
    carl = factories.make_person("Carl")
    delete_account(carl, what_goes(carl, NOW).mark, HERE)
    assert len(all_barred()) == 1


def test_who_comes_back_with_another_account_of_theirs_is_one_person(ada: Person) -> None:
    bob = delete_suspended(ada)
    [digests] = all_barred()
    new = factories.make_person("Newcomer", email=bob.email, email_key=bob.email_key, linked_as="2009")
    assert suspend_barred(new, NOW)
    delete_account(again(new), what_goes(again(new), NOW).mark, HERE)
    [more] = all_barred()
    assert (len(more.split()), set(digests.split()) < set(more.split())) == (3, True)
    # As a list beside an older backup has them: with the first two, and before they were kept together.
    hold_barred([digests, *digests.split()], NOW)
    assert all_barred() == [more]
