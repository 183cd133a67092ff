"""E-mail addresses: which are one and the same, and which are refused."""

import pytest

from coaching.accounts.addresses import find_address, find_key


@pytest.mark.parametrize(
    ("typed", "likewise"),
    [
        ("bob@example.com", "Bob@Example.COM"),
        ("bob@example.com", "  bob@example.com "),
        ("bob@example.com", "ｂｏｂ@example.com"),
        ("fin@example.com", "ﬁn@example.com"),
        ("bob@exämple.de", "bob@EXÄMPLE.de"),
        ("bob@exämple.de", "bob@xn--exmple-cua.de"),
        ("josé@example.com", "jose\N{COMBINING ACUTE ACCENT}@example.com"),
    ],
)
def test_however_it_is_typed_it_is_one_address(typed: str, likewise: str) -> None:
    assert find_key(typed) == find_key(likewise) is not None


@pytest.mark.parametrize("other", ["bıb@example.com", "bob@exampIe.com", "bob+1@example.com", "вob@example.com"])
def test_what_only_looks_alike_is_another_address(other: str) -> None:
    assert find_key(other) not in (None, find_key("bib@example.com"), find_key("bob@example.com"))


@pytest.mark.parametrize(
    "typed",
    [
        *("", "bob", "bob@", "@example.com", "bob@localhost", "bob@[127.0.0.1]", "a b@example.com"),
        *("bo\u200bb@example.com", "bob@exam\u00adple.com", "bob\x00@example.com", "bob@example.com\x1f.evil"),
        *("bob@example.com\r\nBcc: all@example.com", "bob@example.com,eve@example.com", '"bob"@example.com'),
        *("Bob <bob@example.com>", f"{'b' * 300}@example.com", "bob\u202e@example.com", "bob@exa mple.com"),
    ],
)
def test_what_no_mail_could_reach_or_hides_something_is_refused(typed: str) -> None:
    assert find_address(typed) is None


def test_mail_goes_to_the_address_as_it_was_written() -> None:
    address = find_address("Bob.Miller@Example.com")
    assert address is not None
    assert (address.text, address.key) == ("Bob.Miller@example.com", "bob.miller@example.com")
