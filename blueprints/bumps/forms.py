"""What a coach fills in about an extra."""

from flask_wtf.file import FileField
from wtforms import BooleanField
from wtforms.validators import Optional, ValidationError

from blueprints.forms import Form, FormKey, Money, TextBlock, TextLine, checked, required
from blueprints.wizard.thumbnail import read_picture
from coaching.catalog.details import LONGEST_TITLE, BumpDetails
from coaching.catalog.models import Bump, Product
from coaching.catalog.queries import offers_of
from coaching.catalog.web_pictures import WebPicture
from coaching.money import why_not_charged


class BumpForm(Form):
    form_key = FormKey()
    title = TextLine("What it is", [required("Say what it is.")], longest=LONGEST_TITLE)
    words = TextBlock("A few words about it", [Optional()], longest=300)
    price = Money("Price", [required("Type a price; 0 means free.")])
    picture = FileField("Picture", [Optional()])
    removes_picture = BooleanField("Remove the picture")
    is_refundable = BooleanField("Goes back by the same rule as the call", default=True)
    gives = TextBlock("What students get once it is paid", [Optional()], longest=2000)

    web_picture: WebPicture | None = None
    product: Product

    def of(self, product: Product) -> "BumpForm":
        """The same form, its price meant in the store's currency."""
        self.product = product
        self.price.set_currency(product.store.currency)
        self.price.label.text = f"Price in {product.store.currency}"
        return self

    def show(self, bump: Bump) -> "BumpForm":
        """The same form, filled with an extra as it is kept."""
        self.title.data, self.words.data, self.price.data = bump.title, bump.words, bump.price_cents
        self.is_refundable.data, self.gives.data = bump.is_refundable, bump.gives
        return self

    def validate_price(self, field: Money) -> None:
        is_alone = any(not offer.price_cents for offer in offers_of(self.product))
        if (
            self.product.payment == "stripe"
            and is_alone
            and (fault := why_not_charged(field.data or 0, field.currency.code))
        ):
            raise ValidationError(fault)

    def validate_picture(self, field: FileField) -> None:
        self.web_picture = read_picture(field)

    def details(self) -> BumpDetails:
        return BumpDetails(
            title=self.title.data,
            price_cents=checked(self.price.data),
            words=self.words.data,
            is_refundable=self.is_refundable.data,
            gives=self.gives.data,
            picture=self.web_picture,
            removes_picture=self.removes_picture.data,
        )
