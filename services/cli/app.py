"""The commands, each in a module of its own."""

import typer

from services.cli.importing import import_command
from services.cli.lagging import lag
from services.cli.loading import load
from services.cli.rebuilding import rebuild
from services.cli.redriving import dead_letters, redrive
from services.cli.serving import migrate, relay, serve
from services.cli.showing import show
from services.cli.up import up
from services.cli.verifying import verify

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.command("up")(up)
app.command("import")(import_command)
app.command("load")(load)
app.command("show")(show)
app.command("rebuild")(rebuild)
app.command("dead-letters")(dead_letters)
app.command("redrive")(redrive)
app.command("lag")(lag)
app.command("verify")(verify)
app.command("migrate")(migrate)
app.command("serve")(serve)
app.command("relay")(relay)
