set positional-arguments

[private]
default:
    @just --list --unsorted

# Run the tests
test *arguments:
    cargo test "$@"

# Start a build and follow it, on a simulated service unless the environment names one
run *arguments:
    cargo run --example run_build -- "$@"

# Format the code
fmt:
    cargo fmt

# Check the code, with every feature
lint:
    cargo clippy --all-targets --all-features -- -D warnings

# Build the documentation
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --all-features

# Show the newest code that build.rs generated from openapi.yaml
generated:
    #!/usr/bin/env bash
    set -euo pipefail
    directory=$(cargo build --message-format=json | python3 -c '
    import json, sys
    for message in map(json.loads, sys.stdin):
        # The one package that has a path; every other has a registry.
        own = message.get("package_id", "").startswith("path+")
        if own and message["reason"] == "build-script-executed":
            print(message["out_dir"])
    ')
    for file in "$directory"/*.rs; do
        echo "// $file"
        cat "$file"
    done

# Accept the public face that the generated code has now
accept:
    UPDATE_EXPECT=1 cargo test --test public_api

# Read made-up answers for longer than the tests do
properties cases="100000":
    PROPTEST_CASES={{cases}} cargo test --release --lib properties

# Let others judge openapi.yaml: a validator, a linter, a mock server
contract:
    .ci/contract

# Prove that an operation added to openapi.yaml alone works
fourth-endpoint:
    .ci/fourth-endpoint

# Prove that a broken openapi.yaml fails the build with one line
bad-document:
    .ci/bad-document

# Check everything that must hold on a clean checkout
ci:
    .ci/run
