#!/usr/bin/env bash
# Replays invoices and credit notes into the service, on SQLite and on PostgreSQL, while the client and the service are
# killed at random moments; then the books must balance to the penny and to the piece, `tradepost reconcile` must agree,
# and a line, a count of stock and a refund that are tampered with must each be noticed.
#
# Usage: scripts/replay-test.sh [FILE [LIMIT [KILLS]]]
#
# FILE is data/online-retail-sample.csv when not given, LIMIT a number of invoices or "all" (the default), KILLS how often
# something is killed on each database (8). The whole data set, by hand, with release builds:
#
#   cargo build --release --bin tradepost --example replay
#   REPLAY_BINARIES=target/release scripts/replay-test.sh online-retail.csv.xz all 20
#
# Uses the server of TRADEPOST_TEST_POSTGRES_URL, or starts one through with-postgres.sh. REPLAY_SEED (a number) chooses
# the moments of another run; how far the work has come at each is up to the machine.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

binaries=$(realpath -m -- "${REPLAY_BINARIES:-${CARGO_TARGET_DIR:-$ROOT/target}/debug}")
file=$(realpath -m -- "${1:-$ROOT/data/online-retail-sample.csv}")
limit=${2:-all}
kills=${3:-8}
[[ $limit == all || $limit =~ ^[0-9]+$ ]] && [[ $kills =~ ^[0-9]+$ ]] || die "usage: replay-test.sh [FILE [LIMIT [KILLS]]]"
[[ -r $file ]] || die "there is no $file"
for binary in tradepost examples/replay; do
  [[ -x $binaries/$binary ]] || die "there is no $binaries/$binary: run cargo build --bin tradepost --example replay first"
done
if [[ -z ${TRADEPOST_TEST_POSTGRES_URL:-} ]]; then
  exec bash "$ROOT/scripts/with-postgres.sh" bash "$ROOT/scripts/replay-test.sh" "$file" "$limit" "$kills"
fi
for tool in curl psql python3; do
  command -v "$tool" >/dev/null || die "$tool is missing: run scripts/install-debian.sh"
done
postgres=$TRADEPOST_TEST_POSTGRES_URL
# The service must see nothing of the caller's configuration.
for name in "${!TRADEPOST_@}"; do
  unset "$name"
done

dir=$(mktemp -d "${TMPDIR:-/tmp}/tradepost-replay.XXXXXX")
key=$(python3 -c 'import secrets; print(secrets.token_hex(24))')
RANDOM=${REPLAY_SEED:-$((10#$(date +%N) % 32768))}
server=
client=
database=

cleanup() {
  local code=$?
  trap '' INT TERM HUP
  end "$client"
  end "$server"
  drop_database || true
  rm -rf "$dir"
  exit "$code"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# Ends a process with no warning, and waits until it is gone.
end() {
  [[ -n $1 ]] || return 0
  kill -KILL "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

admin_sql() {
  psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname "$postgres" --command "$1"
}

drop_database() {
  [[ -n $database ]] || return 0
  admin_sql "DROP DATABASE IF EXISTS $database WITH (FORCE)" && database=
}

# One statement in the database under test, past the service; prints the first value.
sql() {
  if [[ $url == sqlite://* ]]; then
    python3 - "${url#sqlite://}" "$1" <<'PY'
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=30)
row = connection.execute(sys.argv[2]).fetchone()
connection.commit()
print(row[0] if row else "")
PY
  else
    psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --dbname "$url" --command "$1"
  fi
}

# Two free ports below those that the kernel gives to clients: a service that was killed must find its port again.
low_ports() {
  python3 - <<'PY'
import random, socket
held = []
while len(held) < 2:
    try:
        held.append(socket.create_server(("127.0.0.1", random.randrange(10000, 30000))))
    except OSError:
        pass
print(*(s.getsockname()[1] for s in held))
PY
}

# A command of the service's binary; takes the place of the shell that it runs in.
tradepost() {
  cd "$dir"
  export TRADEPOST_LISTEN=127.0.0.1:$port TRADEPOST_ADMIN_LISTEN=127.0.0.1:$admin
  export TRADEPOST_DATABASE_URL=$url TRADEPOST_BOOTSTRAP_API_KEY=$key TRADEPOST_LOG=warn
  exec "$binaries/tradepost" "$@"
}

start_server() {
  (tradepost serve) >>"$dir/log" 2>&1 </dev/null &
  server=$!
  local waited=0
  until curl --silent --fail --max-time 2 --output /dev/null "http://127.0.0.1:$port/readyz"; do
    if ! kill -0 "$server" 2>/dev/null || ((++waited > 300)); then
      cat "$dir/log" >&2
      die "the service on $engine did not get ready"
    fi
    sleep 0.1
  done
}

# The client, with the selection of this test.
replay() {
  local some=()
  [[ $limit == all ]] || some=(--limit "$limit")
  TRADEPOST_API_KEY=$key exec "$binaries/examples/replay" "$file" --endpoint "http://127.0.0.1:$port" "${some[@]}" "$@"
}

start_client() {
  # Made before the client is, so that there is something to wait for.
  : >"$dir/client"
  replay >>"$dir/client" 2>&1 </dev/null &
  client=$!
  client_says '^Sending'
}

# Waits until the client has said this, or has ended.
client_says() {
  until grep -q "$1" "$dir/client" || ! kill -0 "$client" 2>/dev/null; do
    sleep 0.02
  done
}

# Runs the client to its end, which must be good.
balances() {
  (replay "$@") 2>&1 </dev/null | tee "$dir/client" || die "$engine: the replay failed ($*)"
}

# Kills the client, the service or both, each time after a moment; ends early when there is nothing left to send.
disturb() {
  local done=0 orders moment code span
  while ((done < kills)); do
    if [[ -z $client ]]; then
      start_client
      orders=$(sed -n 's/.* \([0-9,]*\) invoices to send.*/\1/p' "$dir/client" | tr -d ,)
      [[ $limit == all ]] || orders=$((limit < orders ? limit : orders))
      # About what it takes to place them and to send what follows, in as many parts as there are kills.
      span=$((8 * ${orders:-0} / kills))
      ((span > 150)) || span=150
    fi
    # A quarter of the kills at any time, and one in each of the parts that take long: each starts with what is done already.
    case $((4 * done / kills)) in
      0) ;;
      1) client_says 'orders are there' ;;
      2) client_says 'orders are completed' ;;
      *) client_says 'returns are refunded' ;;
    esac
    moment=$((RANDOM % span + 10))
    sleep "$((moment / 1000)).$(printf '%03d' $((moment % 1000)))"
    if ! kill -0 "$client" 2>/dev/null; then
      code=0
      wait "$client" || code=$?
      client=
      ((code == 0)) || { cat "$dir/client" >&2 && die "$engine: the client ended with exit code $code"; }
      echo "all was sent after $done kills"
      break
    fi
    case $((RANDOM % 4)) in
      0)
        echo "after $moment ms: the client"
        end "$client"
        client=
        ;;
      1)
        echo "after $moment ms: the service"
        end "$server"
        start_server
        ;;
      2)
        echo "after $moment ms: both"
        end "$client"
        client=
        end "$server"
        start_server
        ;;
      3)
        echo "after $moment ms: the service, by SIGTERM"
        kill -TERM "$server"
        wait "$server" || die "$engine: the service ended with exit code $?"
        start_server
        ;;
    esac
    ((++done))
  done
  ((done > 0 || kills == 0)) || die "$engine: the client was through before anything could be killed"
  if [[ -n $client ]]; then
    code=0
    wait "$client" || code=$?
    client=
    ((code == 0)) || { cat "$dir/client" >&2 && die "$engine: the client ended with exit code $code"; }
  fi
}

# Changes a value past the service, which the client must notice, and changes it back.
# Usage: tamper TABLE COLUMN
tamper() {
  local one="WHERE id = (SELECT id FROM $1 ORDER BY id LIMIT 1)"
  heading "$engine: $2 in $1 is tampered with, which must be noticed"
  sql "UPDATE $1 SET $2 = $2 + 1 $one" >/dev/null
  if (replay --reconcile) >"$dir/client" 2>&1 </dev/null; then
    cat "$dir/client" >&2
    die "$engine: it was not noticed"
  fi
  grep 'DIFFERENCE' "$dir/client" || { cat "$dir/client" >&2 && die "$engine: the client failed for another reason"; }
  sql "UPDATE $1 SET $2 = $2 - 1 $one" >/dev/null
}

# Usage: round ENGINE DATABASE_URL
round() {
  local port admin rows table
  engine=$1 url=$2
  read -r port admin < <(low_ports)
  : >"$dir/log"
  start_server
  heading "$engine: killed up to $kills times"
  disturb

  heading "$engine: once more, undisturbed"
  balances

  heading "$engine: everything again, after the keys were forgotten"
  sql "DELETE FROM idempotency_keys" >/dev/null
  balances --resend
  # Past the service, in case its lists hide something.
  for table in orders payments shipments returns refunds; do
    rows=$(sql "SELECT count(*) - count(DISTINCT reference) FROM $table")
    [[ $rows == 0 ]] || die "$engine: $rows too many in $table"
  done

  heading "$engine: tradepost reconcile"
  (tradepost reconcile) || die "$engine: the service's own books do not balance"

  tamper order_items quantity
  tamper stock_levels on_hand
  tamper refunds amount
  heading "$engine: what was tampered with is undone"
  balances --reconcile

  if grep '"level":"ERROR"' "$dir/log"; then
    die "$engine: the service logged errors"
  fi
  end "$server"
  server=
}

round SQLite "sqlite://$dir/replay.db"

database=tradepost_replay_$(python3 -c 'import secrets; print(secrets.token_hex(8))')
admin_sql "CREATE DATABASE $database"
round PostgreSQL "$(python3 - "$postgres" "$database" <<'PY'
import sys
from urllib.parse import urlsplit
print(urlsplit(sys.argv[1])._replace(path="/" + sys.argv[2]).geturl())
PY
)"

printf '\nreplay-test: the books balance on both databases\n'
