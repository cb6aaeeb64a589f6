# `make demo` and `make test` do all the set-up themselves, in .venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: install demo test lint lock sbom audit clean

install: .venv/installed

# What the demo runs, and what developers need beside it: each lock is installed by uv, which is fetched first, or
# by pip where there is no uv for the machine.
.venv/demo: ops/install/demo.lock ops/install/uv.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; say which: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv --clear .venv
	@$(PIP) --only-binary :all: --require-hashes -r ops/install/uv.txt || echo "no uv for this machine: pip installs, which takes longer"
	@$(call fetch,--require-hashes -r ops/install/demo.lock)
	@$(call fetch,--no-deps --no-build-isolation -e .)
	@touch $@

.venv/installed: requirements.lock .venv/demo
	@$(call fetch,--require-hashes -r requirements.lock)
	@touch $@

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
fetch = $(BIN)/uv pip install --python $(BIN)/python $(1) || $(PIP) $(1)

demo: .venv/demo
	$(BIN)/shutdowns demo

# Three sessions side by side, each with a Kafka of its own: half of the time goes by in waiting for it. Files go in
# the order of their names: long ones come first, and no session waits for another's at the end.
test: install
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The locks hold hashes and no addresses. Those of the demo and of the image have what each runs, in the versions that
# are tested here; that of the installer has uv alone.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --custom-compile-command "make lock"
PART = $(COMPILE) --constraints requirements.lock --output-file

lock: install
	$(COMPILE) --all-extras --output-file requirements.lock pyproject.toml
	$(PART) ops/docker/requirements.lock --extra engine --extra api --group build pyproject.toml
	$(PART) ops/install/demo.lock --extra engine --extra kafka --extra api --group editable pyproject.toml
	$(PART) ops/install/uv.txt --group install

# The bill of materials, and what is known to be wrong with anything in it.
sbom: install
	$(BIN)/python -m ops.supply.sbom sbom.json

audit: install
	$(BIN)/python -m ops.supply.audit

clean:
	rm -rf .venv .kafka .shutdowns .mypy_cache .pytest_cache .ruff_cache .hypothesis
