"""The browser files of others are the published ones, with their licences, and work under a strict policy."""

import functools
import http.server
import json
import shutil
import threading
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

MOST_BYTES = 3_000_000
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
DOCS = """<!doctype html><html lang="en"><meta charset="utf-8"><title>API</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/static/vendor/swagger-ui/swagger-ui.css">
<div id="swagger-ui" data-openapi="/openapi.json"></div>
<script src="/static/vendor/swagger-ui/swagger-ui-bundle.js"></script><script src="/static/docs.js"></script></html>"""
HTMX = """<!doctype html><html lang="en"><meta charset="utf-8"><title>htmx</title>
<link rel="icon" href="data:,">
<script src="/static/vendor/htmx/htmx.min.js"></script><script src="/static/vendor/htmx/hx-sse.min.js"></script>
<button hx-get="/fragment" hx-target="#target">load</button><div id="target"></div></html>"""
OPENAPI = {
    "openapi": "3.1.0",
    "info": {"title": "gridcase", "version": "1"},
    "paths": {"/v1/petitions": {"post": {"responses": {"201": {"description": "Filed"}}}}},
}
PAGES = {"/docs": DOCS, "/htmx": HTMX, "/fragment": "<p id='loaded'>here</p>", "/openapi.json": json.dumps(OPENAPI)}


@pytest.fixture(scope="module")
def static(root: Path) -> Path:
    """The console's static files."""
    return root / "services" / "console" / "static"


@pytest.fixture(scope="module")
def listed(static: Path) -> dict[str, str]:
    """File → sha256, as VERSIONS says."""
    lines = (static / "vendor" / "VERSIONS").read_text(encoding="utf-8").splitlines()
    return {file: digest for digest, file in (line.split() for line in lines if len(line.split()) == 2)}


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Serves PAGES and the static files under the strict policy."""

    def do_GET(self) -> None:
        page = PAGES.get(self.path)
        if page is None:
            self.path = self.path.removeprefix("/static")
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/json" if page.startswith("{") else "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page.encode())

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture(scope="module")
def site(static: Path) -> Iterator[str]:
    """A site of bare pages that load the vendored files."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, directory=str(static)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser objects to: scripts that fail, and everything the policy blocks."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


def test_every_file_is_the_published_one_and_none_is_unlisted(static, listed):
    vendor = static / "vendor"
    there = {
        path.relative_to(vendor).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in vendor.rglob("*")
        if path.is_file() and path.name != "VERSIONS"
    }
    assert there == listed


def test_every_package_comes_with_its_licence(static):
    assert not [
        folder.name for folder in (static / "vendor").iterdir() if folder.is_dir() and not (folder / "LICENSE").exists()
    ]


def test_they_stay_small(static):
    assert sum(path.stat().st_size for path in (static / "vendor").rglob("*") if path.is_file()) < MOST_BYTES


@pytest.mark.browser
def test_swagger_ui_works_under_a_strict_policy(site, page, complaints):
    page.goto(f"{site}/docs")
    page.locator(".opblock-post").click()
    page.get_by_text("Execute").wait_for()
    assert not complaints


@pytest.mark.browser
def test_htmx_works_under_a_strict_policy(site, page, complaints):
    page.goto(f"{site}/htmx")
    page.get_by_text("load").click()
    page.locator("#loaded").wait_for()
    assert not complaints
