# The environment is made on first use and again when its inputs change; nothing is installed by hand.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint bench coverage docs clean

demo: .venv/.installed
	$(BIN)/kullback fit reviews --output runs/demo --overwrite

test: .venv/.installed
	$(BIN)/pytest --numprocesses 2 --dist loadfile

lint: .venv/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

bench: .venv/.installed
	$(BIN)/python scripts/make_benchmarks.py

coverage: .venv/.installed
	$(BIN)/python scripts/make_coverage.py

docs: .venv/.installed
	$(BIN)/mkdocs build --strict

clean:
	rm -rf .venv runs

.venv/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@
