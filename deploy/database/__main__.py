"""`python -m deploy.database`: say where PostgreSQL's programs are."""

import sys

from deploy.database import NoPostgres, postgres_binaries

try:
    print(postgres_binaries())
except NoPostgres as error:
    sys.exit(str(error))
