"""The commands, each in a module of its own."""

import typer

from services.cli.backing_up import backup, restore
from services.cli.handing_over import hand_over
from services.cli.importing import import_command
from services.cli.lagging import lag
from services.cli.loading import load
from services.cli.plainly import plainly
from services.cli.policies import check, diff, history, publish, rollback
from services.cli.rebuilding import rebuild
from services.cli.redriving import dead_letters, redrive
from services.cli.renewing import lost, new_epoch, new_topic
from services.cli.rerouting import reroute
from services.cli.serving import migrate, relay, serve
from services.cli.showing import show
from services.cli.up import up
from services.cli.verifying import verify

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.command("up")(plainly(up))
app.command("import")(plainly(import_command))
policy = typer.Typer(
    no_args_is_help=True, help="Check, compare, publish and take back policy bundles, by two people; re-route by them."
)
policy.command("check")(plainly(check))
policy.command("diff")(plainly(diff))
policy.command("publish")(plainly(publish))
policy.command("rollback")(plainly(rollback))
policy.command("history")(plainly(history))
policy.command("reroute")(plainly(reroute))
app.add_typer(policy, name="policy")
app.command("load")(plainly(load))
app.command("show")(plainly(show))
app.command("hand-over")(plainly(hand_over))
app.command("rebuild")(plainly(rebuild))
app.command("dead-letters")(plainly(dead_letters))
app.command("redrive")(plainly(redrive))
app.command("lag")(plainly(lag))
app.command("verify")(plainly(verify))
app.command("backup")(plainly(backup))
app.command("restore")(plainly(restore))
app.command("migrate")(plainly(migrate))
app.command("serve")(plainly(serve))
app.command("relay")(plainly(relay))
app.command("new-epoch")(plainly(new_epoch))
app.command("lost")(plainly(lost))
app.command("new-topic")(plainly(new_topic))
