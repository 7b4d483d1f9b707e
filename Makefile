# Two targets do everything: `make ask Q="…"` and `make test`. Both set up `.venv` first, and again when
# pyproject.toml or constraints.txt changes.

Q ?= How much notice should we give before a grant ends?
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(firstword $(foreach v,3.13 3.12 3.11,$(shell command -v python$(v) 2>/dev/null)) python3)

.PHONY: ask ingest doctor test check format evaluate clean

ask: $(VENV)/.product ## answer the question in Q
	@$(BIN)/compact-assistant ingest --quiet
	@$(BIN)/compact-assistant ask "$(subst ",\",$(Q))"

ingest: $(VENV)/.product ## index the corpus again
	@$(BIN)/compact-assistant ingest

doctor: $(VENV)/.product ## say what is wrong with this installation
	@$(BIN)/compact-assistant doctor

test: check ## everything that CI runs
	$(BIN)/pytest

check: $(VENV)/.development ## formatting, lint, types, layering
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.development ## put the code in shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

evaluate: $(VENV)/.development ## measure retrieval, beside other recipes where they are installed
	$(BIN)/compact-assistant evaluate

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; $(PYTHON) is older. Set PYTHON=/path/to/python3.11." >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.product: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.development: $(VENV)/.product
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev]"
	@touch $@

clean: ## remove the environment and what tools left; data/ stays
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
