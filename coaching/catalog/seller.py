"""Who sells, as receipts say it. Pure."""

from dataclasses import dataclass

LONGEST_NAME = 120
LONGEST_ADDRESS = 400
LONGEST_TAX_NOTE = 400


@dataclass(frozen=True)
class SellerDetails:
    """What stands on receipts of a store from now on; without a name the store's own."""

    name: str
    address: str
    tax_note: str
