"""Writes all that is kept about a person into one zip file, a part at a time, so that memory stays small."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from coaching.accounts.models import Person
from coaching.own_data.account_section_queries import ACCOUNT_SECTIONS
from coaching.own_data.booked_section_queries import BOOKED_SECTIONS
from coaching.own_data.export_rules import as_json, read_me
from coaching.own_data.given_section_queries import GIVEN_SECTIONS
from coaching.own_data.paid_section_queries import PAID_SECTIONS
from coaching.own_data.section_queries import Row, Section, entries_of, find_webp
from coaching.own_data.selling_section_queries import SELLING_SECTIONS

SECTIONS = (*ACCOUNT_SECTIONS, *BOOKED_SECTIONS, *PAID_SECTIONS, *SELLING_SECTIONS, *GIVEN_SECTIONS)
PICTURES = "pictures"
READ_ME = "README.txt"


def write_archive(path: Path, person: Person, site_name: str, now: datetime, keep_going: Callable[[], object]) -> None:
    """A new zip file at `path`: JSON for each section that has an entry, the pictures, and a list of it all.

    `keep_going` is called after each part, and raises where nobody wants the file any more.
    """
    written = []
    with ZipFile(path, "x", ZIP_DEFLATED) as archive:
        for section in SECTIONS:
            count = _write_section(archive, section, person, now, keep_going)
            if count:
                written.append((f"{section.name}.json", count, section.about))
        archive.writestr(_info(READ_ME, now), read_me(site_name, written, now))


def write_archive_for_owner(path: Path, person: Person, site_name: str, now: datetime) -> None:
    """The same at once, in a file that only the process's own user can read; nothing is left of one that broke."""
    path.open("x").close()
    path.chmod(0o600)
    with TemporaryDirectory(dir=path.parent) as folder:  # which is 0700
        whole = Path(folder) / path.name
        try:
            write_archive(whole, person, site_name, now, lambda: None)
            whole.chmod(0o600)
            whole.replace(path)
        except BaseException:
            path.unlink()
            raise


def _write_section(
    archive: ZipFile, section: Section, person: Person, now: datetime, keep_going: Callable[[], object]
) -> int:
    """How many entries the section has: with none there is no file."""
    parts = entries_of(section, person)
    part = next(parts, None)
    count, codes = 0, []
    if part is None:
        return 0
    with archive.open(_info(f"{section.name}.json", now), "w", force_zip64=True) as member:
        member.write(b"" if section.is_one else b"[\n")
        while part:
            lead = ",\n" if count else ""
            member.write((lead + ",\n".join(map(as_json, part))).encode())
            count += len(part)
            codes += _codes_in(section, part)
            keep_going()
            part = next(parts, None)
        member.write(b"\n" if section.is_one else b"\n]\n")
    for code in codes:
        if webp := find_webp(code):
            archive.writestr(_info(f"{PICTURES}/{code}.webp", now), webp, ZIP_STORED)
            keep_going()
    return count


def _codes_in(section: Section, part: list[Row]) -> list[str]:
    return [row["code"] for row in part] if section.name == PICTURES else []


def _info(name: str, now: datetime) -> ZipInfo:
    info = ZipInfo(name, now.astimezone(UTC).timetuple()[:6])
    info.compress_type, info.external_attr = ZIP_DEFLATED, 0o600 << 16
    return info
