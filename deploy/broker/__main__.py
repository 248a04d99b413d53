"""`python -m deploy.broker`: make the kit if it is not there, and say where it is."""

import sys

from deploy.broker.cache import kit
from deploy.broker.kafka import NotStarted
from deploy.broker.kit import NotFetched, NotInstalled, Unusable

try:
    print(kit().home)
except (NotFetched, NotInstalled, NotStarted, Unusable) as error:
    sys.exit(str(error))
