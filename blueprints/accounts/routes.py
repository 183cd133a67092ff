"""Every address of this flow: its views are gathered here for the application."""

from blueprints.accounts import (
    confirmation,
    deleting,
    discord,
    factor,
    feed,
    mail_links,
    merging,
    messages,
    own_data,
    second_step,
    settings,
    signing,
    suspended_data,
    unsubscribe,
)
from blueprints.accounts.blueprint import blueprint

VIEWS = (
    confirmation,
    deleting,
    discord,
    factor,
    feed,
    mail_links,
    merging,
    messages,
    own_data,
    second_step,
    settings,
    signing,
    suspended_data,
    unsubscribe,
)

__all__ = ["VIEWS", "blueprint"]
