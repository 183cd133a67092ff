"""Room timing and readable addresses. Pure."""

from dataclasses import replace

import pytest

from coaching.catalog.details import BookingRules
from coaching.catalog.models import Product
from coaching.catalog.slugs import is_slug, numbered, slug_of
from coaching.catalog.timing import DEFAULT, PRESETS, RoomTiming, faults_in, preset_of


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_sound_and_known_by_its_minutes(name: str) -> None:
    assert faults_in(PRESETS[name]) == {}
    assert preset_of(PRESETS[name]) == name
    assert preset_of(replace(PRESETS[name], overrun_minutes=7)) == name


def test_a_new_product_has_the_default_timing_and_rules() -> None:
    fresh = Product()
    assert RoomTiming(**{name: getattr(fresh, name) for name in vars(DEFAULT)}) == DEFAULT
    assert BookingRules(**{name: getattr(fresh, name) for name in vars(BookingRules())}) == BookingRules()


def test_other_minutes_are_own_minutes() -> None:
    assert preset_of(RoomTiming(31, 15, 15, 60)) == "own"


@pytest.mark.parametrize(
    ("timing", "field"),
    [
        (RoomTiming(10, 15, 15, 60), "make_minutes"),
        (RoomTiming(30, 15, 60, 15), "remove_minutes"),
        (RoomTiming(1440, 241, 15, 60), "open_minutes"),
        (RoomTiming(30, 15, 241, 1440), "close_minutes"),
        (RoomTiming(1441, 15, 15, 60), "make_minutes"),
    ],
)
def test_minutes_that_contradict_each_other_are_named(timing: RoomTiming, field: str) -> None:
    assert list(faults_in(timing)) == [field]


def test_minutes_at_the_limits_are_sound() -> None:
    assert faults_in(RoomTiming(1440, 240, 240, 1440)) == {}
    assert faults_in(RoomTiming(0, 0, 0, 0)) == {}


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Mixing & Mastering, Vol. 2", "mixing-mastering-vol-2"),
        ("Café Über", "cafe-uber"),
        ("Ina's, Ina’s beats", "inas-inas-beats"),
        ("Große Straße", "grosse-strasse"),
        ("Zoë’s <i>Studio</i>", "zoes-studio"),
        ('<A href="https://a.b/">Mix</A>ing <b>now</b>', "mixing-now"),
        ("<Nova> beats, 3 < 4 > 2 </x", "nova-beats-3-4-2-x"),  # what is no markup stays
        ("שלום", ""),
        ("🎧🎧", ""),
        ("x" * 90, "x" * 60),
        ("  --  ", ""),
    ],
)
def test_a_name_becomes_an_address(name: str, slug: str) -> None:
    assert slug_of(name) == slug


def test_a_numbered_address_keeps_within_its_length() -> None:
    assert numbered("mixing", 2) == "mixing-2"
    assert is_slug(numbered("x" * 60, 100))


@pytest.mark.parametrize("text", ["", "a", "-a", "a-", "a--b", "A b", "ä", "a/b", "..", "x" * 61, "a\n"])
def test_what_is_no_address_is_refused(text: str) -> None:
    assert not is_slug(text)
