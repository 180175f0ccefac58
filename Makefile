# Everything a person or CI runs. Each target builds .venv first, once, and again when pyproject.toml changed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test check fuzz format readme docs bench clean

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

fuzz: $(READY) ## feed the decoder twenty thousand damaged responses of each kind, build as many requests
	@GSTREAM_FUZZ_EXAMPLES=20000 $(BIN)/python -m pytest tests/fuzz --numprocesses auto

format: $(READY) ## put the code in order
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

readme: $(READY) ## write the generated parts of the READMEs anew
	@$(BIN)/python tests/readme.py

docs: $(READY) ## write the API reference into build/docs
	@$(BIN)/python -m docs.build

.venv-bench/.ready: pyproject.toml
	@test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	@echo "installing gstream and its peers into .venv-bench (once) ..."
	@.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --upgrade \
		--editable '.[langchain,llamaindex]' langchain-google-genai llama-index-llms-google-genai langchain-openai
	@touch .venv-bench/.ready

bench: .venv-bench/.ready ## measure gstream beside its peers and the frameworks' own floor (QUICK=1: the headlines)
	@QUICK=$(QUICK) .venv-bench/bin/python -m benchmarks

clean: ## remove the environment and all caches
	@rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
