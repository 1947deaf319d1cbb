set positional-arguments

[private]
default:
    @just --list --unsorted

# Run the tests
test *arguments:
    cargo test --workspace --features mock,schemars,webhooks "$@"

# Start a build and follow it, on a simulated service if the environment names none
run *arguments:
    cargo run --features simulation --example run_build -- "$@"

# Format the code
fmt:
    cargo fmt

# Check the code, with every feature
lint:
    cargo clippy --workspace --all-targets --all-features -- -D warnings

# Build the documentation
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --all-features

# Show the newest code that build.rs generated from openapi.yaml
generated:
    #!/usr/bin/env bash
    set -euo pipefail
    directory=$(cargo build --features mock --message-format=json | python3 -c '
    import json, sys
    for message in map(json.loads, sys.stdin):
        # The one package with a build script that has a path; every other has a registry.
        own = message.get("package_id", "").startswith("path+")
        if own and message["reason"] == "build-script-executed":
            print(message["out_dir"])
    ')
    for file in "$directory"/*.rs; do
        echo "// $file"
        cat "$file"
    done

# Accept the public API that the crates have now
accept:
    UPDATE_EXPECT=1 cargo test --workspace --features mock,schemars,webhooks --test integration public_api

# Try made-up responses, a million for each operation unless told otherwise
made-up-responses count="1000000":
    MADE_UP_RESPONSES={{count}} cargo test --release --features mock --test integration made_up_responses

# Read made-up webhooks, a million unless told otherwise
made-up-webhooks count="1000000":
    MADE_UP_WEBHOOKS={{count}} cargo test --release --workspace --features mock,webhooks --test integration made_up::

# Receive push webhooks and build, on a simulated service if the environment names no job
webhook:
    cargo run --features simulation,webhooks --example push_webhook

# Measure CPU time, the worst responses, idle connections, many watches and a long log, or only one: calls, worst,
# idle, watch or log
bench name="*" *arguments:
    name=$1; shift; cargo bench --bench "$name" -- "$@"

# Check openapi.yaml with a validator, a linter and a mock server
contract:
    .ci/contract

# Build with the oldest versions of the dependencies that Cargo.toml allows
minimal-versions:
    #!/usr/bin/env bash
    set -euo pipefail
    target=$PWD/target/minimal-versions
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    git ls-files -z | xargs -0 cp --parents -P -t "$folder"
    cd "$folder"
    # The option is not stable yet.
    RUSTC_BOOTSTRAP=1 cargo update --quiet -Z direct-minimal-versions
    CARGO_TARGET_DIR=$target cargo check --workspace --all-targets --all-features

# Compare the real service with openapi.yaml: see CONTRIBUTING.md
live:
    cargo test --features mock --test integration live:: -- --ignored --nocapture

# Check everything, as CI does
ci:
    .ci/run

# Check licences, sources and duplicates among the dependencies
supply:
    .ci/supply

# Check a release and print in which order its crates are uploaded; upload nothing
release:
    #!/usr/bin/env bash
    set -euo pipefail
    fail() { echo "release: $*" >&2; exit 1; }
    version=$(sed -n '/^\[workspace.package\]/,/^\[package\]/s/^version = "\(.*\)"/\1/p' Cargo.toml)
    grep -Eq "^## $version, [0-9]{4}-[0-9]{2}-[0-9]{2}$" CHANGELOG.md ||
        fail "CHANGELOG.md has no line \"## $version, YYYY-MM-DD\""
    grep -q '^repository = ' Cargo.toml || fail "Cargo.toml names no repository"
    [ -z "$(git status --porcelain)" ] || fail "commit first: packages are made of what is committed"
    .ci/run
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    cargo publish --workspace --locked --dry-run 2>&1 | tee "$log"
    echo
    echo "Nothing was uploaded. \`cargo publish --workspace --locked\` uploads, in this order:"
    sed -n 's/^ *Uploading \([^ ]* [^ ]*\).*/  \1/p' "$log"
    echo "Then tag the commit: git tag v$version"
