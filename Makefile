.DEFAULT_GOAL := help
PYTHON ?= python

.PHONY: help check test lint type architecture format regild docs dist bench coverage clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

check: ## everything that continuous integration runs
	$(PYTHON) -m pytest

test: ## the tests, without those that take more than a few seconds
	$(PYTHON) -m pytest -m "not slow"

lint: ## ruff: style and formatting
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

type: ## mypy --strict
	$(PYTHON) -m mypy

architecture: ## the import contracts
	lint-imports

format: ## rewrite the sources in the house style
	$(PYTHON) -m ruff format .
	$(PYTHON) -m ruff check --fix .

regild: ## rewrite golden files, docs/facts.md and the output in all documents; read the diff before you commit it
	$(PYTHON) -m pytest --regild tests/render tests/cli
	$(PYTHON) -m pytest --regild -n0 tests/test_shown.py
	$(PYTHON) -m pytest --regild -n0 tests/test_translations.py

docs: ## build the documentation site in build/site
	$(PYTHON) -m website

dist: ## wheel and sdist in dist/, if they install and run in fresh environments
	$(PYTHON) -m pytest tests/test_packaging.py
	rm -rf dist
	$(PYTHON) -m hatchling build

bench: ## measure accuracy, speed and findings; rewrites docs/accuracy.md, docs/speed.md and docs/findings.md
	$(PYTHON) -m benchmarks.accuracy
	$(PYTHON) -m benchmarks.speed
	$(PYTHON) -m benchmarks.rules
	$(PYTHON) -m benchmarks.findings

coverage: ## record some three hundred public models, with inputs given and inferred
	for suite in torchvision timm transformers; do $(PYTHON) -m benchmarks.coverage --suite $$suite --output coverage-$$suite.jsonl; done

clean: ## remove what the tools left behind
	rm -rf build dist .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
