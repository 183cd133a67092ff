"""What the web and the worker reach alike, as the settings have it: the database, Discord, payments."""

import clock
from coaching import marks, vault
from coaching.call_budget.mutations import SharedBudget
from coaching.db import database, open_database
from coaching.payments.provider import ProviderOf
from coaching.runtime.queries import clock_offset
from gateways.discord import DiscordHost
from gateways.providers import no_offset, open_provider_of
from settings import Settings


def open_host(settings: Settings) -> DiscordHost:
    """Discord, within the budget of calls that all processes share."""
    budget = SharedBudget(clock.machine_now)
    return DiscordHost(settings.discord_api_url, settings.discord_bot_token, settings.app_url, budget=budget)


def open_payments(settings: Settings) -> ProviderOf:
    """The payment providers, by an account's key; only a demo's clock stands anywhere but at the machine's time."""
    return open_provider_of(settings.stripe_api_url, clock_offset if settings.demo else no_offset)


def open_store(settings: Settings, connections: int) -> None:
    """The database can be spoken to, by so many at a time, and what it holds encrypted be read."""
    vault.keys.use(settings.vault_keys)
    marks.keys.use(settings.mark_keys)
    database.initialize(open_database(settings.database_url, connections))
