# `make up` needs python3 (3.11 or later) with venv, and nothing else. `make` alone lists the targets.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
DATA ?= data
DISTRICT ?= deploy/districts/ganjingzi
PYTEST ?=
BENCH ?=
UPGRADE ?=
SEED ?=
SECONDS ?= 900
TARGET ?= cluster
FAULTS ?=

REPLICAS ?=
KAFKA ?=
DATABASE_URL ?=

BROWSER := chromium fonts-noto-cjk libatomic1
BROKER := default-jre-headless maven
DATABASE := postgresql
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
COMPILE := $(BIN)/uv pip compile --quiet pyproject.toml --universal --python-version 3.11 --generate-hashes --no-annotate --no-header

.PHONY: help up cluster cluster-stop check lint test browser broker database clocks faults bench docs constraints clean

help:
	@echo 'make up      serve on http://$(HOST):$(PORT), data in $(DATA) (PORT, HOST and DATA can be set),'
	@echo '             DISTRICT where none was imported yet: $(DISTRICT)'
	@echo 'make cluster       the same as processes of their own on PostgreSQL and Kafka, data in $(CLUSTER_DATA)'
	@echo 'make cluster-stop  end that'
	@echo 'make check   format, lint, types, imports and the fast tests'
	@echo 'make test    everything, with the browser, PostgreSQL, Apache Kafka and the wheel'
	@echo 'make bench   benchmarks'
	@echo 'make faults  everything killed, paused and lost under load, and every promise checked'
	@echo '             (SEED, SECONDS=$(SECONDS), TARGET=cluster or embedded); docs/faults.md'
	@echo 'make docs    renew what follows from the code: lists in docs/, JSON Schemas, AsyncAPI'
	@echo 'make clean   remove the environment, caches and builds; never the data'

up: $(VENV)/.runtime
	@exec $(BIN)/gridcase up --district '$(DISTRICT)' --host '$(HOST)' --port '$(PORT)' --data '$(DATA)'

# Servers of your own: DATABASE_URL=postgresql://… KAFKA=host:9092 (KAFKA=none: without). REPLICAS='router=3 relay=1'.
CLUSTER_DATA = $(if $(filter file,$(origin DATA)),data-cluster,$(DATA))
CLUSTER = PORT='$(PORT)' HOST='$(HOST)' DATA='$(CLUSTER_DATA)' DISTRICT='$(DISTRICT)' REPLICAS='$(REPLICAS)' \
  KAFKA='$(KAFKA)' DATABASE_URL='$(DATABASE_URL)' $(BIN)/python -m deploy.cluster

cluster: $(VENV)/.runtime $(if $(DATABASE_URL),,database) $(if $(KAFKA),,broker)
	@exec env $(CLUSTER)

cluster-stop: $(VENV)/.runtime
	@exec env $(CLUSTER) stop

check: lint
	$(BIN)/python -m pytest -m 'not slow and not browser and not postgres and not kafka and not cluster' $(PYTEST)

lint: $(VENV)/.development
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

test: lint browser broker database
	$(BIN)/python -m pytest $(PYTEST)

# The browser tests drive Debian's Chromium through Playwright, whose own node needs libatomic1; the pages are in Chinese.
browser:
	@dpkg-query --show $(BROWSER) >/dev/null 2>&1 || { \
	  [ "$$(id -u)" = 0 ] || { echo 'The browser tests need: apt-get install $(BROWSER)' >&2; exit 1; }; \
	  apt-get update -qq; \
	  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $(BROWSER) >/dev/null; }

# The broker tests run a real Apache Kafka, which Maven fetches once for the machine (deploy/broker).
broker: $(VENV)/.runtime
	@command -v java >/dev/null && command -v mvn >/dev/null || { \
	  [ "$$(id -u)" = 0 ] || { echo 'The broker tests need: apt-get install $(BROKER)' >&2; exit 1; }; \
	  apt-get update -qq; \
	  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $(BROKER) >/dev/null; }
	@$(BIN)/python -m deploy.broker

# PostgreSQL 15 or later, as Debian has it; or the one that GRIDCASE_POSTGRES names (deploy/database).
database: $(VENV)/.runtime
	@$(BIN)/python -m deploy.database >/dev/null 2>&1 || { \
	  [ "$$(id -u)" = 0 ] || { echo 'PostgreSQL is needed: apt-get install $(DATABASE)' >&2; exit 1; }; \
	  apt-get update -qq; \
	  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $(DATABASE) >/dev/null; }

# Processes with a clock of their own run with libfaketime.
clocks:
	@dpkg-query --show faketime >/dev/null 2>&1 || { \
	  [ "$$(id -u)" = 0 ] || { echo 'Wrong clocks need: apt-get install faketime' >&2; exit 1; }; \
	  apt-get update -qq; \
	  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends faketime >/dev/null; }

faults: $(VENV)/.development broker database clocks
	@$(BIN)/python -m tests.faults $(if $(SEED),--seed $(SEED)) --seconds $(SECONDS) --target $(TARGET) $(FAULTS)

bench: $(VENV)/.development
	$(BIN)/python -m bench $(BENCH)

# The schemas first: what would break a reader stops here.
docs: $(VENV)/.development
	$(BIN)/python docs/contract.py
	$(BIN)/python docs/generate.py
	$(BIN)/python -m tests.docs.commands

# Both sets name every package with its hashes and no host; the development set keeps the versions of the runtime set.
constraints: $(VENV)/.development
	$(COMPILE) $(UPGRADE) --group build --output-file constraints.txt
	$(COMPILE) $(UPGRADE) --group dev --constraints constraints.txt --output-file constraints-dev.txt

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'gridcase needs Python 3.11 or later; name one with PYTHON=…' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo 'gridcase needs venv: apt-get install python3-venv' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: constraints.txt pyproject.toml | $(BIN)/python
	@echo 'Installing the packages of constraints.txt into $(VENV) …'
	@$(PIP) install --require-hashes --only-binary :all: -r constraints.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.development: constraints-dev.txt $(VENV)/.runtime
	@echo 'Installing the packages of constraints-dev.txt into $(VENV) …'
	@$(PIP) install --require-hashes --only-binary :all: -r constraints-dev.txt
	@touch $@
