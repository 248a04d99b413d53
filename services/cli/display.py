"""What a person sees while a load runs: two bars, what is waited for, the lines that were refused."""

import asyncio
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, Task, TextColumn, TimeElapsedColumn
from rich.text import Text

from services.cli.lines import Refusal
from services.cli.sending import Tally
from services.cli.terminal import plain

MOST_REFUSALS_SHOWN = 50
LOOK_SECONDS = 0.25


class Display:
    """On standard error, so that the tables can be redirected; one line a note where there is no terminal."""

    def __init__(self, lines: int) -> None:
        self._console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(""), TimeElapsedColumn())
        note = TextColumn("{task.fields[note]}", markup=False)
        self._progress = Progress(*columns, note, console=self._console, refresh_per_second=4)
        self._filing = self._progress.add_task("filing 登记", start=False, total=lines, note="", rate=True)
        self._routing = self._progress.add_task(
            "routing 派单", start=False, total=None, visible=False, note="", rate=False
        )
        self._note = ""
        self._refusals = 0

    def __enter__(self) -> "Display":
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()
        if self._refusals > MOST_REFUSALS_SHOWN:
            self._console.print(f"… and {self._refusals - MOST_REFUSALS_SHOWN:,} more lines refused")

    def say(self, note: str) -> None:
        """Show what is waited for; "" when nothing is."""
        if note and note != self._note and not self._console.is_terminal:
            self._console.print(plain(note), soft_wrap=True)
        self._note = note
        for task in (self._filing, self._routing):
            self._progress.update(task, note=note)

    def refused(self, refusal: Refusal) -> None:
        """Show a refused line by its number; of very many only the first."""
        self._refusals += 1
        if self._refusals <= MOST_REFUSALS_SHOWN:
            self._console.print(plain(f"line {refusal.number}: {refusal.code}: {refusal.detail}"), soft_wrap=True)

    async def follow(self, tally: Tally) -> None:
        """Keep the first bar at what is answered, until cancelled."""
        self._progress.start_task(self._filing)
        try:
            while True:
                self._progress.update(self._filing, completed=tally.answered)
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            self._progress.update(self._filing, completed=tally.answered)

    def routing(self, petitions: int) -> None:
        """Show the second bar."""
        self._progress.start_task(self._routing)
        self._progress.update(self._routing, total=petitions, visible=True)

    def routed(self, petitions: int) -> None:
        """Move the second bar."""
        self._progress.update(self._routing, completed=petitions)


class _Rate(TextColumn):
    """How many a second since the task started."""

    def render(self, task: Task) -> Text:
        seconds = task.finished_time or task.elapsed
        return Text(f"{task.completed / seconds:,.0f}/s" if seconds and task.fields["rate"] else "")
