"""A code's check: it fits what this installation has made, and nothing that anybody else can come up with."""

import random

import pytest

from coaching import marks
from coaching.marks import CHECK, CODE_LETTERS, LENGTH, RANDOM, Keys, is_marked_by, new_marked_code

OLD, NEW = b"o" * 32, b"n" * 32
OURS, THEIRS = "installation2345", "another23456789a"


@pytest.fixture(autouse=True)
def keys():
    marks.keys.use([NEW])


def test_our_own_code_is_known_again_without_a_row():
    codes = {new_marked_code(OURS) for _ in range(500)}
    assert len(codes) == 500
    assert all(len(code) == LENGTH and set(code) <= set(CODE_LETTERS) for code in codes)
    assert all(is_marked_by([THEIRS, OURS], code) for code in codes)


def test_another_installations_code_is_not_ours_even_with_the_same_key():
    assert not any(is_marked_by([OURS], new_marked_code(THEIRS)) for _ in range(500))
    assert not is_marked_by([], new_marked_code(OURS))


def test_without_the_key_no_code_can_be_made():
    guessed = random.Random(1)
    tried = ("".join(guessed.choices(CODE_LETTERS, k=LENGTH)) for _ in range(20_000))
    assert not any(is_marked_by([OURS], code) for code in tried)
    marks.keys.use([OLD])
    foreign = [new_marked_code(OURS) for _ in range(500)]
    marks.keys.use([NEW])
    assert not any(is_marked_by([OURS], code) for code in foreign)


def test_a_code_with_any_letter_changed_or_left_out_is_nobodys():
    code, further = new_marked_code(OURS), new_marked_code(OURS)
    changed = [
        code[:place] + letter + code[place + 1 :]
        for place in range(LENGTH)
        for letter in CODE_LETTERS
        if letter != code[place]
    ]
    cut = [code[:-1], code[1:], code[:RANDOM], code + "2", "2" + code, code.upper(), ""]
    glued = [code[:RANDOM] + further[-CHECK:], code[-CHECK:] + code[:RANDOM]]
    assert not any(is_marked_by([OURS], wrong_code) for wrong_code in (*changed, *cut, *glued))


def test_an_older_key_knows_its_codes_as_long_as_it_is_kept():
    marks.keys.use([OLD])
    code = new_marked_code(OURS)
    marks.keys.use([NEW, OLD])
    assert is_marked_by([OURS], code)
    marks.keys.use([NEW])
    assert not is_marked_by([OURS], code)


def test_without_any_key_nothing_is_taken_for_ours():
    with pytest.raises(RuntimeError, match="no keys"):
        _ = Keys().every
