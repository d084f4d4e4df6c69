# The front door. Each recipe installs what is missing (scripts/bootstrap.sh) and leaves the work to `cargo xtask`.
# The build folder lies outside the clone: a fresh clone on a known machine is warm.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/gururmm/target
ARGS ?=

.PHONY: help run test test-platforms check gen bench e2e fmt

help: ## show this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## (.*)/  make \1\t\2/' | expand -t 24

run: ## start a server here and enrol this machine; ARGS="--port 3002 --data-dir DIR"
	@scripts/bootstrap.sh run && cargo xtask run $(ARGS)

test: ## all tests: dashboard, Rust with a real PostgreSQL, browser
	@scripts/bootstrap.sh test && cargo xtask test $(ARGS)

test-platforms: ## the Windows agent, cross-built and run under Wine
	@scripts/bootstrap.sh platforms && scripts/test-platforms.sh

check: ## format, import rules, lints, licences, generated files
	@scripts/bootstrap.sh test && cargo xtask check

gen: ## write openapi/api.json, the dashboard's types and the checked SQL again
	@scripts/bootstrap.sh run && cargo xtask gen

bench: ## measure against the budgets in docs/PERFORMANCE.md
	@scripts/bootstrap.sh run && cargo xtask bench $(ARGS)

e2e: ## only the browser tests
	@scripts/bootstrap.sh test && cargo xtask e2e $(ARGS)

fmt: ## format Rust and TypeScript
	@scripts/bootstrap.sh run && cargo xtask fmt
