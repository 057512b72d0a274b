#!/usr/bin/env bash
# Checks the OpenAPI document by what others make of it: two linters, a property-based tester against the running service
# on SQLite, and clients generated in TypeScript and Python.
#
# Usage: scripts/contract.sh [path to the tradepost binary]
#
# TRADEPOST_SEED (a number) chooses other requests than the usual ones.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

binary=$(realpath -m -- "${1:-${CARGO_TARGET_DIR:-$ROOT/target}/debug/tradepost}")
[[ -x $binary ]] || die "there is no $binary: run cargo build first"
for tool in curl node npm python3; do
  command -v "$tool" >/dev/null || die "$tool is missing: run scripts/install-debian.sh"
done
seed=${TRADEPOST_SEED:-20260301}
# The service must see nothing of the caller's configuration.
for name in "${!TRADEPOST_@}"; do
  unset "$name"
done

dir=$(mktemp -d "${TMPDIR:-/tmp}/tradepost-contract.XXXXXX")
server=
cleanup() {
  local code=$?
  if [[ -n $server ]]; then
    kill -KILL "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$dir"
  exit "$code"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

heading "OpenAPI lint"
install_web
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
"$WEB/node_modules/.bin/redocly" lint docs/openapi.json --config tests/contract/redocly.yaml
"$WEB/node_modules/.bin/spectral" lint docs/openapi.json --ruleset tests/contract/spectral.yaml --fail-severity warn

heading "The service, on SQLite"
install_python contract tests/contract/requirements.txt
tools=$ROOT/target/contract-venv/bin
key=$(python3 -c 'import secrets; print(secrets.token_hex(24))')
read -r port admin < <(free_ports 2)
base=http://127.0.0.1:$port
(
  cd "$dir"
  export TRADEPOST_LISTEN=127.0.0.1:$port TRADEPOST_ADMIN_LISTEN=127.0.0.1:$admin
  export TRADEPOST_DATABASE_URL=sqlite://$dir/contract.db TRADEPOST_BOOTSTRAP_API_KEY=$key TRADEPOST_LOG=warn
  exec "$binary" serve
) >"$dir/log" 2>&1 </dev/null &
server=$!
waited=0
until curl --silent --fail --max-time 2 --output /dev/null "$base/readyz"; do
  if ! kill -0 "$server" 2>/dev/null || ((++waited > 300)); then
    cat "$dir/log" >&2
    die "the service did not get ready"
  fi
  sleep 0.1
done
curl --silent --fail "$base/openapi.json" | cmp - docs/openapi.json

heading "Generated clients: TypeScript"
(
  cd "$WEB"
  node_modules/.bin/openapi-typescript "$ROOT/docs/openapi.json" --output gen-rest/schema.d.ts
  node_modules/.bin/tsc --project tsconfig.json
  node gen-rest/rest.js "$base" "$key"
)

heading "Generated clients: Python"
printf 'post_hooks: []\n' >"$dir/generator.yaml"
"$tools/openapi-python-client" generate --path docs/openapi.json --output-path "$dir/python/tradepost_client" \
  --meta none --config "$dir/generator.yaml" --fail-on-warning
"$tools/python" -m compileall -q "$dir/python"
"$tools/python" tests/clients/python/rest.py "$dir/python" "$base" "$key"

heading "Schemathesis, seed $seed"
TRADEPOST_KEY=$key "$tools/schemathesis" --config-file tests/contract/schemathesis.toml run docs/openapi.json \
  --url "$base" --checks all --max-examples 40 --seed "$seed" || {
  tail -n 40 "$dir/log" >&2
  die "the service does not keep to its document"
}
