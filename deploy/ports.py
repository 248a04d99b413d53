"""Ports for servers that are stopped and started again on the same one."""

import random
import socket

PORTS = range(10_000, 32_000)
"""Below the ports of outgoing connections: one of those could take the port of a server that is down for a moment."""


def free_port() -> int:
    """A port of the loopback address that nobody listens on; raises OSError where there is none."""
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket() as free:
            try:
                free.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no port of 127.0.0.1 between {PORTS.start} and {PORTS.stop} is free")
