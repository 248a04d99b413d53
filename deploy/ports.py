"""Ports for servers that are started later, or stopped and started again on the same one."""

import random
import socket

PORTS = range(10_000, 32_000)
"""Below those of outgoing connections, of which one could take the port of a server that is not there at the moment."""


def free_port(in_a_row: int = 1) -> int:
    """A free port of the loopback address, the first of so many; raises OSError where there is none."""
    for port in random.sample(PORTS, len(PORTS)):
        if all(map(_is_free, range(port, port + in_a_row))):
            return port
    raise OSError(f"no port of 127.0.0.1 between {PORTS.start} and {PORTS.stop} is free")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
