PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
BENCH := .venv-bench/bin/python
BENCH_INSTALLED := .venv-bench/.installed
GROWTH ?= 10,100,1000,10000

.PHONY: run all test quick sweep lint types layers coverage check bench bench-small lock dependencies clean

# Reads data/raw; installs what that needs, prose included.
run: .venv/.run
	$(BIN)/python -m pipeline run

# Installs whatever a user may run: nights, sql, compare.
all: .venv/.all

test: .venv/.dev
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

# While one works: all but what kills processes, asks sites, draws pages, runs notebooks, or is long.
quick: .venv/.dev
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile \
		-m "not (kills or network or rendering or notebooks or long)"

# What `make test` samples, whole: every point at which a process is killed, all rounds of two runs at once.
sweep: .venv/.dev
	NIANBAO_EVERY_POINT=1 $(BIN)/python -m pytest --numprocesses auto --dist loadfile \
		tests/acquire/crawl/test_killed_crawl.py tests/nightly/test_killed.py tests/nightly/test_run_beside_night.py \
		tests/run/test_hostile.py tests/run/test_two_runs.py

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.dev
	$(BIN)/mypy

# Who may import whom: [tool.importlinter] in pyproject.toml.
layers: .venv/.dev
	$(BIN)/lint-imports

# All tests, and which lines none of them ran; those of a process that a test starts are not counted.
coverage: .venv/.dev
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --cov --cov-report term

check: lint types layers test

# The whole benchmark, hours on a small machine: prints the corpus, measures ours and every peer's accuracy
# and speed on it, writes docs/benchmarks.md. Besides the packages it needs what docs/benchmarks.md lists.
bench: $(BENCH_INSTALLED)
	$(BENCH) -m benchmarks.corpus
	$(BENCH) -m benchmarks.accuracy
	$(BENCH) -m benchmarks.several --expect benchmarks/expected.toml
	$(BENCH) -m benchmarks.titles --expect benchmarks/expected.toml
	$(BENCH) -m benchmarks.headings --expect benchmarks/expected.toml
	$(BENCH) -m benchmarks.claims --expect benchmarks/expected.toml
	$(BENCH) -m benchmarks.flows --expect benchmarks/expected.toml
	$(BENCH) -m benchmarks.flows --mutants 300
	$(BENCH) -m benchmarks.scans
	$(BENCH) -m benchmarks.speed --growth $(GROWTH)
	$(BENCH) -m benchmarks.report

# A representative sixty documents, one of each kind of number, a file of several reports of each kind, sixty heads
# of pages, headings of every kind, figures in words, reports without pages and five scans, ours only; fails where a
# figure is worse than benchmarks/expected.toml says.
bench-small: $(BENCH_INSTALLED)
	$(BENCH) -m benchmarks.corpus --small
	$(BENCH) -m benchmarks.accuracy --small --programs pipeline --expect benchmarks/expected.toml \
		--results benchmarks/.results/small
	$(BENCH) -m benchmarks.several --small --expect benchmarks/expected.toml
	$(BENCH) -m benchmarks.titles --small --expect benchmarks/expected.toml
	$(BENCH) -m benchmarks.headings --small --expect benchmarks/expected.toml
	$(BENCH) -m benchmarks.claims --small --expect benchmarks/expected.toml
	$(BENCH) -m benchmarks.flows --small --expect benchmarks/expected.toml
	$(BENCH) -m benchmarks.scans --small --expect benchmarks/expected.toml --results benchmarks/.results/small/scans.json

# One lock a purpose, each whole (a test holds it), with one version of a package in all of them; a larger one
# covers the smaller. The package itself is not installed: every command runs from the checkout. What is built here
# (jieba comes as source alone) is built with the setuptools of locks/build.lock, not with the newest there is.
# The locks are made on Linux: macOS and Windows would ask for what only their tests and notebooks use, and it
# has no hash.
INSTALL := -m pip install --quiet --disable-pip-version-check --require-hashes
COVERED_run := run
COVERED_all := run all
COVERED_dev := run all dev
.venv/.%: locks/build.lock locks/%.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python $(INSTALL) -r locks/build.lock
	$(BIN)/python $(INSTALL) --no-build-isolation --no-deps -r locks/$*.lock
	touch $(COVERED_$*:%=.venv/.%)

# The producers of the corpus and the programs to compare with are no business of a user: an environment apart.
$(BENCH_INSTALLED): locks/build.lock locks/bench.lock
	$(PYTHON) -m venv .venv-bench
	$(BENCH) $(INSTALL) -r locks/build.lock
	$(BENCH) $(INSTALL) --no-build-isolation -r locks/bench.lock
	touch $@

# Pins what pyproject.toml asks for, with the hashes of every platform's files. The lock of the tests comes first,
# and every other one has the versions that it has.
COMPILE := pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header --no-annotate \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links
RUN := --extra prose
ALL := $(RUN) --extra compare --extra crawl --extra scan
lock:
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet --disable-pip-version-check pip-tools
	.venv-lock/bin/$(COMPILE) --all-build-deps --only-build-deps --output-file locks/build.lock pyproject.toml
	.venv-lock/bin/$(COMPILE) $(ALL) --extra dev --output-file locks/dev.lock pyproject.toml
	.venv-lock/bin/$(COMPILE) $(ALL) --constraint locks/dev.lock --output-file locks/all.lock pyproject.toml
	.venv-lock/bin/$(COMPILE) $(RUN) --constraint locks/dev.lock --output-file locks/run.lock pyproject.toml
	.venv-lock/bin/$(COMPILE) $(ALL) --extra dev --extra bench --constraint locks/dev.lock \
		--output-file locks/bench.lock pyproject.toml
	rm -rf .venv-lock

# What is locked, under which licence and what for: docs/dependencies.md.
dependencies: .venv/.dev
	$(BIN)/python -m tools.dependencies

clean:
	rm -rf .venv .venv-bench .venv-lock .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
	rm -rf data/processed benchmarks/.corpus benchmarks/.results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
