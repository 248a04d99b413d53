"""A real server and a real Chromium that looks at its pages."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Request, async_playwright

from tests.serving import Door, in_thread

DISTRICT = Path(__file__).with_name("district.yaml")
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """One gridcase for all tests of the pages; each test files its own petitions."""
    with in_thread(tmp_path_factory.mktemp("console") / "data", district=DISTRICT) as opened:
        yield opened


@pytest.fixture
def unused(tmp_path: Path) -> Iterator[Door]:
    """A gridcase into which nothing was imported."""
    with in_thread(tmp_path / "data", district=None) as opened:
        yield opened


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@dataclass
class Window:
    """A browser window of its own, and all that went wrong in it: errors, refusals of the policy, dialogs."""

    page: Page
    trouble: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.on("requestfailed", self._failed)
        self.page.on("dialog", self._asked)

    def was_answered_with(self, status: int) -> None:
        """Chromium notes error pages on its console; this one was asked for."""
        assert f"status of {status}" in "".join(self.trouble)
        self.trouble = [line for line in self.trouble if f"status of {status}" not in line]

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.trouble.append(message.text)

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a newer request took its place
            self.trouble.append(f"{request.url}: {request.failure}")

    async def _asked(self, dialog: Dialog) -> None:
        self.trouble.append(f"dialog: {dialog.message}")
        await dialog.dismiss()


Opening = Callable[..., Awaitable[Window]]


@pytest.fixture
async def window(chromium: Browser, door: Door) -> AsyncIterator[Opening]:
    """Open a page in a window of its own: `await window("/", width=390)`. Any trouble fails the test at its end."""
    windows: list[Window] = []
    contexts: list[BrowserContext] = []

    async def opened(path: str, *, width: int = 1280, scripts: bool = True, url: str = door.url) -> Window:
        viewport = {"width": width, "height": 844}
        context = await chromium.new_context(base_url=url, viewport=viewport, java_script_enabled=scripts)  # type: ignore[arg-type]
        contexts.append(context)
        one = Window(await context.new_page())
        one.watch()
        windows.append(one)
        await one.page.goto(path)
        return one

    yield opened
    for context in contexts:
        await context.close()
    assert not [line for one in windows for line in one.trouble]
