# The front door. `make` alone lists what there is.
SHELL := /bin/sh
.DEFAULT_GOAL := help

VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ARGS ?=

# One worker more than usual: tests/prometheus/test_live.py waits for minutes while the others work.
WORKERS ?= 3
PYTEST := $(BIN)/pytest -n $(WORKERS) --dist worksteal

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: $(STAMP) ## Make .venv and compile slos/ into generated/
	$(BIN)/slogen build

.PHONY: env
env: $(STAMP) ## Make .venv, or bring it up to pyproject.toml

# The newest Python that the project is tested with and that can make environments; else whatever python3 is.
$(STAMP): pyproject.toml
	@set -eu; \
	fits='import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))'; \
	for python in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
	  if "$$python" -c "$$fits" >/dev/null 2>&1; then break; fi; \
	  python=; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "make: Python 3.11 or later with venv is wanted (Debian: apt-get install python3-venv), or PYTHON=/path/to/it" >&2; \
	  exit 1; \
	fi; \
	echo "$(VENV): $$("$$python" --version)"; \
	"$$python" -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

.PHONY: tools
tools: ## Have prometheus, promtool and a node exporter on PATH
	scripts/tools.sh debian

.PHONY: test
test: $(STAMP) tools ## Run the whole suite on the Prometheus on PATH
	$(PYTEST) $(ARGS)

.PHONY: test-matrix
test-matrix: $(STAMP) tools ## Run the behaviour tests on the Prometheus on PATH and on the pinned 3.x
	env -u SLOGEN_PROMETHEUS_BIN $(PYTEST) -m prometheus $(ARGS)
	bin=$$(scripts/tools.sh go) && SLOGEN_PROMETHEUS_BIN=$$bin $(PYTEST) -m prometheus $(ARGS)

.PHONY: test-editor
test-editor: $(STAMP) ## Try the JSON Schemas in the YAML language server (npm)
	folder=$$(scripts/tools.sh editor) && SLOGEN_LANGUAGE_SERVER=$$folder $(BIN)/pytest tests/editor/schemas.py $(ARGS)

.PHONY: test-grafana
test-grafana: $(STAMP) tools ## Open every dashboard in the Grafana at GRAFANA_URL, in headless Chromium (docs/dashboards.md)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,grafana]'
	$(BIN)/python tests/grafana $(ARGS)

.PHONY: prove
prove: $(STAMP) tools ## Judge the alerts of slos/ on promtool
	$(BIN)/slogen test

.PHONY: incident
incident: $(STAMP) tools ## Replay the payments outage on a real Prometheus: who spoke when (docs/incident.md)
	$(BIN)/python bench/incident

.PHONY: lint
lint: $(STAMP) ## Check style, and that what is generated is up to date
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/slogen build --check
	$(BIN)/python scripts/docs.py --check

.PHONY: types
types: $(STAMP) ## Check types
	$(BIN)/mypy

.PHONY: docs
docs: $(STAMP) ## Write the reference pages of docs/ and the JSON Schema anew
	$(BIN)/python scripts/docs.py

.PHONY: bench
bench: $(STAMP) ## Measure slogen beside its peers and write docs/benchmarks.md
	$(BIN)/python bench/compare/peers.py
	bin=$$(scripts/tools.sh go) && SLOGEN_PROMETHEUS_BIN=$$bin $(BIN)/python bench/compare $(ARGS)

.PHONY: bench-docs
bench-docs: $(STAMP) ## Write docs/benchmarks.md anew from the kept figures
	$(BIN)/python bench/compare --docs
