# Everything a person or CI runs. Each target builds .venv first, once, and again when pyproject.toml changed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test check fuzz format readme bench clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 10

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "gstream needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $(READY)

demo: $(READY) ## watch both frameworks stream through all six dialects, without a key or a network
	@$(BIN)/gstream demo

test: $(READY) ## run all tests
	@$(BIN)/python -m pytest --numprocesses auto

check: $(READY) ## lint, formatting, types
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

fuzz: $(READY) ## feed the decoder twenty thousand damaged responses of each kind
	@GSTREAM_FUZZ_EXAMPLES=20000 $(BIN)/python -m pytest tests/fuzz --numprocesses auto

format: $(READY) ## put the code in order
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

readme: $(READY) ## write the generated parts of README.md anew
	@$(BIN)/python tests/readme.py

bench: $(READY) ## measure the cost of a chunk beside the frameworks' own floor, and of a large event
	@$(BIN)/python -m benchmarks.chunks
	@$(BIN)/python -m benchmarks.large

clean: ## remove the environment and all caches
	@rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
