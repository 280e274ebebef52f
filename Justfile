# Everyday recipes. What needs logic is in xtask; `just` alone lists these.

[private]
default:
    @just --list --unsorted

# Build everything in release and run the platform on 127.0.0.1:8080
up *args:
    cargo xtask up -- {{ args }}

# Check and test everything; installs what is missing
test *args:
    cargo xtask test -- {{ args }}

# Everything the test command does before the tests themselves
check:
    cargo xtask check

# Install what the tests need and the machine lacks
install:
    cargo xtask install

# Test one crate against private engines, for example: just test-crate store
test-crate name *args:
    cargo xtask engines -- cargo test --package covergen-{{ name }} {{ args }}

# Private PostgreSQL, NATS, Redis and S3 until interrupted; prints their addresses
engines:
    cargo xtask engines

# Format every crate
fmt:
    cargo fmt --all

# The house rules: lengths, shapes, directions, words
tidy:
    cargo xtask tidy

# Renew the committed artefacts: OpenAPI documents, clients, manifests
gen:
    cargo xtask gen

# Write what runs on Kubernetes, and check it as a cluster would
manifests:
    cargo xtask manifests

# Build the image and start it from its own root
image *args:
    cargo xtask image {{ args }}

# Accept today's contracts as what `buf breaking` compares with
baseline:
    cargo xtask baseline

# Fetch the fonts too large for the tree
fonts:
    cargo xtask fonts

# Scaffold a service, for example: just new-service loyalty
new-service name:
    cargo xtask new-service {{ name }}

# Measure us and our peers, interleaved, for example: just bench render --json
bench *args:
    cargo xtask bench {{ args }}

# Break things on purpose, for example: just soak nats-away --short
soak *args:
    cargo xtask soak {{ args }}

# Licences, duplicate versions and sources of the dependencies
deny:
    cargo deny --all-features check bans licenses sources

# The browser app with hot reload, against a platform that runs already
web:
    cd clients/web && npm install && npm run dev
