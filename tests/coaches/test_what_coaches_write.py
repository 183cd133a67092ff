"""Links, specialties and names as coaches write them, with what must not come through."""

import pytest

from coaching.coaches.faces import Face
from coaching.coaches.links import WrongLink, link_of, links_of, typed_links
from coaching.coaches.specialties import fault_in, key_of, specialties_of

RTL, ZERO_WIDTH = "\u202e", "\u200b"


@pytest.mark.parametrize(
    ("typed", "href", "host"),
    [
        ("https://example.com/me", "https://example.com/me", "example.com"),
        ("example.com", "https://example.com", "example.com"),
        ("www.Example.COM/Path?q=1#x", "https://www.example.com/Path?q=1#x", "example.com"),
        ("https://example.com:443/", "https://example.com/", "example.com"),
        ("https://bücher.example/ö", "https://xn--bcher-kva.example/ö", "xn--bcher-kva.example"),
        ("https://раураl.com", "https://xn--l-7sba6dbr.com", "xn--l-7sba6dbr.com"),  # looks like Latin letters
    ],
)
def test_a_link_is_shown_by_the_host_that_it_leads_to(typed, href, host):
    link = link_of(typed)
    assert (link.href, link.host) == (href, host)
    assert links_of(href) == (link,)


@pytest.mark.parametrize(
    "typed",
    [
        *("javascript:alert(1)", "JAVASCRIPT://a.example/%0aalert(1)", "data:text/html,x", "//a.example", "ftp://a.example"),
        *("http://example.com", "https://good.example@evil.example", "https://user:word@evil.example", "https://"),
        *("https://a.example/a b", 'https://a.example/"onmouseover=x', "https://a.example/<script>", "https://localhost"),
        *("https://127.0.0.1/", "https://[::1]/", "https://2130706433/", "https://0x7f.0.0.1/", "https://a.example:8443/"),
        *("https://exa\\mple.com", "https://a..example", "https://-a.example", "mailto:a@a.example", "https://[", "x"),
        *(f"https://example.com/{RTL}gpj.exe", f"https://exam{RTL}ple.com", "https://example.com/" + "a" * 300, ""),
    ],
)  # fmt: skip
def test_what_is_no_safe_address_is_refused(typed):
    with pytest.raises(WrongLink) as refused:
        link_of(typed)
    assert refused.value.sentence.endswith((".", "…."))
    assert links_of(typed) == ()


def test_links_are_taken_once_and_a_few_of_them():
    assert typed_links("example.com\n\n https://example.com\r\nb.example") == (
        "https://example.com",
        "https://b.example",
    )
    with pytest.raises(WrongLink, match="At most 5"):
        typed_links("\n".join(f"{letter}.example" for letter in "abcdef"))


def test_specialties_are_one_word_by_what_they_mean():
    specialties = specialties_of(
        [" Vocal  Mixing ", "vocal mixing", "#Mastering, VOCAL MIXING", "Straße", "STRASSE", ",,", "!?"]
    )
    assert [(specialty.key, specialty.words) for specialty in specialties] == [
        ("vocal mixing", "Vocal Mixing"),
        ("mastering", "Mastering"),
        ("strasse", "Straße"),
    ]
    assert key_of("Caf\u0065\u0301") == key_of("caf\u00e9")
    assert (key_of(f"mix{RTL}ing"), key_of(ZERO_WIDTH)) == ("mixing", "")
    # What nobody sees makes no second one of them, and parts none.
    assert {key_of(f"mix{unseen}ing{unseen}") for unseen in "\u200b\u200d\u00ad\ufeff\u2060\ufe0f\u034f"} == {"mixing"}
    assert fault_in(specialties) is None
    assert "At most 6" in (fault_in(specialties_of(["a,b,c,d,e,f,g"])) or "")
    assert "At most 40" in (fault_in(specialties_of(["x" * 41])) or "")
    assert "At most 40" in (fault_in(specialties_of(["\ufdfa" * 30])) or "")  # one sign that NFKC makes 18 of


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        *(("Nova Hart", "NH"), ("nova", "N"), ("Anna von Berg", "AB"), ("Émile", "É"), ("ß", "S")),
        *((f"{ZERO_WIDTH}«Lee»", "L"), ("★★", "★"), ("李 小龍", "李小"), ("A A", "A"), ("", "?"), ("a\u0301b", "A")),
    ],
)  # fmt: skip
def test_initials_are_letters_of_the_name(name, initials):
    assert Face(name).initials == initials
