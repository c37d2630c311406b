# Each verb sets up what it needs. `make` lists them.
.DEFAULT_GOAL := help
.PHONY: help up check test bench soak lock clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' Makefile

up:  ## set up, then run the whole machine and open the page that shows it
	@tools/venv run
	@.venv/bin/python -m tools.frontend || true
	@exec .venv/bin/cutaway up

check:  ## formatting, lint, types, and the rules of the house
	@tools/venv test
	@tools/check

test:  ## set up, then check, then all tests: quick ones first, then the slow ones
	@tools/venv test
	@tools/test

bench:  ## measure, and hold the figures against their recorded limits
	@tools/venv test
	@.venv/bin/python -m benchmarks

soak:  ## the judge, a hundred times in a row on a loaded machine; and Valkey, asked for long
	@tools/venv test
	@.venv/bin/python -m pytest -m soak --timeout 0

lock:  ## the newest versions of everything, with hashes, into requirements/
	@tools/venv test
	@tools/lock

clean:  ## remove .venv and every cache
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
