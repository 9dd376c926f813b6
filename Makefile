# `make all` makes every table and figure on the built-in simulator; `make test` runs the tests.
# Both first install the pinned requirements into .venv, if it is missing or older than requirements.txt.
VENV := .venv
PYTHONS := python3 python3.14 python3.13 python3.12 python3.11
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.PHONY: all test slow local-model check bench torture lock clean-env
.DEFAULT_GOAL := all

# Snakemake takes braces in a path for wildcards, and PATH takes a colon for the end of a folder.
ifneq (,$(or $(findstring {,$(CURDIR)),$(findstring },$(CURDIR)),$(findstring :,$(CURDIR))))
$(error The path of this folder, $(CURDIR), has a brace or a colon, with which the workflow cannot run: rename or move the folder)
endif

all: $(VENV)/installed
	snakemake --cores 8 all

test: $(VENV)/installed
	python -m pytest --numprocesses auto --dist loadscope

# Run the simulations that check intervals and tests of significance, which `make test` leaves out; takes minutes.
slow: $(VENV)/installed
	python -m pytest --numprocesses auto -m slow

# Run a tiny study on the model that is served on this machine (docs/local-model.md); takes some minutes.
local-model: $(VENV)/installed
	python -m pytest -m local_model

# Check format, lint and types.
check: $(VENV)/installed
	ruff format --check .
	ruff check .
	mypy
	snakefmt --check Snakefile rules
	snakemake --lint

# Compare our client's speed with plain HTTP clients, with a server on this machine; takes two and a half minutes.
bench: $(VENV)/installed
	python tools/benchmarks/bench.py

# Stop a small study at every call and every write in turn, and check that a rerun gives identical files; takes three minutes.
torture: $(VENV)/installed
	python tools/torture.py

# The Python is looked for in the PATH without .venv, which is made anew.
$(VENV)/installed: requirements.txt
	@command -v git >/dev/null || { echo "git is missing: install it (Debian, Ubuntu: apt-get install git) and run make again."; exit 1; }
	@PATH="$${PATH#*:}"; for python in $(PYTHONS); do \
	  if $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null; then \
	    exec $$python tools/install.py $(VENV) requirements.txt; \
	  fi; \
	done; \
	echo "Python 3.11 to 3.14 is missing: install it (Debian, Ubuntu: apt-get install python3 python3-venv) and run make again."; exit 1
	@touch $@

# Write requirements.txt after a change of pyproject.toml; needs uv.
lock:
	uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-annotate --no-header --quiet -o requirements.txt
	uv pip compile --group browser --universal --generate-hashes --no-annotate --no-header --quiet -o .ci/browser-requirements.txt
	for profile in slurm cluster-generic; do \
	  uv pip compile --group pyproject.toml:$$profile --no-deps --universal --generate-hashes --no-annotate --no-header --quiet \
	    -o profiles/$$profile/requirements.txt; \
	done

# Delete .venv; the next `make` installs it again.
clean-env:
	rm -rf $(VENV)
