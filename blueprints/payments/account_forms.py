"""What a creator pastes about their account at Stripe. No page shows any of it again."""

from flask import current_app
from wtforms.validators import StopValidation

from blueprints.forms import Form, FormKey, Hidden, Password, required
from coaching.payments.account_keys import LONGEST, WrongKey, signing_secret, store_key


class KeyForm(Form):
    """The restricted key on which a store's payments are made."""

    stripe_key = Password("Restricted key", [required("Paste the restricted key that you made in Stripe.")])
    seen = Hidden()  # the code of the account that the page showed
    form_key = FormKey()

    def validate_stripe_key(self, field: Password) -> None:
        try:
            field.data = store_key(field.data[: LONGEST + 1], is_demo=current_app.config["DEMO"])
        except WrongKey as wrong:
            raise StopValidation(wrong.sentence) from None


class SigningSecretForm(Form):
    """What an endpoint's events are signed with, where its owner made the endpoint by hand."""

    signing_secret = Password("Signing secret", [required("Paste the signing secret of the endpoint.")])

    def validate_signing_secret(self, field: Password) -> None:
        try:
            field.data = signing_secret(field.data[: LONGEST + 1])
        except WrongKey as wrong:
            raise StopValidation(wrong.sentence) from None
