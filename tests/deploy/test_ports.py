"""Servers that are started later find their ports free then."""

import socket
from pathlib import Path

from deploy import ports
from deploy.ports import PORTS, free_port

OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")


def test_no_outgoing_connection_takes_one_meanwhile():
    assert max(PORTS) < int(OUTGOING.read_text().split()[0])
    assert free_port() in PORTS


def test_of_several_in_a_row_none_is_taken(monkeypatch):
    first = free_port(in_a_row=5)
    monkeypatch.setattr(ports, "PORTS", range(first, first + 3))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", first + 1))
        assert free_port(in_a_row=3) == first + 2
