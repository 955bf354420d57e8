# corpusmill: `make demo` and `make test` each work as the first command on a machine with Python 3.11 and make.

PYTHON  ?= $(or $(shell command -v python3.11),python3)
VENV    ?= .venv
UV      := uv==0.13.9
WORKERS ?=
RECIPE  ?= recipes/demo.yaml
INPUTS  ?= demo-inputs
RUN     ?= demo-run
RUNNER  ?=
SAMPLES ?= samples
# Another package index for torch, e.g. one with CPU builds (2 GB less). Not tried by us: we install the default.
TORCH_INDEX ?=

BIN       := $(VENV)/bin
INSTALLED := $(VENV)/.installed
ARGUMENTS  = --recipe $(RECIPE) --inputs $(INPUTS) --run $(RUN) $(if $(WORKERS),--workers $(WORKERS)) $(if $(RUNNER),-- --runner=$(RUNNER))
# Workers that are started by name (Spark, Dataflow) find this environment's Python first.
export PATH := $(abspath $(BIN)):$(PATH)

.PHONY: help install demo test lint format check corpus ingest filter dedup tokenize report train bench samples clean

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z ]+:.*## / {n = split($$1, each, " "); for (i = 1; i <= n; i++) \
	    printf "  make %-9s %s\n", each[i], $$2}' $(MAKEFILE_LIST)
	@echo "Variables: RECIPE INPUTS RUN WORKERS RUNNER (of the stages); SAMPLES; PYTHON VENV TORCH_INDEX (of the installation)"

install: $(INSTALLED) ## Make the virtual environment, with every version pinned.

# Compiled at once: where Python may not write bytecode, each worker would compile its imports again.
$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "corpusmill needs Python 3.11 or newer: make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(UV)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode -c constraints.txt \
	    $(if $(TORCH_INDEX),--index $(TORCH_INDEX) --index-strategy unsafe-best-match) -e '.[train,demo,dev]'
	touch $@

demo: $(INSTALLED) ## The whole on inputs made on the spot: dumps to a trained model.
	$(BIN)/corpusmill demo $(ARGUMENTS)

test: $(INSTALLED) ## All tests.
	$(BIN)/pytest -n 2

lint: $(INSTALLED) ## Style and types.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: $(INSTALLED) ## Mend the style.
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

check: $(INSTALLED) ## What the recipe resolves to: files, sizes, rules, and what is wrong with them.
	$(BIN)/corpusmill check --recipe $(RECIPE) --inputs $(INPUTS)

corpus: $(INSTALLED) ## Ingest, filter, dedup, tokenize, report, skipping what is done.
	$(BIN)/corpusmill corpus $(ARGUMENTS)

ingest filter dedup tokenize report train: $(INSTALLED) ## The stage of that name.
	$(BIN)/corpusmill $@ $(ARGUMENTS)

bench: $(INSTALLED) ## Our inner loops beside what they replace, as ratios.
	$(BIN)/python benchmarks/kernels.py
	$(BIN)/python benchmarks/repair.py
	$(BIN)/python benchmarks/rules.py --doubling
	$(BIN)/python benchmarks/reading.py
	$(BIN)/python benchmarks/reading.py --ingest

samples: $(INSTALLED) ## The table of docs/sources.md, from a folder of real dumps (SAMPLES).
	$(BIN)/python benchmarks/samples.py --samples $(SAMPLES) --write docs/sources.md

clean: ## Delete the demo's inputs and run (not the environment).
	rm -rf demo-inputs demo-run
