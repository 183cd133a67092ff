"""Every model in creation order, for migrations, doctor and tests."""

from coaching.accounts import models as accounts
from coaching.booking import models as booking
from coaching.catalog import models as catalog
from coaching.hours import models as hours
from coaching.notices import models as notices
from coaching.operation import models as operation
from coaching.rooms import models as rooms

MODELS = [
    *notices.MODELS,
    *accounts.MODELS,
    *hours.MODELS,
    *catalog.MODELS,
    *booking.MODELS,
    *rooms.MODELS,
    *operation.MODELS,
]
