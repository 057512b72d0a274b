#!/usr/bin/env bash
# All checks and tests, on SQLite and PostgreSQL. Stops at the first that fails; skips none.
# What it needs is installed by scripts/install-debian.sh.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

# The part that needs PostgreSQL: this script calls itself for it, within with-postgres.sh.
if [[ ${1:-} == --with-postgres ]]; then
  : "${TRADEPOST_TEST_POSTGRES_URL:?is set by with-postgres.sh}"
  heading "Tests on SQLite and PostgreSQL"
  install_python s3 tests/s3/requirements.txt
  cargo test --workspace --locked
  heading "Smoke: curl, Python and gRPC-Web clients"
  bash scripts/smoke.sh
  heading "Replay: client and service killed, and the books balance"
  cargo build --locked --bin tradepost --example replay
  bash scripts/replay-test.sh
  exit
fi
(($# == 0)) || die "takes no arguments"

heading "Rust format"
cargo fmt --all --check

heading "Protobuf lint and format"
install_web
buf lint
buf format --diff --exit-code
bash scripts/proto-image.sh check

heading "Embedded documentation pages"
bash scripts/update-docs-assets.sh --check

heading "Clippy"
cargo clippy --workspace --all-targets --locked -- -D warnings

bash scripts/with-postgres.sh bash scripts/test.sh --with-postgres
bash scripts/contract.sh
heading "Documentation: what the pages tell people to type"
bash scripts/snippets.sh
