# Every target sets up what it needs; nothing is done twice. PYTHON=... chooses the interpreter.

BIN := .venv/bin
PYTHON ?= python3
export PYTHON

.PHONY: help venv setup demo demo-pico-w test test-boards check lint bench fuzz coverage clean distclean

help:
	@echo 'make demo       print a sample document through the whole path'
	@echo 'make demo-pico-w  the same on an emulated Pico W that runs MicroPython as it is downloaded (minutes)'
	@echo 'make test       set everything up, then lint and all tests but the longest of the emulated Pico W'
	@echo 'make test-boards  these: many power cuts, and the command that users call'
	@echo 'make check      lint and the fast tests (under two minutes)'
	@echo 'make lint       ruff, mypy, and the firmware through the MicroPython compiler'
	@echo 'make bench      measure latency, throughput and heap'
	@echo 'make fuzz       fuzz each reader for FUZZ_SECONDS=60, or one: FUZZ=ipp FUZZ_SECONDS=0 (until stopped)'
	@echo 'make coverage   which branches of the firmware the tests take (ten minutes)'
	@echo 'make setup      the virtual environment and, as root, the packaged ippserver'
	@echo 'make clean      remove what runs left behind'
	@echo 'make distclean  remove the virtual environment and the caches too'

venv:
	@sh tools/bootstrap.sh

setup: venv
	@$(BIN)/fetchprint setup

demo: venv
	@$(BIN)/fetchprint demo

demo-pico-w: venv
	@$(BIN)/fetchprint demo --runtime pico-w

bench: setup
	@$(BIN)/fetchprint bench

FUZZ ?= ipp http pwg urf text gzip journal x509 link session
FUZZ_SECONDS ?= 60

fuzz: venv
	@for target in $(FUZZ); do $(BIN)/python host_tests/fuzz/run.py $$target $(FUZZ_SECONDS) || exit 1; done

lint: venv
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m fetchprint_tools.mpycheck

check: lint
	$(BIN)/pytest -n 2 --dist loadfile -m 'not slow and not system'

test: setup lint
	$(BIN)/pytest -n 2 --dist loadfile -m 'not board' --durations=15

test-boards: setup
	$(BIN)/pytest -m board

coverage: venv
	$(BIN)/python host_tests/branches/run.py

clean:
	rm -rf demo-out bench-out dist .pytest_cache .ruff_cache .hypothesis .cache/mypy
	find firmware tools host_tests -name __pycache__ -prune -exec rm -rf {} +
	find firmware tools host_tests -name '*.mpy' -delete

distclean: clean
	@! grep -qs " $(CURDIR)/.cache/" /proc/self/mounts || { echo 'error: something is mounted in .cache: unmount it first' >&2; exit 1; }
	rm -rf --one-file-system .venv .cache
