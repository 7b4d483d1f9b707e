# Two targets do everything: `make ask Q="…"` and `make test`. Both set up `.venv` first, and again when
# pyproject.toml or constraints.txt changes.

Q ?= How much notice should we give before a grant ends?
VENV := .venv
BIN := $(VENV)/bin
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c "$(NEW_ENOUGH)" 2>/dev/null && { echo "$$p"; break; }; done)

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
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found. Install it, or write" \
		"make PYTHON=/path/to/python3.11." >&2; exit 2; }
	@"$(PYTHON)" -c "$(NEW_ENOUGH)" || { echo "$(PYTHON) is older than Python 3.11." >&2; exit 2; }
	"$(PYTHON)" -m venv $(VENV) || { echo "Python's venv is missing; on Debian: apt install python3-venv." >&2; exit 2; }

$(VENV)/.product: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.development: $(VENV)/.product
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev]"
	@touch $@

clean: ## remove the environment and what tools left; data/ stays
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
