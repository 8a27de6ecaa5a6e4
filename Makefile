# Yidu: `make demo` shows it, `make test` proves it. Everything is installed into .venv by these rules.
PYTHON ?= python3
SIZE   ?= street
PORT   ?= 8080
BIN    := .venv/bin
UV     := PYTHONPATH=build/uv $(BIN)/python -m uv
export UV_PYTHON := .venv/bin/python
export UV_LINK_MODE := copy

.PHONY: help install install-dev demo test test-long lint bench-weeks bench-peers bench-public bench-week bench-load clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

install: .venv/.installed .venv/.compiled  ## .venv with everything the product needs

install-dev: .venv/.installed-dev  ## the test tools, and Chromium for the browser tests

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Yidu needs Python 3.11 or newer; this is $$($(PYTHON) --version). Try: make PYTHON=python3.11 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Installing Debian's python3-venv"; apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv; }
	$(PYTHON) -m venv .venv && $(BIN)/pip uninstall --quiet --yes setuptools

build/uv: .venv/bin/python requirements-uv.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --target build/uv --upgrade -r requirements-uv.txt
	@touch build/uv

.venv/.installed: build/uv requirements.txt pyproject.toml
	$(UV) pip install --quiet --require-hashes -r requirements.txt
	$(UV) pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv/.compiled: .venv/.installed $(shell find solver -name '*.py')
	@echo "Compiling the solver (once, about three minutes on two cores)"
	$(BIN)/python -m solver.compile_kernels
	@touch $@

.venv/.installed-dev: .venv/.installed .venv/.compiled requirements-dev.txt
	$(UV) pip install --quiet --require-hashes -r requirements-dev.txt
	@{ command -v chromium && fc-list 2>/dev/null | grep -q "Noto Sans CJK" && $(BIN)/python -c 'import ctypes; ctypes.CDLL("libatomic.so.1")'; } >/dev/null 2>&1 || { echo "Installing Chromium, Chinese fonts and libatomic from Debian's packages"; apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk fontconfig libatomic1; }
	@touch $@

demo: install  ## a demo district, planned and served: make demo [SIZE=small|street|district] [PORT=8080]
	$(BIN)/yidu demo --size $(SIZE) --port $(PORT)

lint: install-dev  ## style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint  ## every check and every test, browser tests included (under 15 minutes on 2 cores)
	$(BIN)/pytest -n 2 --dist loadgroup -m "not long"

test-long: install-dev  ## the thorough variants: thousands of generated problems, hundreds of kills
	$(BIN)/pytest -n 2 --dist loadgroup -m "long"

bench-weeks: install  ## coverage, bound, gap and seconds on the shared weeks
	$(BIN)/python -m benchmarks.weeks

bench-peers: .venv-bench  ## the same weeks with other solvers, in the same run
	.venv-bench/bin/python -m benchmarks.peers

bench-public: install  ## the public TOPTW instances against the published values
	$(BIN)/python -m benchmarks.public

bench-week: install  ## eight simulated weeks of nights: promises kept, changes, continuity
	$(BIN)/python -m benchmarks.living_week --weeks 8 --seed 0

bench-load: install  ## 150 requests a second while a solve runs
	$(BIN)/python -m benchmarks.load --rate 150 --seconds 60 --keep

.venv-bench: .venv/.installed benchmarks/requirements.txt
	$(PYTHON) -m venv .venv-bench
	UV_PYTHON=.venv-bench/bin/python $(UV) pip install --quiet -r requirements.txt -r benchmarks/requirements.txt
	@touch .venv-bench

clean:  ## removes the environments and caches, never data/
	rm -rf .venv .venv-bench build .pytest_cache .mypy_cache .ruff_cache .hypothesis
