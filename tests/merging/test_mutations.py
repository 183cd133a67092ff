"""Merging two accounts: everything of the one moves, nothing is forgotten, and what is in the way stops all of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from argon2 import PasswordHasher
from peewee import ForeignKeyField

from coaching import schema
from coaching.accounts import claim_mutations, mutations, queries
from coaching.accounts import event_mutations as events
from coaching.accounts.details import DiscordAccount
from coaching.accounts.discord_mutations import link_discord, unlink_discord
from coaching.accounts.emails import verify
from coaching.accounts.factor_mutations import start_half
from coaching.accounts.mail_link_mutations import make_reset_link, reset_password
from coaching.accounts.models import (
    DiscordLink,
    FormKey,
    HalfSignIn,
    MailLink,
    MergeClaim,
    NewSecret,
    Person,
    SavedForm,
    SecondFactor,
    SecurityEvent,
    SignIn,
    WrongCode,
)
from coaching.accounts.outbox_mutations import owe_email
from coaching.booking.details import BookingDetails
from coaching.booking.models import CoachingSession, Invitation, NewsSeen, Seat, SessionEvent
from coaching.booking.mutations import book_session
from coaching.calendars.models import Feed
from coaching.catalog.models import Picture, Product, Store
from coaching.catalog.queries import get_own_product
from coaching.coaches.models import Coach, CoachApplication, CoachInvitation, CoachInvitationUse, FormerSlug
from coaching.db import BaseModel, new_code
from coaching.errors import CannotMerge, LinkExpired, NothingToMerge, SameAccount, WrongCredentials
from coaching.folders.models import Folder, FolderEntry, FolderVisit
from coaching.hours.models import TimeOff
from coaching.merging.mutations import merge_accounts
from coaching.merging.queries import what_moves
from coaching.messages.models import CalendarFeed, MessageChoice, MessageSettings
from coaching.notices.models import Notice
from coaching.notices.person_mutations import account_fields
from coaching.own_data.export_models import Export
from coaching.payments.causes import Cause
from coaching.payments.models import Objection, Payment
from coaching.payments.refund_mutations import owe_refund
from coaching.reviews.models import ReviewReport
from coaching.rooms.models import Presence, Room
from coaching.students.models import FormerStudent, StudentLabel, StudentMessage, StudentNote
from tests import factories
from tests.clocks import at
from tests.factories import MADE_AT, PASSWORD, make_person
from tests.threads import all_at_once

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
SOON = NOW + timedelta(days=1)
KEY = "abcdefghjk"
pytestmark = pytest.mark.usefixtures("db")

# What ends with the account instead of moving.
ENDED = {
    *((SignIn, "person"), (MailLink, "person"), (MergeClaim, "other")),
    *((MessageSettings, "person"), (MessageChoice, "person"), (CalendarFeed, "person")),  # one has one of them each
    (Coach, "person"),  # one has one; the other's address leads there
    *((NewSecret, "person"), (HalfSignIn, "person"), (WrongCode, "person"), (Export, "person")),
}
# What keeps an account from being merged into another one.
OBSTACLES = {(SecondFactor, "person")}


@pytest.fixture
def here() -> Person:
    """Signed up by mail."""
    return make_person("Robin")


@pytest.fixture
def there() -> Person:
    """The same human being, who came by Discord later."""
    return make_person(
        "Robin D", email=None, email_key=None, email_verified_at=None, password_hash=None, linked_as="2009"
    )


@pytest.fixture
def sign_in(here: Person) -> SignIn:
    return sign_in_of(here)


def sign_in_of(person: Person) -> SignIn:
    sign_in = queries.find_sign_in(mutations.start_sign_in(person, NOW), NOW)
    assert sign_in is not None
    return sign_in


def claim(sign_in: SignIn, other: Person) -> None:
    link = queries.find_discord_link(other)
    assert link is not None
    claim_mutations.claim_by_discord(sign_in, link, "/dashboard", NOW)


def merge(sign_in: SignIn, other: Person, now: datetime = NOW) -> str:
    """What was shown is what there is."""
    return merge_accounts(sign_in, what_moves(sign_in.person, Person.get_by_id(other.id), now).mark, KEY, at(now))


def references() -> Iterator[tuple[type[BaseModel], str]]:
    """Every foreign key to a person."""
    for model in schema.MODELS:
        for field in model._meta.sorted_fields:
            if isinstance(field, ForeignKeyField) and field.rel_model is Person:
                yield model, field.name


def counts(person: Person) -> dict[tuple[type[BaseModel], str], int]:
    """How many rows each foreign key has that name this person."""
    return {
        (model, name): model.select().where(getattr(model, name) == person.id).count() for model, name in references()
    }


def fill(person: Person, guild_id: str = factories.GUILD_ID) -> None:
    """A row in every table that can name a person; whoever adds such a table adds a row here."""
    product = factories.make_product(factories.make_store(person, name=f"Store of {person.id}"))
    given = factories.make_coaching_session(product, starts_at=SOON + timedelta(hours=3 * person.id))
    taken = factories.make_coaching_session(
        student=person, starts_at=SOON + timedelta(days=9, hours=2 * person.id), state="completed"
    )
    room = Room.create(coaching_session=given, code=f"abc{person.id}", discord_guild_id=guild_id, created_at=NOW)
    Presence.create(room=room, person=person, seconds=60, looked_at=NOW)
    event = SessionEvent.create(coaching_session=taken, person=person, kind="booked", at=NOW)
    NewsSeen.create(person=person, coaching_session=taken, event=event)
    Picture.create(
        code=f"picture{person.id}", owner=person, sha256=f"{person.id}", width=1, height=1, webp=b"RIFF", made_at=NOW
    )
    TimeOff.create(coach=person, starts_at=SOON, ends_at=SOON + timedelta(hours=1))
    FormKey.create(person=person, key=f"session key{person.id}", result="x", made_at=NOW)
    SavedForm.create(key_sha256=f"{person.id}", person=person, address="/settings", fields="[]", expires_at=SOON)
    make_reset_link(person, NOW)
    events.note("guild_declined", NOW, None, "nova", actor=person)
    asking = sign_in_of(make_person("Asker"))
    MergeClaim.create(sign_in=asking, other=person, way="discord", basis="x", shown_at=NOW, ends_at=SOON)
    mutations.start_sign_in(person, NOW)
    NewSecret.create(holder_sha256=str(person.id), person=person, secret=factories.SECRET, ends_at=SOON)
    start_half(person, "password", "", None, NOW)
    WrongCode.create(person=person, holder_sha256="", at=NOW)
    MessageSettings.create(person=person)
    MessageChoice.create(person=person, kind="reminder", way="off")
    Feed.create(code=f"f{person.id}", coach=person, name="Mine", address="x", next_try_at=NOW, made_at=NOW)
    Invitation.create(
        coaching_session=given, student=person, token_sha256=f"{person.id}", price_cents=0, note="", made_at=NOW
    )
    CalendarFeed.create(person=person, token_sha256=f"feed {person.id}", made_at=NOW)
    seat = Seat.get(Seat.coaching_session == taken)
    payment = Payment.create(
        seat=seat,
        provider="outside",
        state="paid",
        amount_cents=5000,
        currency="EUR",
        key=f"{seat.id}",
        begun_at=NOW,
        paid_at=NOW,
    )
    refund = owe_refund(payment, Cause.BY_COACH, 100, f"{seat.id}:by_coach", NOW, person=person)
    Objection.create(seat=seat, sentence="x", made_at=NOW, decided_by=person, refund=refund)
    factories.make_coach(person, slug=f"coach-of-{person.id}")
    CoachApplication.create(person=person, made_at=NOW, state="approved", answered_by=person)
    link = CoachInvitation.create(token_sha256=f"i{person.id}", made_by=person, made_at=NOW, ends_at=SOON)
    CoachInvitationUse.create(invitation=link, person=person, used_at=NOW)
    factories.make_review(taken, hidden_by=person, hidden_at=NOW)
    received = factories.make_review(given)
    ReviewReport.create(review=received, person=person, words="x", made_at=NOW)
    Export.create(person=person, asked_at=NOW)
    for coach, student in ((person, given.seats.get().student), (taken.coach, person)):
        StudentNote.create(code=f"{coach.id}:{student.id}", coach=coach, student=student, words="x", made_at=NOW)
        StudentLabel.create(coach=coach, student=student, key="vip", words="VIP")
        StudentMessage.create(coach=coach, student=student, title="x", words="x", sent_at=NOW)
        FormerStudent.create(coach=coach, number=9000 + student.id, student=student)
    folder = Folder.create(seat=taken.seats.get(), kept_until=NOW)
    hands = {"writer": person, "changed_by": person, "done_by": person}
    FolderEntry.create(code=new_code(), folder=folder, kind="task", words="x", written_at=NOW, **hands)
    FolderVisit.create(folder=folder, person=person, seen_at=NOW)


def test_every_row_that_names_the_person_names_the_other_one_afterwards(
    sign_in: SignIn, here: Person, there: Person
) -> None:
    """Every foreign key to a person there is, so that a table which comes later cannot be forgotten."""
    fill(here)
    fill(there)
    DiscordLink.delete().where(DiscordLink.person == here).execute()
    claim(sign_in, there)
    before, other = counts(here), counts(there)
    assert {key for key, count in other.items() if not count} == OBSTACLES, "this test needs a row there, too"

    merge(sign_in, there)

    after = counts(here)
    assert Person.get_or_none(Person.id == there.id) is None
    assert [key for key, count in counts(there).items() if count] == []
    for key in references():
        gained = {(FormKey, "person"): 1, (SecurityEvent, "person"): 2, (FormerStudent, "student"): 1}.get(key, 0)
        assert after[key] == before[key] + (0 if key in ENDED else other[key]) + gained, key


def test_what_was_moved_works_as_before(sign_in: SignIn, here: Person, there: Person) -> None:
    fill(there)
    claim(sign_in, there)
    assert merge(sign_in, there) == "/dashboard"
    status = queries.check_discord(here, factories.GUILD_ID)
    assert (status.discord_user_id, status.is_member) == ("2009", True)
    product = Product.get(Product.store == Store.get(Store.owner == here))
    assert product.schedule.coach == here
    assert mutations.check_password(here.email, PASSWORD, NOW) == here
    assert queries.find_sign_in("any", NOW) is None
    assert queries.sign_ins_of(here, NOW) == [sign_in]


def test_both_verified_addresses_are_told_and_both_are_in_the_log(sign_in: SignIn, here: Person) -> None:
    other = make_person("Robin M")
    claim_mutations.claim_by_password(sign_in, other.email, PASSWORD, NOW)
    owe_email("former@example.com", verify("https://example.com/secret"), "verify:1", NOW, about=other)
    merge(sign_in, other)
    bodies = {notice.recipient: notice.body for notice in Notice.select().where(Notice.kind == "changed")}
    assert set(bodies) == {here.email, other.email}
    assert "is gone" in bodies[other.email]
    # Should the one account be deleted, mail about either goes with it.
    assert {notice.fields for notice in Notice.select().where(Notice.channel == "mail")} == {account_fields(here.id)}
    kinds = {event.kind for event in SecurityEvent.select().where(SecurityEvent.person == here)}
    assert {"merged into another account", "took in another account", "other account shown"} <= kinds
    assert str(other.id) in SecurityEvent.get(SecurityEvent.kind == "took in another account").detail


def test_an_address_and_a_password_come_along_where_there_were_none(there: Person, here: Person) -> None:
    """Signed in by Discord, the account by mail is merged into it."""
    address = here.email
    sign_in = sign_in_of(there)
    claim_mutations.claim_by_password(sign_in, address, PASSWORD, NOW)
    merge(sign_in, here)
    assert mutations.check_password(address, PASSWORD, NOW) == there
    person = Person.get_by_id(there.id)
    assert (person.name, person.email_verified_at) == ("Robin D", MADE_AT)
    assert queries.find_discord_link(there) is not None
    assert [notice.recipient for notice in Notice.select().where(Notice.kind == "changed")] == [address]


# What a stranger could try.


def test_merging_never_verifies_an_address(there: Person) -> None:
    """A squatter signed up with a victim's address and knows the password: as before, they have an unverified one."""
    squatted = make_person("Victim", email_verified_at=None)
    sign_in = sign_in_of(there)
    claim_mutations.claim_by_password(sign_in, squatted.email, PASSWORD, NOW)
    merge(sign_in, squatted)
    person = Person.get_by_id(there.id)
    assert (person.email, person.email_verified_at) == (squatted.email, None)
    assert Notice.select().count() == 0


def test_an_unverified_address_gives_way_to_a_verified_one() -> None:
    typo = make_person("Robin", email="robin@gmial.test", email_key="robin@gmial.test", email_verified_at=None)
    real = make_person("Robin")
    sign_in = sign_in_of(typo)
    claim_mutations.claim_by_password(sign_in, real.email, PASSWORD, NOW)
    merge(sign_in, real)
    assert Person.get_by_id(typo.id).email == real.email
    assert queries.find_person("robin@gmial.test") is None


def mailed(kind: str) -> str:
    body = Notice.select().where(Notice.kind == kind).order_by(Notice.id.desc()).get().body
    return str(body.split("<")[1].split(">")[0])


def ask_by_mail(sign_in: SignIn, email: str) -> None:
    claim_mutations.send_claim_link(sign_in, email, lambda token: f"<{token}>", lambda token: f"reset <{token}>", NOW)


def test_the_mail_link_counts_for_the_sign_in_that_asked_and_once(sign_in: SignIn, here: Person) -> None:
    other = make_person("Other")
    ask_by_mail(sign_in, other.email)
    token = mailed("claim")
    assert queries.find_claim(sign_in, NOW) is None  # asking shows nothing
    for stranger in (sign_in_of(other), sign_in_of(here), sign_in_of(make_person("Mallory"))):
        with pytest.raises(LinkExpired):
            claim_mutations.claim_by_link(stranger, token, NOW)
    claim_mutations.claim_by_link(sign_in, token, NOW)
    claim = queries.find_claim(sign_in, NOW)
    assert claim is not None
    assert claim.other == other
    with pytest.raises(LinkExpired):
        claim_mutations.claim_by_link(sign_in, token, NOW)


def test_the_mail_link_lives_thirty_minutes(sign_in: SignIn) -> None:
    other = make_person("Other")
    ask_by_mail(sign_in, other.email)
    with pytest.raises(LinkExpired):
        claim_mutations.claim_by_link(sign_in, mailed("claim"), NOW + timedelta(minutes=30))


def test_a_mailbox_that_was_never_verified_shows_nothing_but_takes_the_account_over(sign_in: SignIn) -> None:
    """A squatter's account must not bring the squatter's Discord account into the victim's."""
    squatted = make_person("Mallory", email_verified_at=None, linked_as="2666")
    ask_by_mail(sign_in, squatted.email)
    assert Notice.select().where(Notice.kind == "claim").count() == 0
    assert MergeClaim.select().count() == 0

    reset_password(mailed("reset"), "a brand new password", NOW)

    claim_mutations.claim_by_password(sign_in, squatted.email, "a brand new password", NOW)
    merge(sign_in, squatted)
    assert queries.find_discord_link(sign_in.person) is None


def test_an_unknown_address_gets_no_mail_and_the_asker_no_claim(sign_in: SignIn) -> None:
    ask_by_mail(sign_in, "nobody@example.com")
    assert (Notice.select().count(), MergeClaim.select().count()) == (0, 0)


def test_ones_own_account_is_no_other_one(sign_in: SignIn, here: Person) -> None:
    with pytest.raises(SameAccount):
        claim_mutations.claim_by_password(sign_in, here.email, PASSWORD, NOW)
    with pytest.raises(SameAccount):
        ask_by_mail(sign_in, here.email)


def test_a_wrong_password_claims_nothing(sign_in: SignIn) -> None:
    with pytest.raises(WrongCredentials):
        claim_mutations.claim_by_password(sign_in, make_person("Other").email, "not it at all", NOW)
    assert MergeClaim.select().count() == 0


def test_a_password_that_is_hashed_anew_on_the_way_counts_all_the_same(sign_in: SignIn) -> None:
    older = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash(PASSWORD)
    other = make_person("Other", password_hash=older)
    claim_mutations.claim_by_password(sign_in, other.email, PASSWORD, NOW)
    assert Person.get_by_id(other.id).password_hash != older
    assert queries.find_claim(sign_in, NOW)


def test_a_claim_lives_ten_minutes(sign_in: SignIn, there: Person) -> None:
    claim(sign_in, there)
    with pytest.raises(NothingToMerge):
        merge(sign_in, there, NOW + timedelta(minutes=10))


@pytest.mark.parametrize("ending", ["signs out", "signs in anew", "is another sign-in"])
def test_a_claim_counts_for_the_sign_in_that_made_it_alone(
    ending: str, sign_in: SignIn, here: Person, there: Person
) -> None:
    claim(sign_in, there)
    if ending == "signs out":
        mutations.end_sign_in(here, sign_in.id)
        assert MergeClaim.select().count() == 0
    elif ending == "signs in anew":
        mutations.end_all_sign_ins(here)
    with pytest.raises(NothingToMerge):
        merge(sign_in_of(here), there)


def test_a_claim_ends_with_what_showed_it(sign_in: SignIn) -> None:
    """Whoever changes the password, the address or the Discord account meanwhile has the last word."""
    by_password, by_mail = make_person("Other"), make_person("Third")
    by_discord = make_person("Fourth", linked_as="2004")

    claim_mutations.claim_by_password(sign_in, by_password.email, PASSWORD, NOW)
    mutations.change_password(by_password, "a brand new password", sign_in_of(by_password), NOW)
    assert queries.find_claim(sign_in, NOW) is None

    ask_by_mail(sign_in, by_mail.email)
    token = mailed("claim")
    Person.update(email="new@example.com", email_key="new@example.com").where(Person.id == by_mail.id).execute()
    with pytest.raises(LinkExpired):
        claim_mutations.claim_by_link(sign_in, token, NOW)

    claim(sign_in, by_discord)
    unlink_discord(by_discord, NOW)
    assert queries.find_claim(sign_in, NOW) is None
    with pytest.raises(NothingToMerge):
        merge(sign_in, by_discord)


def test_a_deleted_account_is_nothing_to_merge(sign_in: SignIn, there: Person) -> None:
    claim(sign_in, there)
    mark = what_moves(sign_in.person, there, NOW).mark
    there.delete_instance()
    with pytest.raises(NothingToMerge):
        merge_accounts(sign_in, mark, KEY, at(NOW))


# What stands in the way.


def test_what_changed_since_it_was_shown_is_shown_again_first(sign_in: SignIn, there: Person) -> None:
    claim(sign_in, there)
    mark = what_moves(sign_in.person, there, NOW).mark
    factories.make_store(there, name="Opened meanwhile")
    with pytest.raises(CannotMerge):
        merge_accounts(sign_in, mark, KEY, at(NOW))
    assert Person.get_by_id(there.id)
    assert queries.find_claim(sign_in, NOW)  # and it can be tried again


@pytest.mark.parametrize("case", ["admin", "two discord", "clash", "own seat", "own past seat", "store name"])
def test_nothing_moves_while_something_stands_in_the_way(
    case: str, sign_in: SignIn, here: Person, there: Person
) -> None:
    match case:
        case "admin":
            Person.update(is_admin=True).where(Person.id == there.id).execute()
        case "two discord":
            link_discord(here, DiscordAccount("2010", "other", "Other"), NOW)
        case "clash":
            for person in (here, there):
                factories.make_coaching_session(student=person, starts_at=SOON)
        case "own seat":
            product = factories.make_product(factories.make_store(here))
            factories.make_coaching_session(product, there, starts_at=SOON)
        case "own past seat":
            product = factories.make_product(factories.make_store(there))
            factories.make_coaching_session(product, here, starts_at=NOW - timedelta(days=99), state="cancelled")
        case "store name":
            factories.make_store(here, name="Nova")
            factories.make_store(there, name="nova")
    claim(sign_in, there)
    before = counts(here)
    assert len(what_moves(here, Person.get_by_id(there.id), NOW).obstacles) == 1
    with pytest.raises(CannotMerge):
        merge(sign_in, there)
    assert counts(here) == before
    assert Person.get_by_id(there.id)


def test_what_has_run_out_stands_in_nobodys_way_though_nobody_has_written_it_down(
    sign_in: SignIn, here: Person, there: Person
) -> None:
    over = NOW - timedelta(minutes=1)
    lapsed = factories.make_coaching_session(student=here, starts_at=SOON, state="held", held_until=over)
    factories.make_coaching_session(student=there, starts_at=SOON)
    claim(sign_in, there)

    merge(sign_in, there)

    assert not Person.get_or_none(Person.id == there.id)
    assert CoachingSession.get_by_id(lapsed.id).state == "expired"


def test_what_only_the_database_refuses_is_no_crash_and_moves_nothing(
    sign_in: SignIn, here: Person, there: Person
) -> None:
    """A table of tomorrow that nobody thought of here, and whose rows hold on to the account."""

    class Tomorrow(BaseModel):
        person = ForeignKeyField(Person, on_delete="RESTRICT")

    fill(there)
    claim(sign_in, there)
    before = counts(here)
    Tomorrow.create_table()
    try:
        Tomorrow.create(person=there)
        with pytest.raises(CannotMerge):
            merge(sign_in, there)
    finally:
        Tomorrow.drop_table()
    assert counts(here) == before
    assert Person.get_by_id(there.id)


# What the tables keep once.


def test_a_picture_of_both_is_kept_once_and_every_product_shows_it(
    sign_in: SignIn, here: Person, there: Person
) -> None:
    for person in (here, there):
        same = Picture.create(
            code=f"p{person.id}", owner=person, sha256="same", width=1, height=1, webp=b"RIFF", made_at=NOW
        )
        factories.make_product(factories.make_store(person, name=f"{person.id}"), picture=same)
    claim(sign_in, there)
    merge(sign_in, there)
    assert Picture.select().count() == 1
    assert {product.picture_id for product in Product.select()} == {Picture.get().id}


def test_two_coaches_become_one_whom_both_addresses_lead_to(sign_in: SignIn, here: Person, there: Person) -> None:
    """Nor is merging a way around approval that was taken back."""
    factories.make_coach(here, slug="robin", bio="I mix.", approved_at=MADE_AT)
    known = factories.make_coach(
        there, slug="robin-2", headline="Mixing", bio="Other", stopped_at=NOW, stopped_why="No"
    )
    FormerSlug.create(coach=known, slug="rob")
    factories.make_store(here)
    factories.make_store(there, name="Other", stopped_at=NOW)
    invited = CoachInvitation.create(token_sha256="x", most_uses=5, made_at=NOW, ends_at=SOON)
    for person, state in ((here, "draft"), (there, "sent")):
        CoachInvitationUse.create(invitation=invited, person=person, used_at=NOW)
        CoachApplication.create(person=person, made_at=NOW, state=state)
    claim(sign_in, there)
    merge(sign_in, there)
    coach = Coach.get()
    assert (coach.person, coach.slug, coach.headline, coach.bio) == (here, "robin", "Mixing", "I mix.")
    assert (coach.stopped_at, coach.stopped_why) == (NOW, "No")
    assert {former_slug.slug for former_slug in FormerSlug.select().where(FormerSlug.coach == coach)} == {
        "rob",
        "robin-2",
    }
    assert [store.stopped_at for store in Store.select()] == [NOW, NOW]
    assert CoachInvitationUse.select().count() == 1
    assert [coach_application.state for coach_application in CoachApplication.select()] == ["withdrawn", "withdrawn"]


def test_of_two_open_applications_the_one_that_was_sent_stays(sign_in: SignIn, here: Person, there: Person) -> None:
    for person, state in ((here, "draft"), (there, "sent")):
        CoachApplication.create(person=person, made_at=NOW, state=state)
    claim(sign_in, there)
    merge(sign_in, there)
    assert {
        (coach_application.state, coach_application.person_id) for coach_application in CoachApplication.select()
    } == {
        ("withdrawn", here.id),
        ("sent", here.id),
    }


def test_who_was_seen_by_both_names_in_one_room_was_there_for_the_sum(
    sign_in: SignIn, here: Person, there: Person
) -> None:
    session = factories.make_coaching_session(starts_at=SOON)
    room = Room.create(coaching_session=session, code="abc", discord_guild_id=factories.GUILD_ID, created_at=NOW)
    later = NOW + timedelta(minutes=1)
    Presence.create(room=room, person=here, seconds=60, looked_at=NOW, last_seen_at=NOW)
    Presence.create(room=room, person=there, seconds=30, is_inside=True, looked_at=later, last_seen_at=later)
    claim(sign_in, there)
    merge(sign_in, there)
    kept = Presence.get()
    assert (kept.person, kept.seconds, kept.is_inside) == (here, 90, True)
    assert (kept.last_seen_at, kept.looked_at) == (later, later)


def test_a_form_key_of_both_is_kept_once(sign_in: SignIn, here: Person, there: Person) -> None:
    for person in (here, there):
        FormKey.create(person=person, key="store abc", result=str(person.id), made_at=NOW)
    claim(sign_in, there)
    merge(sign_in, there)
    assert FormKey.get(FormKey.key == "store abc").result == str(here.id)


# Meanwhile.


def test_a_booking_that_was_under_way_meanwhile_is_with_the_account_that_remains(
    sign_in: SignIn, here: Person, there: Person
) -> None:
    """It waited for its coach's row, which is gone now; what it agrees on is read behind the queue."""
    product = factories.make_product(factories.make_store(there), session_type="phone")
    product = get_own_product(there, product.code)
    student = make_person("Student")
    at = datetime(2027, 3, 2, 10, 0, tzinfo=UTC)
    details = BookingDetails(offer_id=product.offers.get().id, starts_at=at, phone="+49 30 123456")
    claim(sign_in, there)
    merge(sign_in, there)

    assert book_session(product, student, details, NOW).coach == here


# Twice.


def test_pressed_twice_it_is_one_merging(sign_in: SignIn, there: Person) -> None:
    claim(sign_in, there)
    mark = what_moves(sign_in.person, there, NOW).mark
    assert [merge_accounts(sign_in, mark, KEY, at(NOW)) for _ in range(2)] == ["/dashboard"] * 2
    with pytest.raises(NothingToMerge):
        merge_accounts(sign_in, mark, "another1key", at(NOW))


def test_two_browsers_that_merge_the_two_into_each_other_lose_neither(here: Person, there: Person) -> None:
    """And neither waits for the other for ever."""
    sign_ins = [sign_in_of(here), sign_in_of(there)]
    claim(sign_ins[0], there)
    claim_mutations.claim_by_password(sign_ins[1], here.email, PASSWORD, NOW)
    marks = [what_moves(here, there, NOW).mark, what_moves(there, here, NOW).mark]

    def press(number: int) -> str:
        try:
            merge_accounts(sign_ins[number], marks[number], KEY, at(NOW))
        except (CannotMerge, NothingToMerge):
            return "refused"
        return "merged"

    outcomes = all_at_once(partial(press, 0), partial(press, 1))
    assert sorted(outcomes) == ["merged", "refused"]
    assert Person.select().count() == 1
