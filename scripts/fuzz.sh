#!/usr/bin/env bash
# Runs every target of fuzz/ for a while, from what earlier runs found and from the frozen messages. A crash is left in the corpus folder
# and named. Usage: scripts/fuzz.sh [SECONDS] [TARGET...]; 60 seconds each unless told
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly SECONDS_EACH="${1:-60}"
readonly CORPUS="${XDG_CACHE_HOME:-$HOME/.cache}/gururmm/fuzz"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/fuzz"
# The counters that libFuzzer watches; stable flags of the compiler, and no sanitizer: that would need a nightly one.
export RUSTFLAGS='-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
 -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1'

targets=("${@:2}")
((${#targets[@]} > 0)) || mapfile -t targets < <(sed -n 's/^name = "\(.*\)"$/\1/p' fuzz/Cargo.toml | grep -v '^gururmm-fuzz$')

# a target that is named: the counters are not for build scripts, which have nobody to count for
host=$(rustc -vV | sed -n 's/^host: //p')
cargo build --quiet --release --manifest-path fuzz/Cargo.toml --target "$host"
for target in "${targets[@]}"; do
    printf -- '--- fuzz %s\n' "$target"
    mkdir -p "$CORPUS/$target"
    "$CARGO_TARGET_DIR/$host/release/$target" -max_total_time="$SECONDS_EACH" -max_len=65536 -rss_limit_mb=1024 -print_final_stats=1 \
        -artifact_prefix="$CORPUS/$target-" "$CORPUS/$target" crates/protocol/fixtures/v1 2>&1 | tail -12
done
