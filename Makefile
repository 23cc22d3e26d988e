# The front door. `make help` says what is here; CMake and the scripts under tools/ do the work.
BUILD ?= build
JOBS ?= $(shell nproc)
export PENSTOCK_DEPS

.PHONY: all help setup build demo test check format bench soak clean
all: setup $(BUILD)/build.ninja ## set up what is missing and build build/penstock
	@cmake --build $(BUILD) -j $(JOBS) --target penstock

help: ## this list
	@echo "make         set up what is missing and build build/penstock"
	@sed -nE 's/^([a-z]+):.*## (.*)/\1|\2/p' Makefile | grep -v '^all' | awk -F'|' '{printf "make %-8s%s\n", $$1, $$2}'

setup: ## install what this machine lacks: system packages, the pinned engine
	@tools/setup

$(BUILD)/build.ninja: | setup
	@cmake -S . -B $(BUILD) -G Ninja

build: $(BUILD)/build.ninja ## build everything, tests too
	@cmake --build $(BUILD) -j $(JOBS)

demo: all ## run the Telco churn example on the real file and show what came out
	@tools/demo $(BUILD)

test: ## set up, build and run every test
	@tools/setup test
	@$(MAKE) --no-print-directory build
	@tools/run_tests $(BUILD)

check: ## format, lint, include table, sanitizers, fuzzers
	@tools/setup check
	@tools/check

format: ## format the C++ sources in place
	@tools/setup check
	@tools/format

bench: all ## the churn workload against its peers (long)
	@bench/run

soak: all ## random views, concurrent writers, random operations, pipelines killed at random until stopped
	@tools/setup test
	@cmake --build $(BUILD) -j $(JOBS) --target pipeline_test run_test
	@PENSTOCK_LONG=1 $(BUILD)/run_test --gtest_brief=1 --gtest_filter='*RefreshProperty*'
	@PENSTOCK_LONG=1 $(BUILD)/pipeline_test --gtest_brief=1 --gtest_filter='*RefreshProperty*:*BenchmarkViews*'
	@PENSTOCK_LONG=1 PENSTOCK_BUILD=$(BUILD) $(or $(PENSTOCK_DEPS),.deps)/venv/bin/python -m pytest -q -p no:cacheprovider \
	  tests/python/test_concurrent_writers.py tests/python/test_random_operations.py
	@tools/soak

clean: ## remove what was built (not .deps)
	rm -rf $(BUILD) build-*
