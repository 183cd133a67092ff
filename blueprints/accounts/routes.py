"""Every address of this flow: its views are gathered here for the application."""

from blueprints.accounts import confirmation, discord, mail_links, merging, settings, signing
from blueprints.accounts.blueprint import blueprint

VIEWS = (confirmation, discord, mail_links, merging, settings, signing)

__all__ = ["VIEWS", "blueprint"]
