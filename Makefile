# make         .venv with the pinned requirements and `offhook` in it
# make demo    an inbound and an outbound call, played on this machine, without any account
# make test    the tests
# make lint    style, types, and who may import whom
# make bench   what a turn costs, and what a million turns do to it; ARGS=turns for the first alone
# make docs    the generated parts of docs/ anew, from the code
# make pins    requirements.txt and tests/requirements.txt anew, from pyproject.toml
#
# PYTHON=python3.12 chooses an interpreter; ARGS="-k repeats" goes to pytest (by default -n 3: three at once).

PYTHON ?= python3
ARGS ?= -n 3

BIN := .venv/bin
# Both are newer than what they were made from; an installation that was broken off leaves neither.
RUNS := .venv/runs
TESTS := .venv/tests

PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
PINS := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-annotate --quiet

.PHONY: all demo test lint bench docs pins

all: $(RUNS)

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Offhook needs Python 3.11 or newer, and $(PYTHON) is `$(PYTHON) --version 2>&1`." \
			"Say which to take: make PYTHON=python3.11" >&2; exit 1; }
	$(PYTHON) -m venv .venv

$(RUNS): requirements.txt pyproject.toml | $(BIN)/pip
	$(PIP) install --require-hashes -r requirements.txt
	$(PIP) install --no-deps -e .
	@touch $@

$(TESTS): tests/requirements.txt $(RUNS)
	$(PIP) install --require-hashes -r tests/requirements.txt
	@touch $@

demo: $(RUNS)
	@$(BIN)/offhook demo

test: $(TESTS)
	$(BIN)/pytest $(ARGS)

lint: $(TESTS)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: ARGS = # all of it, but for what the command line says
bench: $(TESTS)
	PYTHONPATH=tests $(BIN)/python tests/bench/run.py $(ARGS)

docs: $(RUNS)
	PYTHONPATH=tests $(BIN)/python tests/docs/generate.py

pins: $(TESTS)
	$(PINS) --output-file requirements.txt
	$(PINS) --group dev --output-file tests/requirements.txt
