"""`make cluster`, whose services are tests.faults.program."""

import runpy

from deploy.cluster import replicas

if __name__ == "__main__":
    replicas.PROGRAM = "tests.faults.program"
    runpy.run_module("deploy.cluster", run_name="__main__", alter_sys=True)
