"""Text as people see it: cleaned, with its letters composed, and whether there is anything to see. Pure."""

import re
import unicodedata

# Letters and signs by their category that show nothing: Hangul fillers, the empty braille cell, a note without a head.
BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800\U0001d159")
# More marks in a row than any script has; composing takes the square of their number.
MOST_MARKS = 30
ANY_MARK = re.compile("[^\0-\u02ff]")
# Marks that turn the reading direction of what stands around them; a name has no use for them.
BIDI_CONTROLS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]")
# Beside those of the category Cf: fillers, the joiner of marks, and what chooses a variant of the sign before it.
UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]")
LINE_BREAKS = re.compile(r"\r\n?")


def clean(text: str | None, *, many_lines: bool = False) -> str:
    """NFC text without control and direction marks, trimmed; empty when there is nothing in it to see."""
    text = nfc(LINE_BREAKS.sub("\n", text or ""))
    kept = "\n\t" if many_lines else ""  # line breaks only where lines are asked for
    text = "".join(letter for letter in text if letter in kept or unicodedata.category(letter) not in ("Cc", "Cs"))
    text = BIDI_CONTROLS.sub("", text).strip()
    return text if has_visible(text) else ""


def nfc(text: str) -> str:
    """The text in NFC, with what is piled onto one letter cut after 30 marks (as in UAX 15, stream-safe)."""
    if not ANY_MARK.search(text):
        return unicodedata.normalize("NFC", text)
    kept, marks = [], 0
    for letter in text:
        marks = marks + 1 if unicodedata.combining(letter) else 0
        if marks <= MOST_MARKS:
            kept.append(letter)
    return unicodedata.normalize("NFC", "".join(kept))


def without_unseen(text: str) -> str:
    """The text by what one sees of it: for comparing, not for showing, since joiners shape the letters around them."""
    return UNSEEN.sub("", "".join(letter for letter in text if unicodedata.category(letter) != "Cf"))


def has_visible(text: str) -> bool:
    """True when at least one sign shows by itself: no space, no joiner, no filler, no mark without a letter."""
    return any(unicodedata.category(letter)[0] in "LNPS" and letter not in BLANKS for letter in text)
