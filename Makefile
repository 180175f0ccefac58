# Everything a person or CI runs. Each target builds .venv first, once, and again when pyproject.toml changed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test check fuzz format readme docs bench soak test-gateways test-clients test-examples clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 15

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

.venv-bench/.ready: pyproject.toml tests/clients/requirements.txt
	@test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	@echo "installing gstream and its peers into .venv-bench (once) ..."
	@.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --upgrade \
		--editable '.[langchain,llamaindex,emulator]' langchain-openai jsonschema pytest pytest-asyncio \
		--requirement tests/clients/requirements.txt
	@touch .venv-bench/.ready

bench: .venv-bench/.ready ## measure gstream beside its peers and the frameworks' own floor (QUICK=1: the headlines)
	@QUICK=$(QUICK) .venv-bench/bin/python -m benchmarks

soak: $(READY) ## stream two hundred answers at once for ten minutes, with random faults
	@$(BIN)/python -m tests.soak

.venv-gateways/.ready: tests/gateways/requirements.txt
	@test -x .venv-gateways/bin/python || $(PYTHON) -m venv .venv-gateways
	@echo "installing LiteLLM's proxy into .venv-gateways (once) ..."
	@.venv-gateways/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

test-gateways: $(READY) .venv-gateways/.ready ## run both adapters through LiteLLM's proxy
	@$(BIN)/python -m pytest tests/gateways

test-clients: .venv-bench/.ready ## run Google's own clients against the emulator
	@.venv-bench/bin/python -m pytest tests/clients

.venv-examples/.ready: pyproject.toml
	@test -x .venv-examples/bin/python || $(PYTHON) -m venv .venv-examples
	@echo "installing Ray into .venv-examples (once) ..."
	@.venv-examples/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[test,examples]'
	@touch $@

test-examples: .venv-examples/.ready ## kill a worker of a batch on a local Ray
	@.venv-examples/bin/python -m pytest tests/examples/ray_runs.py

clean: ## remove the environments and all caches
	@rm -rf $(VENV) .venv-bench .venv-gateways .venv-examples .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
