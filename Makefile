# `make` alone lists the targets. Everything is installed into .venv; everything a site writes goes to var/.
.DEFAULT_GOAL := help
.PHONY: help setup check test proof bench drill up down deploy lock
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

PYTHON ?= python3#  # 3.11 or newer
BIN := .venv/bin
READY := .venv/ready
AZURITE := infra/local/azurite
LOCKS := requirements-bootstrap.lock requirements.lock $(AZURITE)/package-lock.json
COMPILE := $(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11

help: ## list the targets
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

setup: $(READY) ## install what the locks name; does nothing when they have not changed

$(READY): pyproject.toml $(LOCKS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make setup PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-bootstrap.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-build-isolation --compile-bytecode --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-build-isolation --no-deps --editable .
	$(BIN)/python -m infra.local.azurite.npm ci
	@touch $@

check: setup ## the fast part of `make test`: lint, format, types, import contracts, unit tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest --quiet tests/unit

test: check ## everything: `check`, then flow and integration tests against the real parts
	$(BIN)/pytest --quiet --numprocesses 2 --dist loadfile tests/flows tests/integration

proof: setup ## kill every way back at every step, audit the rows; PARTS=... for a part
	$(BIN)/python -m tests.proof $(PARTS)

bench: setup ## measure how fast rows come home, against reladiff and psql; keeps bench/results.md
	$(BIN)/python -m tests.bench

drill: setup ## build the local site, migrate, break, switch back, prove that nothing was lost
	$(BIN)/python -m infra.local drill

up: setup ## start the local site and print what runs where
	$(BIN)/python -m infra.local up

down: setup ## stop every process of the local site
	$(BIN)/python -m infra.local down

deploy: setup ## register the flows for ENVIRONMENT=dev|staging|prod with the server at PREFECT_API_URL
	$(BIN)/prefect --no-prompt deploy --name "$${ENVIRONMENT:?is not set: dev, staging or prod}" --prefect-file deployments/prefect.yaml

lock: setup ## resolve all locks anew; the worker's and the bootstrap's follow the big one
	$(COMPILE) -o requirements.lock requirements-dev.in
	$(COMPILE) --no-annotate --constraint requirements.lock -o requirements-worker.lock requirements.in
	$(COMPILE) --no-annotate --constraint requirements.lock -o requirements-bootstrap.lock requirements-bootstrap.in
	$(BIN)/python -m infra.local.azurite.npm lock
