"""`gridcase`: run it, bring data in, look at it, mend it."""

from services.cli.app import app

__all__ = ["app"]
