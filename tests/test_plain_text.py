"""What counts as text to people. Pure."""

import unicodedata

import pytest

from coaching.plain_text import has_visible, nfc


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \u00a0\u3000\u2003",
        "\u200b\u200c\u200d\u2060\ufeff",
        "\u00ad",
        "\u3164",
        "\u115f\u1160\uffa0",
        "\u2800\u2800",
        "\u0301\u20dd",
        "\ufe0f\ufe0e\U000e0100",
        "\u034f\u17b4\u180e",
        "\U000e0041\U000e0042",
        "\u2066\u2069",
        "\ue000",
    ],
)
def test_signs_nobody_sees_are_no_text(text: str) -> None:
    assert not has_visible(text)
    assert has_visible(text + "B")


@pytest.mark.parametrize("text", ["a", "7", "?", "€", "Ⅳ", "🎧", "1\ufe0f\u20e3", "\u0646\u200c\u0647", "か", "ʼ"])
def test_whatever_shows_is_text(text: str) -> None:
    assert has_visible(text)


@pytest.mark.parametrize("text", ["a", "e\u0301", "\u1100\u1161\u11a8", "o\u0323\u0302", "👨\u200d👩", "ﬁ"])
def test_letters_are_composed(text: str) -> None:
    assert nfc(text) == unicodedata.normalize("NFC", text)


def test_marks_without_end_are_cut_before_they_cost_time() -> None:
    assert nfc("a" + "\u0316\u0301" * 100_000 + "b") == unicodedata.normalize("NFC", "a" + "\u0316\u0301" * 15 + "b")
