"""Becoming a coach: opening a store, applying, being answered, and being invited."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from coaching.accounts.models import Person, SecurityEvent
from coaching.catalog.details import StoreDetails
from coaching.coaches.answer_mutations import answer_application
from coaching.coaches.application_mutations import save_application, send_application, withdraw_application
from coaching.coaches.application_queries import get_applicant, mark_of, waiting_applications
from coaching.coaches.applications import ApplicationAnswer, ApplicationDetails, faults
from coaching.coaches.approval_mutations import approve
from coaching.coaches.invitation_mutations import invite_coaches, revoke_all, revoke_invitation, take_coach_invitation
from coaching.coaches.invitations import InvitationDetails
from coaching.coaches.models import Coach, CoachApplication, CoachInvitationUse, FormerSlug
from coaching.coaches.signup import CoachSignup
from coaching.coaches.standing_queries import may_open_store
from coaching.coaches.store_mutations import open_store
from coaching.discord_ids import made_at
from coaching.errors import (
    AddressInUse,
    ApplicationLacking,
    ChangedMeanwhile,
    CoachingError,
    CoachStopped,
    InvitationOver,
    NotACoach,
    NotFound,
    Refused,
)
from coaching.notices.models import Notice
from coaching.now import now_at
from tests import factories
from tests.threads import all_at_once

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WORDS = ApplicationDetails("Mixing", "https://example.com/me", "People ask me.")
NOVA = StoreDetails("Nova", "nova", "EUR", "Europe/Berlin", 10)
SITE = "https://calls.example"
APPROVAL = CoachSignup.APPROVAL
pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def admin() -> Person:
    return factories.make_person("Ada", is_admin=True)


def send(person: Person, details: ApplicationDetails = WORDS, now: datetime = NOW) -> CoachApplication:
    return send_application(person, details, latest_mark(person), APPROVAL, SITE, now)


def latest_mark(person: Person) -> str:
    theirs = CoachApplication.select().where(CoachApplication.person == person)
    return mark_of(theirs.order_by(CoachApplication.id.desc()).first())


def answer(
    application: CoachApplication, admin: Person, answered: ApplicationAnswer, words: str = "", now: datetime = NOW
) -> CoachApplication:
    kept = CoachApplication.get_by_id(application.id)
    answer_application(kept, admin, answered, words, kept.revision, SITE, now)
    return CoachApplication.get_by_id(application.id)


def notice_kinds(person: Person) -> list[str]:
    return [notice.kind for notice in Notice.select().where(Notice.person_id == person.id).order_by(Notice.id)]


def take(token: str | None, person: Person, policy: CoachSignup = CoachSignup.INVITE, after: timedelta = HOUR) -> Coach:
    return take_coach_invitation(token or "", person, policy, now_at(NOW + after, timedelta()))


def attempt(act: Callable[[], object]) -> type[CoachingError] | None:
    """What kept it from being done."""
    try:
        act()
    except CoachingError as error:
        return type(error)
    return None


def test_opening_a_store_makes_a_coach_where_anybody_may_and_nowhere_else(alice: Person, bob: Person) -> None:
    factories.make_store(bob, slug="nova")
    with pytest.raises(AddressInUse):
        open_store(alice, NOVA, "key", CoachSignup.OPEN, NOW)
    assert not Coach.select().exists()
    store = open_store(alice, StoreDetails("A", "alices", "EUR", "UTC", 1), "key", CoachSignup.OPEN, NOW)
    coach = Coach.get()
    assert (coach.person, coach.slug, coach.approved_at, store.owner) == (alice, "alice", NOW, alice)
    for policy in (CoachSignup.APPROVAL, CoachSignup.INVITE, CoachSignup.CLOSED):
        with pytest.raises(NotACoach):
            open_store(bob, StoreDetails("B", "bobs", "EUR", "UTC", 1), "key", policy, NOW)
        # Who is one goes on.
        open_store(alice, StoreDetails("A", "alices", "EUR", "UTC", 1), "key", policy, NOW)
        assert may_open_store(alice, policy)
        assert not may_open_store(bob, policy)
    Coach.update(stopped_at=NOW).execute()
    with pytest.raises(CoachStopped):
        open_store(alice, StoreDetails("C", "third", "EUR", "UTC", 1), "other", CoachSignup.OPEN, NOW)


def test_every_coach_has_an_address_of_their_own(alice: Person, bob: Person) -> None:
    for name, slug in (("Ann Lee", "ann-lee"), ("Ann Lee", "ann-lee-2"), ("李", "coach"), ("X", "coach-x")):
        assert approve(factories.make_person(name), NOW).slug == slug
    FormerSlug.create(coach=Coach.get(Coach.slug == "coach-x"), slug="alice")
    assert approve(alice, NOW).slug == "alice-2"
    assert approve(alice, NOW).slug == "alice-2"
    same = [factories.make_person("Kim") for _ in range(4)]
    all_at_once(*(partial(approve, person, NOW) for person in same))
    assert len({coach.slug for coach in Coach.select().where(Coach.person.in_(same))}) == 4


def test_an_application_is_kept_as_a_draft_sent_asked_about_rejected_and_written_anew(
    alice: Person, admin: Person
) -> None:
    draft = save_application(alice, ApplicationDetails("Mix"), "", APPROVAL, NOW)
    assert (draft.state, waiting_applications(9)) == ("draft", [])
    with pytest.raises(NotFound):
        get_applicant(draft.id)
    with pytest.raises(ApplicationLacking) as lacking:
        send(alice, ApplicationDetails("Mix"))
    assert set(lacking.value.faults) == {"why"}
    with pytest.raises(ChangedMeanwhile):
        save_application(alice, WORDS, "", APPROVAL, NOW)
    for _ in range(2):
        sent = send(alice)
    assert waiting_applications(9) == [sent]
    assert notice_kinds(admin) == ["coach_applied"]
    # Changed by its applicant while an admin reads it: the admin's answer is about other words.
    save_application(alice, ApplicationDetails("Mastering", "", "Why not"), latest_mark(alice), APPROVAL, NOW)
    with pytest.raises(ChangedMeanwhile):
        answer_application(sent, admin, ApplicationAnswer.APPROVE, "", sent.revision, SITE, NOW)
    asked = answer(sent, admin, ApplicationAnswer.ASK, "Where do you teach?", NOW + HOUR)
    assert (asked.state, asked.reply, notice_kinds(alice)) == ("asked", "Where do you teach?", ["application_answered"])
    again = send(alice, WORDS, NOW + 2 * HOUR)
    assert (again.id, again.state) == (sent.id, "sent")
    assert notice_kinds(admin) == ["coach_applied"] * 2
    rejected = answer(again, admin, ApplicationAnswer.REJECT, "Not this year.")
    other = factories.make_person("Eve", is_admin=True)
    with pytest.raises(ChangedMeanwhile):  # a second admin, who read the same
        answer_application(rejected, other, ApplicationAnswer.APPROVE, "", rejected.revision - 1, SITE, NOW)
    answer_application(rejected, admin, ApplicationAnswer.REJECT, "Not this year.", rejected.revision - 1, SITE, NOW)
    assert notice_kinds(alice) == ["application_answered"] * 2
    new = send(alice, WORDS, NOW + DAY)
    assert new.id != rejected.id
    assert get_applicant(new.id).earlier == [rejected]
    Notice.update(state="held").where(Notice.person_id == alice.id, Notice.state == "waiting").execute()
    answer(new, admin, ApplicationAnswer.APPROVE, "Fill in your page first.")
    assert Coach.get().person == alice
    notices = Notice.select().where(Notice.person_id == alice.id).order_by(Notice.id)
    assert [notice.state for notice in notices] == ["overtaken", "overtaken", "waiting"], (
        "who is reached late reads the last"
    )
    assert "“Fill in your page first.”" in notices[-1].body
    with pytest.raises(Refused, match="already"):
        save_application(alice, WORDS, latest_mark(alice), APPROVAL, NOW)
    kinds = [security_event.kind for security_event in SecurityEvent.select().where(SecurityEvent.actor == admin)]
    assert kinds == ["coach asked", "coach rejected", "coach approved"]


def test_of_several_admins_one_answers(alice: Person, admin: Person) -> None:
    sent = send(alice)
    admins = [admin, *(factories.make_person(f"Ada {number}", is_admin=True) for number in range(3))]
    decisions = [ApplicationAnswer.APPROVE, ApplicationAnswer.REJECT, ApplicationAnswer.ASK, ApplicationAnswer.REJECT]
    acts = [
        partial(answer_application, sent, admin, decided, "Because.", sent.revision, SITE, NOW)
        for admin, decided in zip(admins, decisions, strict=True)
    ]
    outcomes = all_at_once(*(partial(attempt, act) for act in acts))
    assert sorted(outcomes, key=str) == [ChangedMeanwhile] * 3 + [None]
    assert notice_kinds(alice) == ["application_answered"]
    assert SecurityEvent.select().where(SecurityEvent.person == alice).count() == 1


def test_an_application_that_was_taken_back_waits_for_nobody_and_goes_on_later(alice: Person, admin: Person) -> None:
    sent = send(alice)
    for _ in range(2):
        withdraw_application(alice, NOW)
    assert waiting_applications(9) == []
    with pytest.raises(ChangedMeanwhile):
        answer_application(sent, admin, ApplicationAnswer.APPROVE, "", sent.revision, SITE, NOW)
    assert send(alice).id == sent.id
    assert notice_kinds(admin) == ["coach_applied"], "sent a hundred times it is one message"
    for policy in (CoachSignup.OPEN, CoachSignup.INVITE, CoachSignup.CLOSED):
        with pytest.raises(Refused, match="no applications"):
            save_application(alice, WORDS, "", policy, NOW)


def test_links_are_addresses_of_pages() -> None:
    for link in (
        *("javascript:alert(1)", "http://example.com", "https://", "https://a b.example", "https://me@example.com"),
        *("https://localhost", "https://example.com:99999", "data:text/html,x", "https://" + "x" * 300 + ".example"),
    ):
        assert "links" in faults(ApplicationDetails("a", link, "b")), link
    assert not faults(ApplicationDetails("a", "https://example.com/ü?q=1#x\n\n  example.org\n", "b"))
    assert "links" in faults(ApplicationDetails("a", "".join(f"{letter}.example\n" for letter in "abcdef"), "b"))


def test_a_link_makes_as_many_coaches_as_it_was_made_for(alice: Person, bob: Person, admin: Person) -> None:
    mallory, carol = factories.make_person("Mallory"), factories.make_person("Carol")
    kept, token = invite_coaches(admin, InvitationDetails(2, DAY, "For the band"), "key", NOW)
    assert invite_coaches(admin, InvitationDetails(), "key", NOW) == (kept, None)
    sent = send(bob)
    for person in (alice, alice, bob):
        assert take(token, person).person == person
    assert CoachApplication.get_by_id(sent.id).state == "withdrawn"
    for policy in (CoachSignup.APPROVAL, CoachSignup.OPEN):
        with pytest.raises(InvitationOver, match="as often"):
            take(token, mallory, policy)
    _, second = invite_coaches(admin, InvitationDetails(9, DAY), "second", NOW)
    for person, after, policy, words in (
        (mallory, DAY, CoachSignup.INVITE, "run out"),
        (mallory, HOUR, CoachSignup.CLOSED, "no new coaches"),
    ):
        with pytest.raises(InvitationOver, match=words):
            take(second, person, policy, after)
    with pytest.raises(InvitationOver, match="leads to no"):
        take("x" * 22, mallory)
    for _ in range(2):
        revoke_invitation(kept.id + 1, admin, "Complete", NOW)
    with pytest.raises(InvitationOver, match="taken back"):
        take(second, carol)
    _, third = invite_coaches(admin, InvitationDetails(), "third", NOW)
    assert revoke_all(NOW + HOUR) == 2  # as after a restored backup: the first link, too
    with pytest.raises(InvitationOver, match="taken back"):
        take(third, carol)
    Coach.update(stopped_at=NOW).execute()
    with pytest.raises(CoachStopped):
        take(second, alice)
    assert CoachInvitationUse.select().count() == 2


def test_of_many_who_take_a_link_at_once_as_many_as_it_was_made_for_become_coaches(admin: Person) -> None:
    _, token = invite_coaches(admin, InvitationDetails(2, DAY), "key", NOW)
    people = [factories.make_person(f"Kim {number}") for number in range(6)]
    outcomes = all_at_once(*(partial(attempt, partial(take, token, person)) for person in people))
    assert sorted(outcomes, key=str) == [InvitationOver] * 4 + [None] * 2
    assert Coach.select().count() == CoachInvitationUse.select().count() == 2


def test_when_a_discord_account_was_made_stands_in_its_id() -> None:
    # The example of Discord's own documentation.
    assert made_at("175928847299117063") == datetime(2016, 4, 30, 11, 18, 25, 796000, tzinfo=UTC)
    assert made_at("me") is None
