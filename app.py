"""Greenroom as a web application: joins settings, database, Discord, blueprints, commands and error pages."""

import logging
import os
from collections import Counter
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import commands
import logs
from blueprints import (
    access_log,
    afterwards,
    compression,
    errors,
    http_figures,
    policy,
    proxies,
    rate_limits,
    sharing,
    versions,
    web,
)
from blueprints.accounts import devices, login, oauth
from blueprints.accounts.routes import blueprint as accounts
from blueprints.addresses import SiteFlask
from blueprints.admin.routes import blueprint as admin
from blueprints.becoming.routes import blueprint as becoming
from blueprints.bumps.routes import blueprint as extras
from blueprints.calendars.routes import blueprint as calendars
from blueprints.coaches.routes import blueprint as coaches
from blueprints.dashboard.routes import blueprint as dashboard
from blueprints.directory import freshness
from blueprints.directory.routes import blueprint as directory
from blueprints.discounts.routes import blueprint as discounts
from blueprints.discovery.routes import blueprint as discovery
from blueprints.door import Door
from blueprints.figures.routes import blueprint as figures
from blueprints.folders.routes import blueprint as folders
from blueprints.invitations.routes import blueprint as invitations
from blueprints.landing import blueprint as landing
from blueprints.operation import readiness
from blueprints.operation.routes import blueprint as operation
from blueprints.partners.routes import blueprint as partners
from blueprints.payments.account import blueprint as payment_accounts
from blueprints.payments.pay import blueprint as pay
from blueprints.payments.unseated import blueprint as unseated
from blueprints.payments.webhooks import blueprint as webhooks
from blueprints.receipts.routes import blueprint as receipts
from blueprints.reviews.routes import blueprint as reviews
from blueprints.schedules.routes import blueprint as schedules
from blueprints.sessions.routes import blueprint as sessions
from blueprints.storefront.routes import blueprint as storefront
from blueprints.stores.routes import blueprint as stores
from blueprints.students.routes import blueprint as students
from blueprints.templating import QuickEnvironment
from blueprints.wizard.routes import blueprint as wizard
from coaching import resealing, schema, vault
from coaching.db import UNREADABLE
from coaching.diagnostics.actions import Site
from environment.errors import SettingsError
from gateways import deadline
from gateways.discord_cdn import DiscordCdn
from gateways.discord_secret import ApplicationLogIn
from gateways.feeds import WebFeeds
from gateways.mail import open_mailer
from gateways.stripe_events import read_event
from hints import Hint, Hints
from outside import open_host, open_payments, open_store
from settings import Settings
from version import VERSION

logger = logging.getLogger(__name__)

BLUEPRINTS = (
    *(landing, accounts, stores, wizard, extras, discounts, storefront, sessions),
    *(invitations, becoming, dashboard, schedules, calendars, operation, admin),
    *(payment_accounts, pay, webhooks, unseated, receipts, folders, partners),
    *(coaches, discovery, reviews, students, directory, figures),
)
# Flask runs what comes after a request last registered first: compression has to come last.
PARTS = (
    *(access_log, afterwards, http_figures, compression, rate_limits, web, sharing, proxies, versions),
    *(devices, policy, login, oauth, errors, readiness, freshness, commands),
)
HTMX = Path(__file__).parent / "static/vendor/htmx.min.js"
LARGEST_UPLOAD = 10 * 1024 * 1024
# Eight threads answer (gunicorn.conf.py), and beside them work those of hints, afterwards, HTTP figures and readiness.
CONNECTIONS = 8 + 4


def create_app(settings: Settings | None = None) -> Flask:
    """The Flask application; without `settings` they come from the environment."""
    os.umask(0o077)  # SQLite would make files that everybody on the machine may read
    settings = settings or Settings.from_env(os.environ)
    logs.set_up(None, settings.demo, settings.log_level, settings.secrets)
    if not HTMX.exists():
        raise RuntimeError("static/vendor/htmx.min.js is missing; `make setup` fetches it.")
    app = SiteFlask(__name__)
    app.jinja_environment = QuickEnvironment
    # There are only so many templates: none is ever thrown out, and nobody has to note which was asked for last.
    app.jinja_options = app.jinja_options | {"cache_size": -1}
    if app.debug and not settings.demo:
        raise SettingsError("FLASK_DEBUG works with DEMO=1 only: its error pages would show secrets to strangers.")
    app.config.update(flask_config(settings))
    app.extensions["door"] = Door(app)
    by_name = web.with_plain_host(app.extensions["door"], urlsplit(settings.app_url).netloc)
    app.wsgi_app = ProxyFix(by_name, *[settings.trusted_proxies] * 3)  # type: ignore[method-assign]  # as Flask advises
    open_store(settings, CONNECTIONS)
    connect(app, settings)
    for part in PARTS:
        part.init_app(app)
    # What gunicorn.conf.py lets a process finish that stops, in this order: a mail to write, then the hint to send it.
    app.extensions["last_works"] = (app.extensions["afterwards"].finish, hints.wait_until_empty)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    web.refuse_head(app)
    # After the form has been read: whoever sends slowly takes nobody's place meanwhile.
    app.before_request(rate_limits.take_place)
    app.teardown_request(rate_limits.leave_place)
    return app


def connect(app: Flask, settings: Settings) -> None:
    """The application reaches what is outside of it: Discord, payments, mail, calendars, and the worker's queue."""
    app.extensions["settings"] = settings
    app.extensions["host"] = open_host(settings)
    app.extensions["sign_in_host"] = ApplicationLogIn(
        settings.discord_api_url, settings.discord_client_id, settings.discord_client_secret, settings.app_url
    )
    app.extensions["deadline"] = deadline
    app.extensions["mailer"] = open_mailer(settings.mail_url, settings.site_name)
    app.extensions["avatars"] = DiscordCdn(settings.discord_cdn_url)
    app.extensions["feeds"] = WebFeeds(allows_loopback=settings.demo)
    app.extensions["read_event"] = read_event
    app.extensions["provider_of"] = open_payments(settings)
    app.extensions["site"] = partial(site_now, app)
    app.extensions["wake_rooms"] = wake_rooms
    app.extensions["wake_lists"] = wake_lists
    app.extensions["watch_room"] = watch_room
    app.extensions["wake_notices"] = wake_notices
    app.extensions["wake_exports"] = wake_exports
    app.extensions["wake_calendars"] = wake_calendars
    app.extensions["wake_payments"] = wake_payments
    app.extensions["queue_depth"] = queue_depth
    app.extensions["queue_answers"] = queue_answers


def wake_rooms() -> None:
    """Ask the worker to see what has changed for the rooms."""
    hints.add(("wake_rooms", ()))


def wake_lists() -> None:
    """Ask the worker to see what has changed for public lists."""
    hints.add(("wake_lists", ()))


def watch_room(room_id: int) -> None:
    """Ask the worker to look who is in this room."""
    hints.add(("watch_room", (room_id,)))


def wake_notices() -> None:
    """Ask the worker to send what waits in the outbox."""
    hints.add(("deliver_notices", ()))


def wake_exports() -> None:
    """Ask the worker to put together what people want to download about themselves."""
    hints.add(("put_data_together", ()))


def wake_calendars() -> None:
    """Ask the worker to read the outside calendars that are due."""
    hints.add(("read_calendars", ()))


def wake_payments() -> None:
    """Ask the worker to see what has become of payments and refunds."""
    hints.add(("settle_payments", ()))


def enqueue(hint: Hint) -> None:
    """Put a hint into the queue. Losing it costs a moment, so a queue that fails does not fail what was committed."""
    import tasks  # opens the queue, which only a process that enqueues needs

    name, arguments = hint
    with tasks.connected():
        getattr(tasks, name)(*arguments)


hints = Hints(enqueue)


def queue_answers() -> bool:
    """True when the queue can be read and takes what is put into it."""
    try:
        import queues
        import tasks
    except Exception:
        return False
    return queues.answers(tasks.huey)


def queue_depth() -> int | None:
    """How many tasks wait in the queue, or None when it cannot be read."""
    try:
        import queues
        import tasks
    except Exception:
        return None
    return queues.depth_of(tasks.huey)


def site_now(app: Flask) -> Site:
    """What the doctor is told: the settings it has to know, and how queue and tables are."""
    settings: Settings = app.extensions["settings"]
    is_readable, is_migrated, differences = True, False, list[str]()
    sealed = Counter[vault.Standing]()
    try:
        is_migrated = not schema.pending()
        differences = schema.differences() if is_migrated else []
        sealed = sealed if differences or not is_migrated else resealing.sample()
    except UNREADABLE:
        is_readable = False
    return Site(
        version=VERSION,
        app_url=settings.app_url,
        client_id=settings.discord_client_id,
        sign_in=app.extensions["sign_in_host"],
        data_dir=settings.data_dir,
        guild_id=settings.discord_guild_id,
        trusted_proxies=settings.trusted_proxies,
        mailer=app.extensions["mailer"],
        makes_backups=settings.backup_count > 0,
        is_demo=settings.demo,
        queue_depth=app.extensions["queue_depth"](),
        is_readable=is_readable,
        is_migrated=is_migrated,
        differences=tuple(differences),
        sealed=sealed,
        provider_of=app.extensions["provider_of"],
        has_stripe_key=bool(settings.stripe_secret_key),
        signup=settings.signup,
        coach_signup=settings.coach_signup,
    )


def flask_config(settings: Settings) -> dict[str, object]:
    """What Flask and its extensions read: cookie, hosts, sizes."""
    newest, *older = settings.cookie_keys
    return {
        "SECRET_KEY": newest,
        "SECRET_KEY_FALLBACKS": older,
        "SESSION_COOKIE_NAME": settings.cookie_name,
        "SESSION_COOKIE_SECURE": settings.is_https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": 60 * 24 * 60 * 60,
        "TRUSTED_HOSTS": settings.trusted_hosts,
        "MAX_CONTENT_LENGTH": LARGEST_UPLOAD + 64 * 1024,
        "APP_URL": settings.app_url,
        "DEMO": settings.demo,
        "VERSION": VERSION,
        "WAYS": settings.ways,
        "WTF_CSRF_ENABLED": False,  # one same-origin check in blueprints/same_origin.py instead
    }
