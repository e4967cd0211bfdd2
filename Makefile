# Lianluo 联络. `make` alone prints this help.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
T ?= tests

.DEFAULT_GOAL := help
.PHONY: help run test check format lock bench faults soak clean

help:  ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(VENV)/.runtime: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (set PYTHON=…)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "venv failed: on Debian and Ubuntu install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

run: $(VENV)/.runtime  ## the demo county on http://127.0.0.1:$(PORT), till Ctrl-C
	@PORT=$(PORT) $(BIN)/python -m app demo

test: $(VENV)/.dev  ## the whole test suite (T=path for a part)
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(T)

check: $(VENV)/.dev  ## formatter, linter, types, import contracts, tests: what CI runs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test

bench: $(VENV)/.dev  ## HTTP beside pgbench on this machine; writes bench/results.md (needs wrk)
	$(BIN)/python -m bench.run

faults: $(VENV)/.dev  ## kill -9 of web, worker and PostgreSQL under load; writes docs/faults.md
	LIANLUO_WHOLE_FILES=1 $(BIN)/python -m pytest -n 2 --dist loadgroup tests/operations tests/deadlines
	$(BIN)/python -m tests.faults

soak: $(VENV)/.dev  ## the suggestion machine for 200,000 steps (hours)
	$(BIN)/python -m tests.suggestions.soak

format: $(VENV)/.dev  ## let the formatter and the linter mend what they can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(VENV)/.dev  ## resolve the dependencies anew (needs uv)
	uv pip compile -q --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 pyproject.toml -o requirements.lock
	uv pip compile -q --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
