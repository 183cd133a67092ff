"""Under which names the web's requests are tallied. Pure."""

HTTP = "http"  # by route, method and status
HTTP_SECONDS = "http_seconds"  # by route and bucket
HTTP_MS = "http_ms"  # by route: all of their milliseconds
# Upper bounds in seconds, each bucket without the one before.
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
EVERY_BUCKET = (*map(str, BUCKETS), "+Inf")
