"""Coaches whose next sessions get no room are told."""

from coaching.alerts.emails import AboutSession, of_lost_server
from coaching.alerts.mutations import post_alert
from coaching.db import database
from coaching.now import Now
from coaching.rooms.lost_server_queries import lost_servers


def warn_of_lost_servers(site_url: str, now: Now) -> None:
    """Coaches whose coming sessions get no room, because their server was lost, are told by mail, once a day."""
    with database.atomic():
        for lost in lost_servers(now.product):
            store, first = lost.store, lost.sessions[0]
            about = AboutSession(first.code, first.title, first.starts_at)
            zone = store.owner.zone or store.zone
            letter = of_lost_server(about, len(lost.sessions), store.name, store.slug, zone, site_url)
            post_alert(store.owner, f"server:{store.id}:{now.machine:%Y-%m-%d}", letter, now.machine)
