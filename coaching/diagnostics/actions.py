"""What could be wrong with a store's server or with the whole site, found out by asking; no transaction is open."""

import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

from coaching.accounts.signup import Signup
from coaching.catalog.models import Store
from coaching.catalog.queries import guilds_of_stores
from coaching.checks import (
    Check,
    application_check,
    bad,
    disk_check,
    drift_check,
    good,
    invitation_checks,
    key_check,
    refused,
    secret_check,
    sqlite_check,
    warning,
    with_invitation,
    worst_first,
)
from coaching.coaches.signup import CoachSignup
from coaching.db import is_sqlite
from coaching.diagnostics import standing_queries as standing
from coaching.diagnostics.money_queries import account_check, accounts_in_use, further_checks
from coaching.diagnostics.mutations import record_diagnosis
from coaching.diagnostics.people_queries import coaches_check, pictures_check, promises_checks
from coaching.diagnostics.server_actions import look_at_coach, look_at_server, look_briefly
from coaching.host import Host, HostError, SignInHost
from coaching.mailer import Mailer, MailNotSent
from coaching.now import Now
from coaching.payments.account_actions import try_again
from coaching.payments.models import PaymentAccount
from coaching.payments.provider import ProviderOf
from coaching.payments.provider_parts import Fault
from coaching.refusals import Refusal
from coaching.remedies import change
from coaching.runtime.mutations import claim_lease, release_lease
from coaching.runtime.queries import UNDECLARED_PROXY, last_heartbeat
from coaching.vault import Standing

# A look at one server makes about fifteen calls.
LASTS_AT_MOST = timedelta(minutes=3)
# Beside the site's own; each costs two calls, and somebody waits.
MOST_SERVERS = 20
# Each takes about eight calls.
MOST_KEYS = 10
PROXY_IS_NEWS = timedelta(days=1)
TAKE_BACK = "Should it stay so, stop the site and take back a backup: `flask db restore DATA_DIR/backups/NAME`"
CALLBACK = "/api/auth/discord/callback"


@dataclass(frozen=True)
class Site:
    """What the doctor is told: the settings it has to know, and how queue and tables are."""

    version: str
    app_url: str
    client_id: str
    sign_in: SignInHost
    data_dir: Path
    guild_id: str | None
    trusted_proxies: int
    mailer: Mailer | None
    makes_backups: bool
    is_demo: bool
    queue_depth: int | None  # None when the queue cannot be read
    is_readable: bool  # the database
    is_migrated: bool
    differences: tuple[str, ...]
    sealed: Mapping[Standing, int]  # how many encrypted texts have which standing, of those looked at
    provider_of: ProviderOf | None = None
    has_stripe_key: bool = False
    signup: Signup = Signup.OPEN
    coach_signup: CoachSignup = CoachSignup.OPEN


def check_store(host: Host, store: Store, now: Now) -> list[Check] | None:
    """What is found at the store's server, written down, the worst first; None while somebody else is looking."""
    return _one_at_a_time(store, now, _store_checks(host, store, now))


def check_site(host: Host, site: Site, now: Now) -> list[Check] | None:
    """What is found at the whole site, written down, the worst first; None while somebody else is looking."""
    return _one_at_a_time(None, now, site_checks(host, site, now))


def free_bytes(data_dir: Path) -> int:
    """How much more the data may grow."""
    return shutil.disk_usage(data_dir).free


def _one_at_a_time(store: Store | None, now: Now, checks: Iterator[Check]) -> list[Check] | None:
    name = f"look at store {store.id}" if store else "look at the site"
    claim = claim_lease(name, now.machine, LASTS_AT_MOST)
    if claim is None:
        return None
    try:
        diagnosis = worst_first(checks)
        record_diagnosis(store, diagnosis, now)
    finally:
        release_lease(name, claim)
    return diagnosis


def site_checks(host: Host, site: Site, now: Now) -> Iterator[Check]:
    """Everything a self-hoster can get wrong.

    What needs tables is left out while they are not up to date, calls to Discord too: they are counted there.
    """
    began = monotonic()
    yield good("Version", f"This is Greenroom {site.version}.")
    yield _settings_check(site)
    yield disk_check(free_bytes(site.data_dir))
    yield standing.queue_check(site.queue_depth)
    yield _mail_check(site)
    yield secret_check(_refusal_of(site.sign_in), site.client_id)
    yield from _database_checks(site)
    if not (site.is_readable and site.is_migrated):
        return
    checks = (
        key_check(site.sealed),
        *standing.standing_checks(
            now, makes_backups=site.makes_backups, sends_mail=site.mailer is not None, is_demo=site.is_demo
        ),
        coaches_check(site.coach_signup, site.signup, now.product),
        pictures_check(),
        *promises_checks(now.product),
        standing.calendars_check(),
        *payment_checks(site.provider_of, site.has_stripe_key, site.is_demo, now.product),
        _proxy_check(site, now),
    )
    yield from (check for check in checks if check)
    try:
        yield drift_check(_drift(host, now, began))
        yield good("Discord", "The bot's token is accepted.")
        application = host.own_application()
        yield application_check(application, site.client_id, f"{site.app_url}{CALLBACK}")
        yield from invitation_checks(application)
    except HostError as error:
        yield refused("Discord", error.kind)
        return
    yield from _servers_checks(host, site, now)


def _store_checks(host: Host, store: Store, now: Now) -> Iterator[Check]:
    """Everything that could keep a store's rooms from coming."""
    began = monotonic()
    yield standing.worker_check(now)
    if store.guild is None:
        yield bad("Server", "Your store has no Discord server yet.", f"Choose one: `/store/{store.slug}/guild`")
        return
    if store.guild_verified_at is None:
        yield bad(
            "Verification",
            f"Discord no longer says that you may manage {store.guild.name}. No new rooms are made there.",
            "In Discord let somebody give you the right “Manage Server”, then add it again: "
            f"`/store/{store.slug}/guild`",
        )
        # Nor is anything looked at or tried there for somebody who may not manage it.
        return
    try:
        yield drift_check(_drift(host, now, began))
    except HostError as error:
        yield refused("Discord", error.kind)
        return
    yield from (check for _, check in standing.coach_orphans_checks([store]))
    guild_id = store.guild.discord_guild_id
    yield from (with_invitation(check, guild_id) for check in look_at_server(host, guild_id, now, store))
    yield from look_at_coach(host, store, now)


def _settings_check(site: Site) -> Check:
    if site.app_url.startswith("https://") or site.is_demo:
        return good("Settings", f"They can be read. This site is {site.app_url}.")
    return warning(
        "Settings",
        f"This site is {site.app_url}, which nobody but this machine can reach.",
        f"It has to be the https address people use. {change('APP_URL')}",
    )


def _refusal_of(sign_in: SignInHost) -> Refusal | None:
    try:
        sign_in.check()
    except HostError as error:
        return error.kind
    return None


def _mail_check(site: Site) -> Check:
    if site.mailer:
        try:
            site.mailer.check()
        except MailNotSent as error:
            return bad(
                "Mail", f"No mail leaves: {error.reason}.", f"{change('MAIL_URL')} Then try it: `/admin/messages`"
            )
        return good("Mail", "The mail server answers and lets this site in.")
    if site.is_demo:
        return good("Mail", "None leaves a demo; it stands under Operation, Messages.")
    sentence = "No mail leaves; admins read it under Operation, Messages, and have to pass it on."
    return warning("Mail", sentence, f"Give it a mail server. {change('MAIL_URL')}")


def _database_checks(site: Site) -> Iterator[Check]:
    if is_sqlite():
        yield sqlite_check(sqlite3.sqlite_version_info)
    if not site.is_readable:
        yield bad(
            "Database",
            "It does not answer. Nothing works without it.",
            f"See whether the server of DATABASE_URL is up. {change('DATABASE_URL')} {TAKE_BACK}",
        )
    elif not site.is_migrated:
        yield bad("Database", "It is not up to date.", "Run: `flask db migrate`")
    elif site.differences:
        yield bad(
            "Database",
            f"It differs from what this version needs: {site.differences[0]}.",
            f"Run: `flask db migrate` {TAKE_BACK}",
        )
    else:
        yield good("Database", "It is up to date, with its guards against double booking.")


def payment_checks(provider_of: ProviderOf | None, has_site_key: bool, is_demo: bool, now: datetime) -> Iterator[Check]:
    """The keys on which payments are made, and what is sold by card without one; nothing without a provider."""
    if provider_of is None:
        return
    accounts, is_silent = accounts_in_use(), False
    for number, account in enumerate(accounts):
        # Of a provider that does not answer it is enough to know it once.
        if number < MOST_KEYS and not is_silent:
            is_silent = try_again(provider_of, account, now).fault == Fault.UNREACHABLE
        yield account_check(PaymentAccount.get_by_id(account.id))
    yield from further_checks(accounts, has_site_key, is_demo)


def _proxy_check(site: Site, now: Now) -> Check | None:
    met_at = last_heartbeat(UNDECLARED_PROXY)
    # Declared since, or gone: what was met long ago says nothing.
    if site.trusted_proxies or met_at is None or now.machine - met_at >= PROXY_IS_NEWS:
        return None
    return warning(
        "Proxy",
        "A proxy on this machine hands on requests, but none is declared: everybody seems to come from here, so "
        "nobody can be told apart or slowed down.",
        f"It is the number of your proxies, usually 1. {change('TRUSTED_PROXIES')}",
    )


def _drift(host: Host, now: Now, began: float) -> timedelta:
    """How far Discord's clock is ahead of the machine's, which stood at `now` when `began` was read."""
    server_time = host.server_time()
    return server_time - now.machine - timedelta(seconds=monotonic() - began)


def _servers_checks(host: Host, site: Site, now: Now) -> Iterator[Check]:
    """The site's own server with all that belongs to it, the ones of the stores in short."""
    others = [guild for guild in guilds_of_stores() if guild.discord_guild_id != site.guild_id]
    if site.guild_id:
        yield from (with_invitation(check, site.guild_id) for check in look_at_server(host, site.guild_id, now))
    elif not others:
        yield good("Server", "None is set (DISCORD_GUILD_ID), and no store has one yet.")
    for guild in others[:MOST_SERVERS]:
        yield with_invitation(look_briefly(host, guild), guild.discord_guild_id)
    if len(others) > MOST_SERVERS:
        left = len(others) - MOST_SERVERS
        yield good("Further servers", f"{left} more were not looked at. Their coaches can: Check my server.")
