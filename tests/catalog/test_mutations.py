"""Coaching products change as one act, or not at all."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from coaching.accounts.models import Person
from coaching.catalog import guild_mutations, mutations, queries, step_queries
from coaching.catalog.details import (
    AvailabilityDetails,
    BookingRules,
    CheckoutDetails,
    OfferDetails,
    OptionsDetails,
    QuestionDetails,
    ScheduleDetails,
    ThumbnailDetails,
)
from coaching.catalog.models import Offer, Picture, Product, Question, Store
from coaching.catalog.step_queries import version_of
from coaching.catalog.timing import EARLY_DOORS
from coaching.catalog.web_pictures import WebPicture
from coaching.errors import ChangedMeanwhile, LimitReached, NotFound, NotReadyToPublish, UnsoundHours
from coaching.hours.models import Schedule
from coaching.hours.queries import closures, weekly_hours
from coaching.hours.week import PRESETS, DaySpan
from tests import factories
from tests.factories import MADE_AT
from tests.threads import all_at_once

LATER = MADE_AT + timedelta(hours=1)
CHECKOUT = CheckoutDetails("Mixing call", "We **listen**.", "video", (OfferDetails(60, 4900), OfferDetails(30, 2900)))
HOURS = ScheduleDetails(None, "Weekly hours", "Europe/Berlin", PRESETS["morning"])
PICTURE = WebPicture(b"RIFF one", 160, 90)


@pytest.fixture
def store(alice: Person) -> Store:
    return factories.make_store(alice)


@pytest.fixture
def draft(store: Store) -> Product:
    return mutations.create_product(store, ThumbnailDetails(), "form key 1", MADE_AT)


@pytest.fixture
def published(store: Store) -> Product:
    return factories.make_product(store)


def again(product: Product) -> Product:
    """The product as the database has it."""
    return queries.get_own_product(product.store.owner, product.code)


def test_the_same_form_makes_one_draft(store: Store, draft: Product) -> None:
    assert mutations.create_product(store, ThumbnailDetails("card"), "form key 1", LATER) == draft
    assert Product.select().count() == 1


def test_a_draft_has_an_address_of_its_own_from_the_start(draft: Product) -> None:
    assert (draft.state, draft.slug) == ("draft", draft.code)


def test_the_hundred_and_first_product_is_one_too_many(store: Store, draft: Product) -> None:
    Product.insert_many(
        {"code": f"c{n}", "slug": f"c{n}", "store": store, "created_at": MADE_AT, "updated_at": MADE_AT}
        for n in range(99)
    ).execute()
    with pytest.raises(LimitReached):
        mutations.create_product(store, ThumbnailDetails(), "another", MADE_AT)


def test_a_picture_is_kept_once_and_goes_with_its_last_product(store: Store, draft: Product) -> None:
    other = mutations.create_product(store, ThumbnailDetails(picture=PICTURE), "form key 2", MADE_AT)
    mutations.save_thumbnail(draft, ThumbnailDetails(picture=PICTURE), MADE_AT)
    assert Picture.select().count() == 1
    mutations.save_thumbnail(draft, ThumbnailDetails(removes_picture=True), MADE_AT)
    assert Picture.select().count() == 1
    mutations.save_thumbnail(other, ThumbnailDetails(picture=WebPicture(b"RIFF two", 160, 90)), MADE_AT)
    assert [picture.webp for picture in Picture.select()] == [b"RIFF two"]


def test_saving_the_style_alone_keeps_the_picture(draft: Product) -> None:
    mutations.save_thumbnail(draft, ThumbnailDetails(picture=PICTURE), MADE_AT)
    mutations.save_thumbnail(draft, ThumbnailDetails("minimal"), LATER)
    assert [picture.webp for picture in Picture.select()] == [PICTURE.webp]
    assert again(draft).picture
    assert again(draft).display_style == "minimal"


def test_checkout_is_kept_with_its_text_rendered(draft: Product) -> None:
    questions = (QuestionDetails("Which DAW?", "choice", True, ("Live", "Logic")), QuestionDetails("Your goal?"))
    mutations.save_checkout(draft, replace(CHECKOUT, questions=questions), LATER)
    fresh = again(draft)
    assert (fresh.title, fresh.slug, fresh.updated_at) == ("Mixing call", "mixing-call", LATER)
    assert fresh.description_html == "<p>We <strong>listen</strong>.</p>\n"
    assert [(offer.minutes, offer.price_cents) for offer in queries.offers_of(fresh)] == [(60, 4900), (30, 2900)]
    assert [
        (question.label, question.kind, question.is_required, question.choices)
        for question in queries.questions_of(fresh)
    ] == [
        ("Which DAW?", "choice", True, "Live\nLogic"),
        ("Your goal?", "text", False, ""),
    ]


def test_a_changed_price_is_a_new_offer_and_the_old_one_is_retired(published: Product) -> None:
    (before,) = queries.offers_of(published)
    mutations.save_checkout(published, replace(CHECKOUT, offers=(OfferDetails(60, 5900),)), LATER)
    (after,) = queries.offers_of(published)
    assert after.id != before.id
    assert Offer.get_by_id(before.id).is_retired


def test_an_unchanged_offer_or_question_stays_the_same_row(draft: Product) -> None:
    questions = (QuestionDetails("One?"), QuestionDetails("Two?"))
    mutations.save_checkout(draft, replace(CHECKOUT, questions=questions), MADE_AT)
    offers, asked = queries.offers_of(draft), queries.questions_of(draft)
    mutations.save_checkout(draft, replace(CHECKOUT, offers=CHECKOUT.offers[::-1], questions=questions[::-1]), LATER)
    assert queries.offers_of(draft) == offers[::-1]
    assert queries.questions_of(draft) == asked[::-1]


def ask(product: Product, *questions: QuestionDetails) -> list[Question]:
    """The product asks these; its rows come back."""
    mutations.save_checkout(product, replace(CHECKOUT, questions=questions), LATER)
    return queries.questions_of(product)


def test_a_reworded_question_is_another_row_and_the_old_one_knows_it(published: Product) -> None:
    first, second = ask(published, QuestionDetails("Wich one?"), QuestionDetails("Why?"))
    _, middle = ask(published, QuestionDetails("Why?"), QuestionDetails("Which one?", id=first.id))
    same, last = ask(published, QuestionDetails("Why?"), QuestionDetails("Which?", is_required=True, id=middle.id))
    assert same == second
    retired = queries.retired_questions(published, [first.id, middle.id, second.id])
    assert [(question.label, question.successor, question.retired_at) for question in retired] == [
        ("Wich one?", last, LATER),
        ("Which one?", last, LATER),
    ]


def test_a_condition_follows_the_question_it_names(published: Product) -> None:
    which = QuestionDetails("Which DAW?", "choice", False, ("Live", "Logic"))
    version = QuestionDetails("Which version?", depends_on=0, depends_answer="Live")
    first, second = ask(published, which, version)
    assert (second.depends_on, second.depends_answer) == (first, "Live")
    # Reworded, moved among others, and made anew: it names the row that is asked now.
    kept = replace(version, id=second.id, depends_on=1)
    _, reworded, same = ask(published, QuestionDetails("Why?"), replace(which, label="Your DAW?", id=first.id), kept)
    assert (same.id, same.depends_on) == (second.id, reworded)
    assert step_queries.kept_checkout(queries.reread_product(published)).questions[2].depends_on == 1
    # The earlier one removed it is always asked; a condition on itself, or on a later one, is none.
    (alone,) = ask(published, replace(version, id=second.id, depends_on=None))
    assert (alone.id, alone.depends_on, alone.depends_answer) == (second.id, None, "")
    forward = replace(version, depends_on=1)
    assert [question.depends_on for question in ask(published, forward, replace(forward, label="Why?"))] == [None, None]


def test_a_removed_question_stays_for_who_is_answering_it(published: Product) -> None:
    first, second = ask(published, QuestionDetails("Wich one?"), QuestionDetails("Why?"))
    (reworded,) = ask(published, QuestionDetails("Which one?", id=first.id))
    assert ask(published) == []
    retired = queries.retired_questions(published, [first.id, second.id, reworded.id])
    assert {(question.id, question.successor_id) for question in retired} == {
        (first.id, None),
        (second.id, None),
        (reworded.id, None),
    }


def test_a_required_mark_leaves_the_question_the_same_row(published: Product) -> None:
    (before,) = ask(published, QuestionDetails("Why?"))
    (after,) = ask(published, QuestionDetails("Why?", is_required=True, id=before.id))
    assert (after.id, after.is_required) == (before.id, True)


def test_an_old_window_rewords_what_is_asked_now(published: Product) -> None:
    (first,) = ask(published, QuestionDetails("Wich?"))
    (second,) = ask(published, QuestionDetails("Which?", id=first.id))
    (third,) = ask(published, QuestionDetails("Which one?", id=first.id))
    assert {question.successor for question in queries.retired_questions(published, [first.id, second.id])} == {third}


def test_anothers_question_is_not_touched(published: Product, mallory: Person) -> None:
    foreign = Question.create(product=factories.make_product(coach=mallory), label="Mine?")
    (own,) = ask(published, QuestionDetails("Which?", id=foreign.id))
    assert own.id != foreign.id
    assert Question.get_by_id(foreign.id).retired_at is None
    first, second = ask(published, QuestionDetails("One?", id=own.id), QuestionDetails("Two?", id=own.id))
    assert first.id != second.id


def test_the_address_follows_the_title_until_it_is_published(published: Product, draft: Product) -> None:
    before = published.slug
    mutations.save_checkout(published, replace(CHECKOUT, title="Another name"), LATER)
    assert again(published).slug == before
    mutations.save_checkout(draft, replace(CHECKOUT, title="Another name"), LATER)
    assert again(draft).slug == "another-name"


def test_availability_makes_the_schedule_and_keeps_rules_and_timing(draft: Product) -> None:
    rules = BookingRules(60, 30, 5, 10, 30, 4)
    closed = replace(HOURS, closed_on=(date(2026, 12, 24),))
    mutations.save_availability(draft, AvailabilityDetails(closed, rules, EARLY_DOORS), MADE_AT)
    fresh = again(draft)
    assert weekly_hours(fresh.schedule).week[0] == (DaySpan(540, 180),)
    assert [closure.day_on for closure in closures(fresh.schedule, MADE_AT.date())] == [date(2026, 12, 24)]
    assert (fresh.notice_minutes, fresh.horizon_days, fresh.daily_cap) == (60, 30, 4)
    assert (fresh.make_minutes, fresh.open_minutes, fresh.close_minutes, fresh.remove_minutes) == (120, 120, 60, 60)


def test_closures_are_replaced_and_past_ones_left_alone(draft: Product) -> None:
    mutations.save_availability(draft, AvailabilityDetails(replace(HOURS, closed_on=(date(2026, 2, 1),))), MADE_AT)
    same = replace(HOURS, code=draft.schedule.code, closed_on=(date(2026, 3, 2),))
    mutations.save_availability(draft, AvailabilityDetails(same), MADE_AT + timedelta(days=40))
    days = [closure.day_on for closure in closures(draft.schedule, date(2026, 1, 1))]
    assert days == [date(2026, 2, 1), date(2026, 3, 2)]
    mutations.save_availability(draft, AvailabilityDetails(replace(same, closed_on=())), MADE_AT + timedelta(days=40))
    assert [closure.day_on for closure in closures(draft.schedule, date(2026, 1, 1))] == [date(2026, 2, 1)]


def test_a_foreign_schedule_is_not_found(draft: Product, mallory: Person) -> None:
    foreign = factories.make_schedule(mallory)
    with pytest.raises(NotFound):
        mutations.save_availability(draft, AvailabilityDetails(replace(HOURS, code=foreign.code)), MADE_AT)
    assert weekly_hours(foreign).week[6] == (DaySpan(540, 480),)


def test_overlapping_hours_leave_everything_as_it_was(draft: Product) -> None:
    overlapping = replace(HOURS, week={0: (DaySpan(540, 120), DaySpan(600, 120))})
    with pytest.raises(UnsoundHours):
        mutations.save_availability(draft, AvailabilityDetails(overlapping), MADE_AT)
    assert Schedule.select().count() == 0


def test_publishing_an_incomplete_draft_names_what_is_missing(draft: Product) -> None:
    with pytest.raises(NotReadyToPublish) as refusal:
        mutations.publish_product(draft, MADE_AT)
    assert [thing.place for thing in refusal.value.missing] == ["checkout", "checkout", "availability"]
    assert again(draft).state == "draft"


def test_a_draft_becomes_published_withdrawn_and_archived(draft: Product) -> None:
    mutations.save_checkout(draft, CHECKOUT, MADE_AT)
    mutations.save_availability(draft, AvailabilityDetails(HOURS), MADE_AT)
    mutations.save_options(draft, OptionsDetails("outside", "Cash."), MADE_AT)
    mutations.publish_product(draft, LATER)
    assert (again(draft).state, again(draft).published_at) == ("published", LATER)
    mutations.publish_product(draft, LATER + timedelta(hours=1))
    assert again(draft).published_at == LATER
    mutations.withdraw_product(draft, LATER)
    assert again(draft).state == "draft"
    mutations.archive_product(draft, LATER)
    assert again(draft).state == "archived"
    mutations.withdraw_product(draft, LATER)
    assert again(draft).state == "draft"


def test_a_published_product_is_not_published_once_more(published: Product) -> None:
    mutations.publish_product(published, LATER)
    assert again(published).published_at == MADE_AT


def test_an_archived_product_is_not_said_to_be_published(store: Store) -> None:
    product = factories.make_product(store, state="archived")
    with pytest.raises(ChangedMeanwhile):
        mutations.publish_product(product, LATER)
    assert again(product).state == "archived"


def test_a_save_that_would_spoil_a_published_product_is_refused(published: Product) -> None:
    with pytest.raises(NotReadyToPublish):
        mutations.save_checkout(published, replace(CHECKOUT, title=""), LATER)
    with pytest.raises(NotReadyToPublish):
        mutations.save_options(published, OptionsDetails("free"), LATER)
    fresh = again(published)
    assert (fresh.title, fresh.payment) == ("Mixing call", "outside")
    assert queries.offers_of(fresh)[0].price_cents == 4900


def test_emptying_a_shared_schedule_is_refused_for_the_other_products_sake(published: Product, draft: Product) -> None:
    empty = ScheduleDetails(published.schedule.code, "Empty", "Europe/Berlin", {})
    with pytest.raises(NotReadyToPublish):
        mutations.save_availability(draft, AvailabilityDetails(empty), LATER)
    assert weekly_hours(published.schedule).week


def test_a_lost_guild_verification_does_not_stop_a_typo_from_being_mended(published: Product) -> None:
    guild_mutations.record_verification_lost(published.store, MADE_AT)
    mutations.save_checkout(again(published), replace(CHECKOUT, title="Mixing calls"), LATER)
    assert again(published).title == "Mixing calls"


def test_a_save_from_an_old_window_does_not_withdraw_what_another_published(store: Store) -> None:
    product = factories.make_product(store, state="draft", published_at=None)
    old_window = again(product)
    mutations.publish_product(product, MADE_AT)
    mutations.save_checkout(old_window, CHECKOUT, LATER)
    mutations.save_availability(old_window, AvailabilityDetails(HOURS), LATER)
    assert again(product).state == "published"


def test_publishing_from_an_old_window_looks_at_what_is_kept_now(store: Store) -> None:
    old_window = factories.make_product(store, state="draft", published_at=None)
    mutations.save_checkout(again(old_window), replace(CHECKOUT, title=""), LATER)
    with pytest.raises(NotReadyToPublish):
        mutations.publish_product(old_window, LATER)


def test_of_two_windows_that_save_at_once_one_is_told(published: Product) -> None:
    seen = {"state": "published", "checkout": version_of(published, "checkout")}

    def save(title: str) -> str:
        try:
            mutations.save_checkout(again(published), replace(CHECKOUT, title=title), LATER, seen)
        except ChangedMeanwhile:
            return "told"
        return title

    results = all_at_once(lambda: save("One"), lambda: save("Two"))
    assert sorted(results)[1:] == ["told"]
    assert again(published).title == sorted(results)[0]


def test_an_older_draft_with_a_price_is_not_published_as_free(store: Store) -> None:
    draft = factories.make_product(store, state="draft", payment="free")
    mutations.publish_product(draft, LATER)
    assert (again(draft).state, again(draft).payment) == ("published", "outside")
