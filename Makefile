# Everything a person or CI runs. Each target builds .venv first, once, and again when pyproject.toml changed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PIP := -m pip install --quiet --disable-pip-version-check
LOWEST_PYTHON ?= $(shell python3.11 -c '' 2>/dev/null && echo python3.11 || echo $(PYTHON))

.DEFAULT_GOAL := help
.PHONY: help demo test check fuzz format readme docs screenshots bench soak test-gateways test-clients test-examples test-versions test-wheel coverage mutants reliability clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 15

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "gstream needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) (once) ..."
	@$(BIN)/python $(PIP) --editable '.[test]'
	@touch $(READY)

demo: $(READY) ## watch both frameworks stream through all six dialects, without a key or a network
	@$(BIN)/gstream demo

test: $(READY) ## run all tests
	@GSTREAM_FIGURES=build/figures/test.json $(BIN)/python -m pytest --numprocesses auto

check: $(READY) ## lint, formatting, types, known vulnerabilities
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/python -m tests.audit

fuzz: $(READY) ## feed the decoder twenty thousand damaged responses of each kind, build as many requests
	@GSTREAM_FIGURES=build/figures/fuzz.json GSTREAM_FUZZ_EXAMPLES=20000 $(BIN)/python -m pytest tests/fuzz --numprocesses auto

format: $(READY) ## put the code in order
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

readme: $(READY) ## write the generated parts of the READMEs anew
	@$(BIN)/python tests/readme.py

screenshots: $(READY) ## take pictures of the commands and pages into build/screenshots (needs chromium, tmux, fonts)
	@GSTREAM_FIGURES=build/figures/screenshots.json $(BIN)/python -m pytest tests/screens

docs: $(READY) ## write the API reference into build/docs
	@$(BIN)/python -m docs.build

.venv-bench/.ready: pyproject.toml tests/clients/requirements.txt
	@test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	@echo "installing gstream and its peers into .venv-bench (once) ..."
	@.venv-bench/bin/python $(PIP) --upgrade \
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
	@.venv-gateways/bin/python $(PIP) --requirement $<
	@touch $@

test-gateways: $(READY) .venv-gateways/.ready ## run both adapters through LiteLLM's proxy
	@GSTREAM_FIGURES=build/figures/gateways.json $(BIN)/python -m pytest tests/gateways

test-clients: .venv-bench/.ready ## run Google's own clients against the emulator
	@GSTREAM_FIGURES=build/figures/clients.json .venv-bench/bin/python -m pytest tests/clients

.venv-examples/.ready: pyproject.toml
	@test -x .venv-examples/bin/python || $(PYTHON) -m venv .venv-examples
	@echo "installing Ray into .venv-examples (once) ..."
	@.venv-examples/bin/python $(PIP) --editable '.[emulator,examples]' jsonschema pytest pytest-asyncio
	@touch $@

test-examples: .venv-examples/.ready ## kill a worker of a batch on a local Ray
	@GSTREAM_FIGURES=build/figures/examples.json .venv-examples/bin/python -m pytest tests/examples/ray_runs.py

.venv-lowest/.ready: pyproject.toml tests/versions/requirements.py
	@test -x .venv-lowest/bin/python || $(LOWEST_PYTHON) -m venv .venv-lowest
	@echo "installing the lowest versions into .venv-lowest (once) ..."
	@.venv-lowest/bin/python tests/versions/requirements.py .venv-lowest
	@.venv-lowest/bin/python $(PIP) --constraint .venv-lowest/lowest.txt --editable '.[all]'
	@.venv-lowest/bin/python $(PIP) --constraint .venv-lowest/tests.txt --editable '.[test]'
	@.venv-lowest/bin/python $(PIP) --no-deps --requirement .venv-lowest/lowest.txt
	@touch $@

.venv-newest/.ready: pyproject.toml tests/versions/requirements.py
	@test -x .venv-newest/bin/python || $(PYTHON) -m venv .venv-newest
	@echo "installing the newest versions into .venv-newest (once) ..."
	@.venv-newest/bin/python tests/versions/requirements.py .venv-newest
	@.venv-newest/bin/python $(PIP) --upgrade --upgrade-strategy eager --editable '.[test]'
	@.venv-newest/bin/python $(PIP) --upgrade --no-deps --requirement .venv-newest/frameworks.txt
	@touch $@

test-versions: .venv-lowest/.ready .venv-newest/.ready ## run the tests on the lowest and the newest versions allowed
	@.venv-lowest/bin/python -m tests.versions lowest
	@.venv-newest/bin/python -m tests.versions newest

test-wheel: $(READY) ## build the wheel, and try it alone with each extra
	@GSTREAM_FIGURES=build/figures/wheel.json $(BIN)/python -m pytest tests/packaging

coverage: $(READY) ## run the core's tests, and fail unless they reach every line and branch of it
	@$(BIN)/python -m pytest tests/core -m 'not hypothesis' --numprocesses auto --cov --cov-fail-under=0 \
		--cov-report=json:build/coverage/report.json --cov-report= \
		--deselect tests/core/test_schema.py::test_no_answer_is_too_deep
	@$(BIN)/python -m tests.coverage_figure build/coverage/report.json
	@$(BIN)/coverage report

.venv-mutants/.ready: pyproject.toml
	@test -x .venv-mutants/bin/python || $(PYTHON) -m venv .venv-mutants
	@echo "installing gstream, its tests and mutmut into .venv-mutants (once) ..."
	@.venv-mutants/bin/python $(PIP) --editable '.[test]' 'mutmut>=3.8,<4'
	@touch $@

mutants: .venv-mutants/.ready ## change one thing at a time in the core, and see that a test notices (SUBJECT=retry: one)
	@.venv-mutants/bin/python -m tests.mutants $(SUBJECT)

reliability: $(READY) ## write RELIABILITY.md from what the last runs counted
	@$(BIN)/python -m tests.reliability

clean: ## remove the environments and all caches
	@rm -rf $(VENV) .venv-bench .venv-gateways .venv-examples .venv-lowest .venv-newest .venv-mutants .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
