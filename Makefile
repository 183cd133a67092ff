# Greenroom. `make run` needs nothing before it but make and Python 3.11 or newer.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STATIC := $(wildcard static/*.css static/*.js static/*.svg)

# A .venv whose Python has gone with a system upgrade is made anew.
$(shell [ ! -e $(VENV) ] || [ -x $(BIN)/python ] || rm -rf $(VENV))

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
NOT_INSTALLED = || { echo "Nothing could be installed: is there a network? pip's own words are above. Then try again."; exit 1; }

.PHONY: help setup dev run test check types style tables audit release bench migrate lock

help:
	@echo "make run      start Greenroom; a demo unless DISCORD_BOT_TOKEN is set (PORT=8000 DATA_DIR=data)"
	@echo "make setup    install what it needs, without starting it"
	@echo "make test     run the tests but for the widest, in a browser too where Chromium is installed"
	@echo "make check    what CI runs: format, lint, types, import contracts, migrations, known holes, tests"
	@echo "make audit    look for known holes in what is installed; fails where there are any, or nothing is known"
	@echo "make release  what comes before a release: audit, then check with the widest tests, too"
	@echo "make bench    run the benchmarks"
	@echo "make migrate  bring the database up to date"
	@echo "make lock     write the lock files anew"

setup: $(VENV)/.runtime static/vendor/htmx.min.js $(VENV)/.static

# First all at once by the quicker tool, then what that leaves of the setup.
dev: $(VENV)/.dev
	@$(MAKE) --no-print-directory --silent setup

# The demo, as long as nobody gave a bot token.
ifeq ($(DISCORD_BOT_TOKEN)$(DISCORD_BOT_TOKEN_FILE),)
run migrate: export DEMO ?= 1
endif

run: setup
	@$(BIN)/python scripts/run.py

migrate: setup
	@$(BIN)/python -m flask db migrate

# Compiled once, not by each of the three runs anew. Without a browser, whoever has no test left takes over half of the
# other's; in the browser tests share a site, and stay in their order.
test check: export PYTHONDONTWRITEBYTECODE :=
export LEAVING_OUT ?= and not wide
PYTEST := $(BIN)/python -m pytest -q -n 2
# A browser on a machine that is busy with something else may miss its moment; what fails twice is broken.
ONCE_MORE := { echo "Once more those that failed …"; $(PYTEST) -m browser --last-failed --last-failed-no-failures none; }

test: dev
	@echo "Running the tests on SQLite …"
	@$(PYTEST) --dist worksteal -m "not browser $(LEAVING_OUT)"
	@echo "Running the tests on PostgreSQL …"
	@$(PYTEST) --dist worksteal -m "not browser $(LEAVING_OUT)" --database postgres
	@echo "Running the browser tests …"
	@$(PYTEST) -m "browser $(LEAVING_OUT)" || $(ONCE_MORE)

check: dev
	@echo "Checking format, lint, templates, types, import contracts and migrations …"
	@$(MAKE) --no-print-directory -j 2 types style tables
	@$(MAKE) --no-print-directory test

# Three parts of `make check` that wait for nothing of each other.
types:
	@$(BIN)/mypy --no-error-summary

style:
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/djlint --quiet --lint templates
	@$(BIN)/lint-imports --no-logo

tables:
	@rm -rf .cache/check
	@DEMO=1 DATA_DIR=.cache/check $(BIN)/python -m flask db migrate
	@DEMO=1 DATA_DIR=.cache/check $(BIN)/python -m flask db check
	@$(BIN)/python scripts/audit.py --warn

audit: dev
	@$(BIN)/python scripts/audit.py

release: audit
	@$(MAKE) --no-print-directory check LEAVING_OUT=
	@echo "Ready: tag $$($(BIN)/python -c 'from version import VERSION; print("v" + VERSION)')."

bench: dev
	@for name in $(basename $(notdir $(wildcard bench/*.py))); do echo "bench.$$name"; $(BIN)/python -m bench.$$name || exit 1; done

lock: dev
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --python-version 3.11 \
		pyproject.toml --output-file requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --python-version 3.11 \
		--extra dev --constraint requirements.lock pyproject.toml --output-file requirements-dev.lock

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Greenroom needs Python 3.11 or newer; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "Making $(VENV) …"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.runtime: requirements.lock | $(VENV)/.made
	@echo "Installing what Greenroom needs into $(VENV), by hash (about 10 seconds) …"
	@$(PIP) -r requirements.lock $(NOT_INSTALLED)
	@touch $@

# All that Greenroom needs and the tools besides. uv, itself one of them, takes a tenth of pip's time; where it does not
# get through, since the network is set up for pip alone, pip does it.
$(VENV)/.dev: requirements-dev.lock | $(VENV)/.made
	@echo "Installing Greenroom and the tools for tests and checks into $(VENV), by hash (about 10 seconds) …"
	@sed -n '/^uv==/,/[^\\]$$/p' $< > $(VENV)/uv.lock
	@$(PIP) --no-deps -r $(VENV)/uv.lock $(NOT_INSTALLED)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $< || $(PIP) -r $< $(NOT_INSTALLED)
	@touch $(VENV)/.runtime $@

static/vendor/htmx.min.js: requirements-htmx.lock scripts/fetch_htmx.py | $(VENV)/.runtime
	@echo "Fetching htmx …"
	@$(BIN)/python scripts/fetch_htmx.py
	@touch $@

$(VENV)/.static: $(STATIC) static/vendor/htmx.min.js scripts/compress_static.py
	@echo "Compressing static files …"
	@$(BIN)/python scripts/compress_static.py
	@touch $@
