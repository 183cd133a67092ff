"""Every address of this flow: its views are gathered here for the application."""

from blueprints.accounts import confirmation, discord, factor, mail_links, merging, second_step, settings, signing
from blueprints.accounts.blueprint import blueprint

VIEWS = (confirmation, discord, factor, mail_links, merging, second_step, settings, signing)

__all__ = ["VIEWS", "blueprint"]
