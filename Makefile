# Everything runs in a virtual environment inside the checkout, so the system's Python stays as it is.

PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3,$(if $(shell command -v $(name)),$(name))))
VENV := .venv
BIN := $(VENV)/bin
VALIDATORS := .cache/validators
# One more than there are cores: some tests wait for a disk, a server or a browser.
WORKERS := $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) + 1 )))
PROJECTS := pyproject.toml contrib/placket-twins/pyproject.toml contrib/placket-postgres/pyproject.toml

.PHONY: help demo test lint format docs bench clean

help:
	@echo "make demo [PHOTO=photo.jpg]   tag a garment picture and show who says what"
	@echo "make test                     run the tests"
	@echo "make lint                     run the linters and type checkers"
	@echo "make format                   put the code into the house format"
	@echo "make docs                     make a site of the documentation, in docs/_build"
	@echo "make bench                    run the benchmarks"
	@echo "make clean                    remove what these commands made"

demo: $(VENV)/.demo
	$(BIN)/placket demo $(if $(PHOTO),'$(PHOTO)')

# The tests share the cores as processes; threads of NumPy's algebra beside them double the work.
test: export OPENBLAS_NUM_THREADS = 1
# Some containers forbid Python to keep compiled code: the tests start hundreds of processes that would compile it anew.
test: export PYTHONDONTWRITEBYTECODE =
test: $(VENV)/.dev $(VALIDATORS)/.ready
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy tests/typing
	$(BIN)/basedpyright
	$(BIN)/lint-imports

format: $(VENV)/.dev
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

docs: $(VENV)/.dev
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going docs docs/_build

bench: $(VENV)/.dev
	$(BIN)/python tests/benchmarks/run.py

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Placket needs Python 3.11, 3.12 or 3.13; install one, or name it: make PYTHON=/path/to/python"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
		|| { echo "Placket needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is another; name one: make PYTHON=/path/to/python"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(BIN)/python $(PROJECTS)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[local]' -e contrib/placket-twins
	@touch $@

$(VENV)/.dev: $(BIN)/python $(PROJECTS)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]' -e contrib/placket-twins -e 'contrib/placket-postgres[dev]'
	@touch $@

# The judges of 3D files come from npm. Without npm the tests that need them are skipped, and say so.
$(VALIDATORS)/.ready: Makefile
	@mkdir -p $(VALIDATORS)
	@if command -v npm > /dev/null; then \
		echo '{"private": true}' > $(VALIDATORS)/package.json; \
		cd $(VALIDATORS) && npm install --silent --no-package-lock --no-audit --no-fund \
			gltf-validator @google/model-viewer three puppeteer-core; \
	else echo "npm is not installed: tests/validators will be skipped"; fi
	@touch $@

clean:
	rm -rf $(VENV) .cache docs/_build placket-demo .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
