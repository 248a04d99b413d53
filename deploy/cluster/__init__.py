"""The whole distributed set on one machine: `make cluster`."""
