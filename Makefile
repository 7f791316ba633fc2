# Every command of the project. `make` alone lists them.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
READY := $(VENV)/.ready
TRAINING := $(VENV)-training
TRAINING_READY := $(TRAINING)/.ready
export NO_MKDOCS_2_WARNING := 1

.PHONY: help setup serve build test check editions freshness rules ledger figures models models-check lint lock browser lighthouse outside-links clean

help:  ## List the commands
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY)  ## Make .venv with exactly what requirements.lock lists

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "The handbook needs Python 3.11 or later: install it, or name it with 'make PYTHON=python3.12 ...'."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' \
	  || { echo "This Python can't make virtual environments: on Debian or Ubuntu, install python3-venv."; exit 1; }
	@echo "Installing the locked packages into $(VENV) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

serve: $(READY)  ## Open the handbook in the browser, rebuilt as you write
	@$(BIN)/handbook preview --port $(PORT)

build: $(READY)  ## Build the site into site/; any warning fails
	@$(BIN)/handbook prepare
	@$(BIN)/handbook build --strict
	@$(BIN)/handbook index
	@$(BIN)/handbook lighten
	@$(BIN)/handbook check --select SITE --site site

check: $(READY)  ## Check the chapters: path:line of every fault, and how to mend it
	@$(BIN)/handbook check

freshness: $(READY)  ## List the chapters that are due for review
	@$(BIN)/handbook freshness

rules: $(READY)  ## Write docs/checks.md anew from the rules and their cases
	@$(BIN)/handbook rules --write

ledger: $(READY)  ## Add new addresses to the ledger of what was published
	@$(BIN)/handbook publish-ledger

figures: $(READY)  ## Compute every plot anew
	@$(BIN)/python -m handbook.figures

$(TRAINING_READY): requirements-training.lock
	@echo "Installing PyTorch into $(TRAINING) ..."
	@$(PYTHON) -m venv --clear $(TRAINING)
	@$(TRAINING)/$(notdir $(BIN))/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-training.lock
	@touch $(TRAINING_READY)

models: $(TRAINING_READY)  ## Train the models of the labs anew, and write their weights
	@$(TRAINING)/$(notdir $(BIN))/python -m handbook.models.training

models-check: $(TRAINING_READY)  ## Train the models of the labs anew, and compare them with their cards
	@$(TRAINING)/$(notdir $(BIN))/python -m handbook.models.training --check

lint: $(READY)  ## Check the style of the Python code
	@$(BIN)/ruff check handbook tests benchmarks
	@$(BIN)/ruff format --check --quiet handbook tests benchmarks

browser: $(READY)  ## Find a Chromium for the tests, or install one
	@$(BIN)/python tests/browser.py

test: $(READY) lint check browser  ## Prove everything
	@$(BIN)/handbook prepare
	@echo "Tests: software, chapters, built site, browser ..."
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest  # side by side, each with one thread for its sums

editions: build browser  ## Build a release: the site with its PDF, EPUB, zip and Markdown
	@$(BIN)/handbook editions site --browser "$$($(BIN)/python tests/browser.py | sed 's/^[^:]*: //')"

lighthouse: build browser  ## Ask Lighthouse about every page, or about PAGES="genai/types/ ..." (needs npm)
	@npm install --silent --no-audit --no-fund --no-save --prefix .cache/lighthouse node@22.23.3 lighthouse@13.5.0
	@PATH="$(CURDIR)/.cache/lighthouse/node_modules/.bin:$$PATH" \
	  $(BIN)/python tests/lighthouse.py site $(if $(PAGES),--pages $(PAGES))

outside-links: build  ## Ask every outside address that the handbook links to (needs the network)
	@mkdir -p .cache
	@$(BIN)/python -m handbook.checks.outside_links site --state .cache/outside-links.json

lock:  ## Choose the newest allowed packages anew (needs uv)
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --group dev --output-file requirements.lock pyproject.toml
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --group training --output-file requirements-training.lock

clean:  ## Remove everything that can be made again
	@rm -rf $(VENV) $(TRAINING) .cache site docs/assets/vendor docs/assets/downloads \
	  docs/assets/labs/weights/retrieval.* docs/assets/figures/labs/retrieval.svg docs/data/labs/retrieval.yaml
