"""Rebuild the paper whenever a source is saved, and reload the page that shows it.

The page is served to this machine alone. What reloads it is added while serving: the files of the
rendered paper stay as they were written.
"""

import contextlib
import os
import time
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Condition, Thread
from urllib.parse import urlsplit

from paper.errors import PaperError
from paper.storage.project import left_out

HOST = "127.0.0.1"
EVENTS = "/.events"
SECONDS_BETWEEN_LOOKS = 0.3
SECONDS_BETWEEN_SIGNS_OF_LIFE = 5
# A page knows the version it shows, so that none is missed, whenever it comes to listen.
RELOAD = """
<script>
  new EventSource("%s").onmessage = event => { if (event.data !== "%s") location.reload(); };
</script>
"""
NOTHING_YET = "<!DOCTYPE html><title>No paper yet</title><p>No paper yet: see the terminal.</p>"

Stamps = Mapping[Path, tuple[int, int]]


class Site(ThreadingHTTPServer):
    """The rendered paper as a local web site that tells its pages when it changes."""

    daemon_threads = True

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.version, self.changed = folder, time.time_ns(), Condition()
        super().__init__((HOST, port), partial(Handler, directory=str(folder)))

    @property
    def address(self) -> str:
        """Where the paper is read."""
        return f"http://{HOST}:{self.server_port}/"

    def publish(self) -> None:
        """Tell every open page that there is a new version."""
        with self.changed:
            self.version = time.time_ns()
            self.changed.notify_all()

    def wait_for_other(self, version: int) -> int:
        """Return the next version, or after a while the same."""
        with self.changed:
            self.changed.wait_for(lambda: self.version != version, SECONDS_BETWEEN_SIGNS_OF_LIFE)
            return self.version


class Handler(SimpleHTTPRequestHandler):
    """Serves files; adds to each page what reloads it."""

    server: Site

    def parse_request(self) -> bool:
        """Refuse who came by another name, which any site may have made lead to this machine."""
        if not super().parse_request():
            return False
        known = {f"{name}:{self.server.server_port}" for name in (HOST, "localhost")}
        named = [name.lower() for name in self.headers.get_all("Host", [])]
        if len(named) == 1 and known.issuperset(named):
            return True
        self.send_error(403)
        return False

    def do_GET(self) -> None:
        """Answer with a file, a page that reloads itself, or the events it listens to."""
        path = urlsplit(self.path).path
        if path == EVENTS:
            self._events()
        elif path.endswith(("/", ".html")):
            self._page(Path(self.translate_path(path)), is_front=path == "/")
        else:
            super().do_GET()

    def end_headers(self) -> None:
        """Let no browser keep what the next build changes."""
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing: the terminal is for the builds."""

    def _page(self, file: Path, *, is_front: bool) -> None:
        # Before the file is read: a page is never older than the version it says it is.
        version = self.server.version
        page = file / "index.html" if file.is_dir() else file
        try:
            content = page.read_bytes()
        except OSError:
            if not is_front:
                self.send_error(404)
                return
            content = NOTHING_YET.encode()
        body = content + (RELOAD % (EVENTS, version)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _events(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        version = self.server.version
        try:
            while True:
                self.wfile.write(f"data: {version}\n\n".encode())
                version = self.server.wait_for_other(version)
        except ConnectionError:
            return  # the page was closed


@contextmanager
def serve(folder: Path, port: int) -> Iterator[Site]:
    """Serve a folder in the background.

    Raises PaperError if another program has the port.
    """
    try:
        site = Site(folder, port)
    except OSError:
        raise PaperError("paper watch", f"port {port} is taken", "Choose another: --port") from None
    with site:
        Thread(target=site.serve_forever, daemon=True).start()
        try:
            yield site
        finally:
            site.shutdown()


def watch(
    root: Path, rebuild: Callable[[], object], current: Callable[[], Container[Path]]
) -> None:
    """Call `rebuild` now, and again whenever a source changed, until interrupted.

    `rebuild`: builds; tells of its own failures. `current`: returns the sources that are as the
    build left them.
    """
    seen: Stamps = {}
    while True:
        now = _settled(root)
        if now != seen:
            rebuild()
            # Before it is asked what the build left: a file saved between the two is news too.
            after = stamps(root)
            left = current()
            seen = {**now, **{file: at for file, at in after.items() if file in left}}
        time.sleep(SECONDS_BETWEEN_LOOKS)


def stamps(root: Path) -> Stamps:
    """Return time and size of every source: all files but those that builds and tools make."""
    found = {}
    for folder, folders, files in os.walk(root):
        ignored = left_out(folder, [*folders, *files])
        if Path(folder) == root:
            ignored |= {"results"}
        folders[:] = [name for name in folders if name not in ignored]
        for name in files:
            file = Path(folder) / name
            if name not in ignored:
                with contextlib.suppress(OSError):  # gone by now, as what editors write aside
                    status = file.stat()
                    found[file] = (status.st_mtime_ns, status.st_size)
    return found


def _settled(root: Path) -> Stamps:
    before, now = None, stamps(root)
    # An editor may save in several steps.
    while before != now:
        time.sleep(SECONDS_BETWEEN_LOOKS / 3)
        before, now = now, stamps(root)
    return now
