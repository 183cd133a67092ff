"""What people type about their accounts."""

from collections.abc import Iterable
from typing import Any

from flask import current_app
from wtforms import SelectField
from wtforms.form import BaseForm
from wtforms.validators import StopValidation
from wtforms.widgets import EmailInput

from blueprints.forms import Form, FormKey, Hidden, Password, Text, TextLine, ZoneField, checked, required
from coaching.accounts.addresses import EmailAddress, find_address
from coaching.accounts.details import SignUpDetails
from coaching.accounts.passwords import LONGEST, find_fault, in_nfc
from coaching.own_data.farewell import WORD

CLOCKS = {"": "As my browser has it", "12": "12 hours (6:00 pm)", "24": "24 hours (18:00)"}
NO_ADDRESS = "This is not an e-mail address. It looks like name@example.com."


class AddressField(Text):
    """An e-mail address; `address` is what it means."""

    widget = EmailInput()

    @property
    def address(self) -> EmailAddress | None:
        return find_address(self.data)

    @property
    def valid_address(self) -> EmailAddress:
        """What it means in a form that has passed."""
        return checked(self.address)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = valuelist[0].strip()[:320] if valuelist else ""

    def post_validate(self, form: BaseForm, validation_stopped: bool) -> None:
        if not validation_stopped and self.address is None:
            self.errors = [*self.errors, NO_ADDRESS]


def not_too_long(form: BaseForm, field: Password) -> None:
    """Nobody's password is that long, and hashing it would take its time."""
    if len(in_nfc(field.data)) > LONGEST:
        raise StopValidation(f"Use at most {LONGEST} characters.")


class SignInForm(Form):
    email = AddressField("E-mail", [required("Type your e-mail address.")])
    password = Password("Password", [required("Type your password."), not_too_long])


class SignUpForm(Form):
    name = TextLine("Your name", [required("Tell us what to call you.")], longest=60)
    email = AddressField("E-mail", [required("Type your e-mail address.")])
    password = Password("Password", [required("Choose a password.")])

    def __init__(self, *arguments: Any, names: Iterable[str] = (), **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.names = tuple(names)

    def validate_password(self, field: Password) -> None:
        refuse_poor(field, (self.email.data, self.name.data, *self.names))

    def details(self, zone: str | None) -> SignUpDetails:
        return SignUpDetails(self.name.data, self.email.valid_address, self.password.data, zone)


class ForgottenForm(Form):
    email = AddressField("E-mail", [required("Type your e-mail address.")])


class OtherAccountForm(Form):
    """What shows that another account is the same person's."""

    email = AddressField("E-mail of the other account", [required("Type the address of the other account.")])
    password = Password("Its password", [required("Type the password of the other account."), not_too_long])


class MergingForm(Form):
    form_key = FormKey()
    mark = Hidden()


class DeletionForm(Form):
    """A word that nobody types by mistake."""

    mark = Hidden()
    word = TextLine(f"Type “{WORD}”", [required(f"Type “{WORD}” to delete your account.")], longest=60)

    def validate_word(self, field: TextLine) -> None:
        if field.data.strip("“”\"'. ").casefold() != WORD:
            raise StopValidation(f"This is another word. Type “{WORD}” to delete your account.")


class NewPasswordForm(Form):
    """A new password, where a link or the present password has shown who asks."""

    new_password = Password("New password", [required("Choose a password.")])

    def __init__(self, *arguments: Any, names: Iterable[str] = (), **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.names = tuple(names)

    def validate_new_password(self, field: Password) -> None:
        refuse_poor(field, self.names)


class ChangePasswordForm(NewPasswordForm):
    current_password = Password("Present password", [required("Type your present password."), not_too_long])


class CodeForm(Form):
    """A code of an app; where it is out of reach, a recovery code in its place."""

    factor_code = TextLine("Code from your app", longest=80)
    recovery_code = TextLine("Recovery code", longest=80)

    @property
    def typed(self) -> str:
        return self.recovery_code.data or self.factor_code.data

    @property
    def used(self) -> TextLine:
        """The field that was filled in, beside which the message belongs."""
        return self.recovery_code if self.recovery_code.data else self.factor_code

    def validate_factor_code(self, field: TextLine) -> None:
        if not self.typed:
            raise StopValidation("Type the six digits that your app shows.")


class ConfirmForm(CodeForm):
    """Whichever of the two has to be given once more; the other one is taken out."""

    password = Password("Password", [required("Type your password."), not_too_long])


class NewFactorForm(Form):
    factor_code = TextLine("Code from your app", [required("Type the six digits that your app shows.")], longest=80)


class ProfileForm(Form):
    name = TextLine("Name", [required("Tell us what to call you.")], longest=60)
    zone = ZoneField("Time zone", is_optional=True)
    clock = SelectField("Clock", choices=CLOCKS)


class NewAddressForm(Form):
    email = AddressField("New e-mail address", [required("Type your e-mail address.")])


def refuse_poor(field: Password, names: Iterable[str]) -> None:
    """Stop with what is wrong with the password."""
    if fault := find_fault(field.data, (*names, current_app.extensions["settings"].site_name)):
        raise StopValidation(fault)
