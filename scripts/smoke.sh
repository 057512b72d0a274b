#!/usr/bin/env bash
# Starts the service on SQLite, then on PostgreSQL, and runs independent clients against each: curl, Python grpcio,
# receivers of webhooks, and gRPC-Web in Node.js and in headless Chromium. Ends with the number of checks.
#
# Usage: scripts/smoke.sh [path to the tradepost binary]
#
# Uses the server of TRADEPOST_TEST_POSTGRES_URL, or starts one through with-postgres.sh.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

binary=$(realpath -m -- "${1:-${CARGO_TARGET_DIR:-$ROOT/target}/debug/tradepost}")
[[ -x $binary ]] || die "there is no $binary: run cargo build first"
if [[ -z ${TRADEPOST_TEST_POSTGRES_URL:-} ]]; then
  exec bash "$ROOT/scripts/with-postgres.sh" bash "$ROOT/scripts/smoke.sh" "$binary"
fi
for tool in curl jq psql python3 node npm "${CHROMIUM:-/usr/bin/chromium}"; do
  command -v "$tool" >/dev/null || die "$tool is missing: run scripts/install-debian.sh"
done

# The service must see nothing of the caller's configuration.
for name in "${!TRADEPOST_@}"; do
  [[ $name == TRADEPOST_TEST_POSTGRES_URL ]] || unset "$name"
done

dir=$(mktemp -d "${TMPDIR:-/tmp}/tradepost-smoke.XXXXXX")
results=$dir/results
: >"$results"
server=
database=

cleanup() {
  local code=$?
  trap '' INT TERM HUP
  if [[ -n $server ]]; then
    kill -KILL "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  drop_database || true
  rm -rf "$dir"
  exit "$code"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

admin_sql() {
  psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname "$TRADEPOST_TEST_POSTGRES_URL" --command "$1"
}

drop_database() {
  [[ -n $database ]] || return 0
  admin_sql "DROP DATABASE IF EXISTS $database WITH (FORCE)" && database=
}

# Every check is one line, `ok …` or `FAIL …`; the count at the end is theirs.
record() {
  echo "$1" | tee -a "$results"
}

# A client that stops early has failed, even when none of its checks has.
run_client() {
  local name=$1 code=0
  shift
  echo "--- $name"
  "$@" </dev/null >"$dir/client" 2>&1 || code=$?
  tee -a "$results" <"$dir/client"
  if ((code != 0)) && ! grep -q '^FAIL' "$dir/client"; then
    record "FAIL $name: ended with exit code $code before its checks were through"
  elif ! grep -q '^ok' "$dir/client"; then
    record "FAIL $name: checked nothing"
  fi
}

# Usage: smoke NAME DATABASE_URL
smoke() {
  local name=$1 url=$2 key log=$dir/$1.log port admin page base code waited failed_before
  heading "$name"
  failed_before=$(grep -c '^FAIL' "$results" || true)
  key=$(python3 -c 'import secrets, string
print("".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(48)))')
  read -r port admin page < <(free_ports 3)
  base=http://127.0.0.1:$port
  # From an empty folder: nothing may depend on where the service is started.
  mkdir -p "$dir/$name"
  (
    cd "$dir/$name"
    unset TRADEPOST_TEST_POSTGRES_URL
    export TRADEPOST_LISTEN=127.0.0.1:$port TRADEPOST_ADMIN_LISTEN=127.0.0.1:$admin
    export TRADEPOST_DATABASE_URL=$url TRADEPOST_BOOTSTRAP_API_KEY=$key
    export TRADEPOST_CORS_ORIGINS=http://127.0.0.1:$page
    # The receivers of webhooks are here.
    export TRADEPOST_WEBHOOK_HTTP=on TRADEPOST_WEBHOOK_PORTS=any TRADEPOST_WEBHOOK_NETWORKS=127.0.0.0/8
    exec "$binary" serve
  ) >"$log" 2>&1 </dev/null &
  server=$!

  waited=0
  until curl --silent --fail --max-time 2 --output /dev/null "$base/readyz"; do
    if ! kill -0 "$server" 2>/dev/null || ((++waited > 300)); then
      cat "$log" >&2
      die "the service on $name did not get ready"
    fi
    sleep 0.1
  done
  record "ok   $name: ready"

  run_client "$name, curl" bash "$ROOT/tests/clients/curl.sh" "$base" "$key" "http://127.0.0.1:$admin"
  run_client "$name, Python grpcio" \
    "$ROOT/target/clients-venv/bin/python" "$ROOT/tests/clients/python/smoke.py" "$base" "$key" "$dir/$name.call.json"
  run_client "$name, gRPC-Web" node "$WEB/smoke.mjs" "$base" "$key" "$dir/$name.call.json"
  run_client "$name, webhooks from Python" \
    "$ROOT/target/clients-venv/bin/python" "$ROOT/tests/clients/python/webhooks.py" "$base" "$key"
  run_client "$name, webhooks from Node.js" node "$WEB/webhooks.mjs" "$base" "$key"
  run_client "$name, Chromium" node "$WEB/browser.mjs" "$base" "$key" "$page"

  kill -TERM "$server" 2>/dev/null || true
  for ((waited = 0; waited < 150; waited++)); do
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  if kill -0 "$server" 2>/dev/null; then
    record "FAIL $name: still running 15 s after SIGTERM"
    kill -KILL "$server"
    wait "$server" 2>/dev/null || true
  else
    code=0
    wait "$server" || code=$?
    if ((code == 0)); then
      record "ok   $name: SIGTERM ends it with exit code 0"
    else
      record "FAIL $name: SIGTERM ends it with exit code $code"
    fi
  fi
  server=

  if (($(grep -c '^FAIL' "$results" || true) > failed_before)); then
    echo "--- the last lines of the service's log"
    tail -n 40 "$log"
  fi
}

heading "Client packages and generated code"
install_python clients tests/clients/python/requirements.txt
install_web
buf generate --template tests/clients/web/buf.gen.yaml

smoke SQLite "sqlite://$dir/smoke.db"

database=tradepost_smoke_$(python3 -c 'import secrets; print(secrets.token_hex(8))')
admin_sql "CREATE DATABASE $database"
# The same URL with another database; what follows a question mark stays.
url=$TRADEPOST_TEST_POSTGRES_URL
query=
if [[ $url == *\?* ]]; then
  query="?${url#*\?}"
  url=${url%%\?*}
fi
smoke PostgreSQL "${url%/*}/$database$query"
drop_database

passed=$(grep -c '^ok' "$results" || true)
failed=$(grep -c '^FAIL' "$results" || true)
if ((failed)); then
  heading "Failed"
  grep '^FAIL' "$results"
fi
printf '\nsmoke: %s passed, %s failed\n' "$passed" "$failed"
((failed == 0))
