"""What coaches fill in about themselves."""

from collections.abc import Sequence
from typing import ClassVar

from flask_wtf.file import FileField
from wtforms import BooleanField, FieldList, RadioField, SelectField
from wtforms.validators import Optional, StopValidation

from blueprints.forms import Form, Hidden, TextBlock, TextLine
from blueprints.wizard.thumbnail import read_picture
from coaching.catalog.portraits import as_portrait
from coaching.catalog.slugs import is_slug
from coaching.catalog.web_pictures import WebPicture
from coaching.coaches.languages import LANGUAGES, MOST_LANGUAGES, languages_label
from coaching.coaches.links import LONGEST_LINK, MOST_LINKS, WrongLink, typed_links
from coaching.coaches.profile import LONGEST_BIO, LONGEST_HEADLINE, RESERVED, PictureChoice, ProfileDetails
from coaching.coaches.specialties import MOST_SPECIALTIES, Specialty, fault_in, specialties_of

CHOICES = {
    PictureChoice.OWN: "A picture of yours",
    PictureChoice.DISCORD: "Discord’s picture",
    PictureChoice.NONE: "None, your initials",
}
BY_NAME = {"": "No language"} | dict(sorted(LANGUAGES.items(), key=lambda language: language[1]))
# What is typed between commas is parted, and each part measured, once it is known what there is.
LONGEST_TYPED = 120


class ProfileForm(Form):
    """All of a coach's page."""

    headline = TextLine("Headline", [Optional()], longest=LONGEST_HEADLINE)
    picture = RadioField("Picture", choices={choice.value: words for choice, words in CHOICES.items()})
    upload = FileField("Choose a file")
    bio = TextBlock("About you", [Optional()], longest=LONGEST_BIO)
    specialties = FieldList(
        TextLine("Specialty", [Optional()], longest=LONGEST_TYPED),
        min_entries=MOST_SPECIALTIES,
        max_entries=MOST_SPECIALTIES,
    )
    languages = FieldList(
        SelectField("Language", [Optional()], choices=BY_NAME, default=""),
        min_entries=MOST_LANGUAGES,
        max_entries=MOST_LANGUAGES,
    )
    links = TextBlock("Links", [Optional()], longest=MOST_LINKS * (LONGEST_LINK + 2))
    slug = TextLine("Address", longest=60)
    is_listed = BooleanField("Show me in the list of all coaches")
    # A mark of the page's state when the form was drawn.
    seen = Hidden()

    needs_upload: ClassVar[bool] = True
    # What may be chosen: a picture of one's own that is there, and an account at Discord that has one.
    has_own = False
    has_avatar = False
    web_picture: WebPicture | None = None
    found_specialties: tuple[Specialty, ...] = ()
    found_links: tuple[str, ...] = ()

    @classmethod
    def fields_of(cls, kept: ProfileDetails) -> dict[str, object]:
        """The form's values for a page as it is kept."""
        words = [specialty.words for specialty in kept.specialties]
        return {
            "headline": kept.headline,
            "picture": kept.choice.value,
            "bio": kept.bio,
            "specialties": words + [""] * (MOST_SPECIALTIES - len(words)),
            "languages": [*kept.languages, *[""] * (MOST_LANGUAGES - len(kept.languages))],
            "links": "\n".join(kept.links),
            "slug": kept.slug,
            "is_listed": kept.is_listed,
        }

    def details(self) -> ProfileDetails:
        return ProfileDetails(
            slug=self.slug.data.lower(),
            headline=self.headline.data,
            bio=self.bio.data,
            specialties=self.found_specialties,
            languages=tuple(dict.fromkeys(tag for tag in self.languages.data if tag)),
            links=self.found_links,
            is_listed=self.is_listed.data,
            choice=PictureChoice.OWN if self.web_picture else PictureChoice(self.picture.data),
            picture=self.web_picture,
        )

    def validate_upload(self, field: FileField) -> None:
        picture = read_picture(field)
        self.web_picture = as_portrait(picture) if picture else None

    def validate_picture(self, field: RadioField) -> None:
        if self.upload.data:
            return  # whoever has sent one means it, whatever is ticked
        if field.data == PictureChoice.OWN and not self.has_own:
            raise StopValidation("Choose a file below, or another picture.")
        if field.data == PictureChoice.DISCORD and not self.has_avatar:
            raise StopValidation(
                "No picture is known of a Discord account of yours. Connect one that has a picture, or choose a file."
            )

    def validate_specialties(self, field: "FieldList[TextLine]") -> None:
        self.found_specialties = specialties_of(field.data)
        if fault := fault_in(self.found_specialties):
            raise StopValidation(fault)

    def validate_links(self, field: TextBlock) -> None:
        try:
            self.found_links = typed_links(field.data)
        except WrongLink as wrong:
            raise StopValidation(wrong.sentence) from None

    def validate_slug(self, field: TextLine) -> None:
        if field.data.lower() in RESERVED:
            raise StopValidation("This address is the site’s own. Choose another one.")
        if not is_slug(field.data.lower()):
            raise StopValidation("Use 2 to 60 small letters, digits and single dashes, like nova-hart.")

    @property
    def had_upload(self) -> bool:
        """True when a file was sent: no page can put it back into its field."""
        return bool(self.upload.data)


def profile_words(details: ProfileDetails) -> dict[str, str]:
    """A coach's page in words, line by line."""
    return {
        "Headline": details.headline,
        "Picture": CHOICES[details.choice],
        "About you": details.bio,
        "Specialties": _listed([specialty.words for specialty in details.specialties]),
        "Languages": languages_label(details.languages),
        "Links": "\n".join(details.links),
        "Address": details.slug,
        "List of coaches": "Shown" if details.is_listed else "Not shown",
    }


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words)
