# `make demo` and `make test` do all the set-up themselves, in .venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: install demo test lint lock sbom audit clean

install: .venv/installed

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; say which: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: install
	$(BIN)/shutdowns demo

# Three sessions side by side, each with a Kafka of its own: half of the time goes by in waiting for it. Files go in
# the order of their names: long ones come first, and no session waits for another's at the end.
test: install
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The locks hold hashes and no addresses. That of the image has what it runs, in the versions that are tested here.
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --custom-compile-command "make lock"

lock:
	$(COMPILE) --all-extras --output-file requirements.lock pyproject.toml
	$(COMPILE) --extra engine --extra api --group build --constraints requirements.lock \
		--output-file ops/docker/requirements.lock pyproject.toml

# The bill of materials, and what is known to be wrong with anything in it.
sbom: install
	$(BIN)/python -m ops.supply.sbom sbom.json

audit: install
	$(BIN)/python -m ops.supply.audit

clean:
	rm -rf .venv .kafka .shutdowns .mypy_cache .pytest_cache .ruff_cache .hypothesis
