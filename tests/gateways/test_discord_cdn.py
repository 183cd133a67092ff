"""What is taken for a picture from Discord's CDN, and what is not."""

import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from coaching.coaches.avatar_source import AvatarError
from gateways.discord_cdn import DiscordCdn

PNG = b"\x89PNG\r\n\x1a\n and so on"


class Handler(BaseHTTPRequestHandler):
    """Answers by the hash that is asked for."""

    def log_message(self, *_: object) -> None:
        """Nothing is said of a request."""

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        name = self.path.rpartition("/")[2].partition(".")[0]
        with suppress(OSError):
            getattr(self, name)()

    def say(self, status: int, body: bytes = PNG, **headers: str) -> None:
        self.send_response(status)
        for header, value in ({"Content_Type": "image/png", "Content_Length": str(len(body))} | headers).items():
            self.send_header(header.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def good(self) -> None:
        self.say(200)

    def a_moved(self) -> None:
        self.say(302, Location=f"http://127.0.0.1:{self.server.server_port}/avatars/1/good.png")

    def page(self) -> None:
        self.say(200, b"<script>", Content_Type="text/html")

    def huge(self) -> None:
        self.say(200, Content_Length=str(3 * 1024 * 1024))

    def endless(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.end_headers()
        for _ in range(64):
            self.wfile.write(b"x" * 65536)

    def slow(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.end_headers()
        while not self.server.is_over.wait(0.02):
            self.wfile.write(b"x")

    def gone(self) -> None:
        self.say(404)

    def busy(self) -> None:
        self.say(429)

    def broken(self) -> None:
        self.say(503)


@pytest.fixture(scope="module")
def server():
    serving = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving.daemon_threads = True
    serving.asked, serving.is_over = [], threading.Event()
    threading.Thread(target=serving.serve_forever, args=(0.01,), daemon=True).start()
    yield serving
    serving.is_over.set()
    serving.shutdown()
    serving.server_close()


def test_a_picture_is_taken_as_it_is_sent(server):
    cdn = DiscordCdn(f"http://127.0.0.1:{server.server_port}")
    assert cdn.read_avatar("1210000000000000011", "good") == PNG
    assert server.asked[-1] == "/avatars/1210000000000000011/good.png?size=256"


@pytest.mark.parametrize(
    ("avatar", "is_permanent"),
    [
        *(("a_moved", True), ("page", True), ("huge", True), ("gone", True)),
        *(("endless", False), ("busy", False), ("broken", False), ("slow", False)),
    ],
)
def test_anything_else_is_none(server, avatar, is_permanent):
    count = len(server.asked)
    # Time is what only the slow one runs out of, however busy the machine is.
    cdn = DiscordCdn(f"http://127.0.0.1:{server.server_port}", seconds=0.2 if avatar == "slow" else 20)
    with pytest.raises(AvatarError) as error:
        cdn.read_avatar("1", avatar)
    assert error.value.permanent is is_permanent
    assert len(server.asked) == count + 1  # no redirect was followed


@pytest.mark.parametrize(
    ("user_id", "avatar"),
    [("1", "../x"), ("1", "a?b"), ("1", "A1"), ("1", ""), ("1@evil", "a1"), ("", "a1"), ("１", "a1")],
)  # fmt: skip
def test_what_discord_has_not_made_is_not_even_asked_for(server, user_id, avatar):
    count = len(server.asked)
    with pytest.raises(AvatarError):
        DiscordCdn(f"http://127.0.0.1:{server.server_port}").read_avatar(user_id, avatar)
    assert len(server.asked) == count


def test_a_place_that_does_not_answer_is_asked_again_later():
    with pytest.raises(AvatarError) as error:
        DiscordCdn("http://127.0.0.1:9").read_avatar("1", "a1")
    assert not error.value.permanent
