# Two commands do all the set-up on a machine with python3.11, venv and make: `make run` and `make test`.
.DEFAULT_GOAL := help
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
# Compiled modules are kept whatever the environment says: without them each start takes twice as long.
unexport PYTHONDONTWRITEBYTECODE
# uv brings certificates of its own, which a proxy's is not among; the system's are, where it has any.
ifneq ($(wildcard /etc/ssl/certs/*),)
export UV_SYSTEM_CERTS ?= true
endif
UV := $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes

help:  ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

# uv goes into the venv first and installs the rest: several times faster than pip from nothing.
$(VENV)/uv.stamp: requirements/uv.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(VENV)/run.stamp: $(VENV)/uv.stamp requirements/run.txt requirements/build.txt pyproject.toml
	$(UV) -r requirements/run.txt -r requirements/build.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@$(BIN)/mizan --help > /dev/null  # compiles what the commands import
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements/dev.txt
	$(UV) -r requirements/dev.txt
	@touch $@

install: $(VENV)/run.stamp  ## only the environment

run: $(VENV)/run.stamp  ## start everything with a demo network and serve it
	$(BIN)/mizan run

demo: $(VENV)/run.stamp  ## play the whole story through the API and prove that the books balance
	$(BIN)/mizan demo

test: $(VENV)/dev.stamp  ## every test
	$(BIN)/pytest -n 2 --dist loadscope

check: $(VENV)/dev.stamp  ## format, lint, types, import contracts, schema
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/mizan schema export --check

prove: $(VENV)/dev.stamp  ## every proof at its full count, one summary line each
	$(BIN)/pytest -m proof --full-counts

chaos: $(VENV)/dev.stamp  ## mixed load through cut connections while server and PostgreSQL are killed, 20 times
	$(BIN)/python -m tests.chaos

bench: $(VENV)/dev.stamp  ## measured ratios, at most 10 minutes; writes docs/benchmarks.md
	$(BIN)/python -m tests.benchmarks

bench-full: $(VENV)/dev.stamp  ## the figures marked full as well
	$(BIN)/python -m tests.benchmarks --full

lock: $(VENV)/uv.stamp  ## write the lock files anew from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 pyproject.toml -o requirements/run.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --extra dev pyproject.toml -o requirements/dev.txt

clean:  ## remove the environment and every generated file
	rm -rf $$(readlink build/memory) $(VENV) build dist .mizan .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache

.PHONY: help install run demo test check prove chaos bench bench-full lock clean
