"""Which addresses of calendars are taken, where they may lead, and how much of them is shown."""

import pytest

from coaching.calendars import addresses
from coaching.calendars.addresses import WrongAddress, checked_address, may_be_asked, shown_address


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        (" https://calendar.example.com/a%20b/basic.ics?x=1 ", "https://calendar.example.com/a%20b/basic.ics?x=1"),
        ("webcal://p23-caldav.icloud.com/published/2/MTA", "https://p23-caldav.icloud.com/published/2/MTA"),
        ("WEBCALS://calendar.example.com:443/x#top", "https://calendar.example.com:443/x"),
        ("https://calendar.example.com", "https://calendar.example.com/"),
        ("https://8.8.8.8/x", "https://8.8.8.8/x"),
        ("https://büro.example/x", "https://büro.example/x"),
    ],
)
def test_an_address_is_asked_for_by_https(typed: str, asked: str) -> None:
    assert checked_address(typed) == asked


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", addresses.NO_ADDRESS),
        ("family calendar", addresses.NO_ADDRESS),
        ("calendar.example.com/x.ics", addresses.NO_ADDRESS),
        ("ftp://calendar.example.com/x", addresses.NO_ADDRESS),
        ("file:///etc/passwd", addresses.NO_ADDRESS),
        ("https://calendar.example.com\\@10.0.0.1/x", addresses.NO_ADDRESS),
        ("https://calendar.example.com/a b", addresses.NO_ADDRESS),
        ("https://calendar.example.com:99999/x", addresses.NO_ADDRESS),
        ("https://[::1", addresses.NO_ADDRESS),
        ("https://calendar.example.com/" + "x" * 2000, addresses.NO_ADDRESS),
        ("http://calendar.example.com/x", addresses.NO_TLS),
        ("https://me:secret@calendar.example.com/x", addresses.HAS_PASSWORD),
        ("https://@calendar.example.com/x", addresses.HAS_PASSWORD),
        ("https://calendar.example.com:8443/x", addresses.ODD_PORT),
        *(
            (f"https://{host}/x", addresses.NOT_PUBLIC)
            for host in (
                *("localhost", "LOCALHOST.", "intranet", "nas.local", "db.internal", "a.localhost", "127.0.0.1"),
                *(
                    "127.1",
                    "2130706433",
                    "0x7f.1",
                    "0x7f000001",
                    "10.0.0.1",
                    "[::1]",
                    "[::ffff:127.0.0.1]",
                    "[fd00::1]",
                ),
                "169.254.169.254",
            )
        ),
    ],
)
def test_what_is_no_address_of_a_public_calendar_is_told_why(typed: str, sentence: str) -> None:
    with pytest.raises(WrongAddress) as wrong:
        checked_address(typed)
    assert wrong.value.sentence == sentence


def test_this_machine_may_be_asked_where_that_is_allowed_and_by_its_own_name_alone() -> None:
    assert checked_address("http://localhost:8913/x.ics", allows_loopback=True) == "http://localhost:8913/x.ics"
    assert checked_address("webcal://127.0.0.1:8913/x", allows_loopback=True) == "https://127.0.0.1:8913/x"
    for typed in ("http://10.0.0.1/x", "http://calendar.example.com/x", "https://calendar.example.com:8443/x"):
        with pytest.raises(WrongAddress):
            checked_address(typed, allows_loopback=True)


def test_only_public_network_addresses_may_be_asked() -> None:
    for address in ("8.8.8.8", "1.1.1.1", "2001:4860:4860::8888", "2a00:1450:4001::1", "::ffff:8.8.8.8"):
        assert may_be_asked(address), address
    for address in (
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1", "203.0.113.1", "224.0.0.1", "240.0.0.1"),
        *("255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::1"),
        *("2001:0:7f00:1::1", "2001:db8::1", "fe80::1%eth0", "fec0::1", "fc00::1", "ff02::1", "calendar.example.com"),
    ):
        assert not may_be_asked(address), address


def test_an_address_is_shown_by_its_host_and_its_last_signs() -> None:
    assert shown_address("https://calendar.example.com/private-0123456789abcdef/mine") == "calendar.example.com/…f/mine"
    assert shown_address("https://calendar.example.com/short") == "calendar.example.com/…"
    assert shown_address("what nobody can read") == "…"
