"""Encryption at rest: what is sealed opens with its key alone, and nothing breaks where the key is missing."""

import pytest

from coaching import vault
from coaching.vault import UNREADABLE, Keys, Unreadable, seal, standing_of, unseal

OLD, NEW = b"o" * 32, b"n" * 32


@pytest.fixture(autouse=True)
def own_keys():
    vault.keys.use([NEW])


def test_a_sealed_text_says_nothing_and_opens_again():
    sealed = seal("+49 30 123456 – ü")

    assert "123456" not in sealed
    assert unseal(str(sealed)) == "+49 30 123456 – ü"
    assert seal("+49 30 123456 – ü") != sealed, "the same text looks the same twice"


def test_nothing_stays_nothing_and_a_sealed_text_is_not_sealed_twice():
    assert seal("") == ""
    sealed = seal("x")
    assert seal(sealed) is sealed


def test_a_text_from_before_there_was_a_vault_is_read_as_it_stands():
    assert unseal("written openly") == "written openly"
    assert standing_of("written openly") == "open"


def test_an_older_key_still_opens_and_no_longer_seals():
    vault.keys.use([OLD])
    before = str(seal("a secret"))
    vault.keys.use([NEW, OLD])

    assert unseal(before) == "a secret"
    assert standing_of(before) == "older"
    assert standing_of(str(seal("a secret"))) == "newest"


@pytest.mark.parametrize("damage", [lambda text: text, lambda text: text[:-9], lambda _: "sealed:not ünsealable"])
def test_what_no_key_opens_is_a_sentence_and_is_stored_again_as_it_was(damage):
    vault.keys.use([OLD])
    stored = damage(str(seal("a secret")))
    vault.keys.use([NEW])

    read = unseal(stored)

    assert read == UNREADABLE
    assert isinstance(read, Unreadable)
    assert seal(read) == stored
    assert standing_of(stored) == "unreadable"


def test_a_vault_without_keys_takes_nothing():
    with pytest.raises(RuntimeError, match="no keys"):
        _ = Keys().newest


def test_what_users_type_is_never_taken_for_sealed():
    assert unseal(str(seal("sealed:by hand"))) == "sealed:by hand"


def test_the_vaults_key_is_nobody_elses(settings):
    others = [*settings.cookie_keys, settings.queue_key]
    assert not set(settings.vault_keys) & set(others)
