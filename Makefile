# The front door. Each recipe installs what is missing (scripts/bootstrap.sh) and leaves the work to `cargo xtask`.
# The build folder lies outside the clone: a fresh clone on a known machine is warm.
export CARGO_TARGET_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/gururmm/target
# rustup is there before a new shell knows
export PATH := $(PATH):$(or $(CARGO_HOME),$(HOME)/.cargo)/bin
ARGS ?=

.PHONY: help run test test-platforms check gen bench demo soak load fuzz fuzz-api e2e dist fmt

help: ## show this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## (.*)/  make \1\t\2/' | expand -t 24

# `exec`: whoever stops make reaches the program itself
run: ## start a server here and enrol this machine; ARGS="--port 3002 --data-dir DIR", or --help
	@scripts/bootstrap.sh run && exec cargo xtask run $(ARGS)

test: ## all tests: dashboard, Rust with a real PostgreSQL, browser
	@scripts/bootstrap.sh test && cargo xtask test $(ARGS)

test-platforms: ## the agents for other systems: Windows under Wine, a systemd container, emulated ARM, macOS headers, the installer
	@scripts/bootstrap.sh platforms && scripts/test-platforms.sh

check: ## format, import rules, lints, licences, generated files
	@scripts/bootstrap.sh check && cargo xtask check

gen: ## write openapi/api.json, the dashboard's types and the checked SQL again
	@scripts/bootstrap.sh run && cargo xtask gen

bench: ## measure against the budgets in docs/PERFORMANCE.md; ARGS="--only start", or --help
	@scripts/bootstrap.sh bench && cargo xtask bench $(ARGS)

demo: ## a server with 500 simulated machines and days of history; ARGS="--agents 100 --port 3002", or --help
	@scripts/bootstrap.sh run && exec cargo xtask demo $(ARGS)

soak: ## half an hour of a fleet at work while server, database and network break; ARGS="--minutes 3", or --help
	@scripts/bootstrap.sh run && exec cargo xtask soak $(ARGS)

load: ## the page of the fleet with 10,000 live machines, measured in a browser for ten minutes
	@scripts/bootstrap.sh test && cargo xtask load

fuzz: ## hostile frames, messages and enrolments, a minute for each target; ARGS="600 frames"
	@scripts/bootstrap.sh fuzz && scripts/fuzz.sh $(ARGS)

fuzz-api: ## everything that the API's document allows and much that it forbids, as administrator and as nobody: three minutes
	@scripts/bootstrap.sh fuzz-api && cargo build --release --quiet -p gururmm-server -p gururmm-agent && scripts/schemathesis.sh

e2e: ## only the browser tests
	@scripts/bootstrap.sh test && cargo xtask e2e $(ARGS)

dist: ## the agent for every system, in dist/; TARGET="linux-x86_64 windows-i686", SERVER_URL=https://rmm.example.com
	@scripts/bootstrap.sh dist && cargo xtask dist $(if $(TARGET),--target "$(TARGET)") $(if $(SERVER_URL),--server-url "$(SERVER_URL)")

fmt: ## format Rust and TypeScript
	@scripts/bootstrap.sh run && cargo xtask fmt
