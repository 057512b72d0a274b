#!/usr/bin/env bash
# Runs a command with a throwaway PostgreSQL server, whose address it finds in TRADEPOST_TEST_POSTGRES_URL.
#
# Usage: scripts/with-postgres.sh COMMAND [ARGUMENT...]
#
# The server listens on 127.0.0.1 only, and is gone afterwards, however the command ended.
# The exit code is that of the command.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

(($#)) || die "usage: with-postgres.sh COMMAND [ARGUMENT...]"

# Debian keeps the server binaries out of PATH, one folder for each version: the newest is taken.
bin=$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1 | xargs -r dirname || true)
[[ -n $bin ]] || bin=$(dirname "$(command -v initdb || true)" 2>/dev/null || true)
[[ -x $bin/initdb && -x $bin/pg_ctl ]] || die "PostgreSQL is missing: run scripts/install-debian.sh"

# PostgreSQL refuses to run as root.
user=()
if ((EUID == 0)); then
  id postgres >/dev/null 2>&1 || die "there is no user postgres to run PostgreSQL as"
  user=(runuser -u postgres --)
fi

dir=$(mktemp -d "${TMPDIR:-/tmp}/tradepost-postgres.XXXXXX")
child=

# In a folder of its own: the server's user may not be able to read the current one.
as_server() {
  (cd "$dir" && "${user[@]}" "$@")
}

# shellcheck disable=SC2329 # the traps call it
cleanup() {
  local code=$?
  trap '' INT TERM HUP
  if [[ -n $child ]]; then
    kill -TERM -- "-$child" 2>/dev/null || true
  fi
  if [[ -e $dir/data/postmaster.pid ]]; then
    # Nothing in it is worth a clean shutdown.
    as_server "$bin/pg_ctl" stop -D "$dir/data" -m immediate -w -t 30 >/dev/null ||
      echo "with-postgres.sh: the server in $dir did not stop" >&2
  fi
  rm -rf "$dir"
  exit "$code"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

if ((EUID == 0)); then
  chown postgres "$dir"
fi
as_server "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync \
  >"$dir/initdb.log" 2>&1 || {
  cat "$dir/initdb.log" >&2
  die "initdb failed"
}

# Somebody may take the port before the server does: then another one is tried. fsync stays on, as in production.
for attempt in 1 2 3 4 5; do
  port=$(free_ports 1)
  options="-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories='' -c max_connections=300"
  if as_server "$bin/pg_ctl" start -D "$dir/data" -l "$dir/data/server.log" -w -t 60 -o "$options" >/dev/null; then
    break
  fi
  if ((attempt == 5)); then
    cat "$dir/data/server.log" >&2
    die "PostgreSQL does not start"
  fi
done

export TRADEPOST_TEST_POSTGRES_URL=postgres://postgres@127.0.0.1:$port/postgres

# In a process group of its own, so that a signal reaches all of it, and while this script waits.
set -m
"$@" </dev/null &
child=$!
set +m
code=0
wait "$child" || code=$?
child=
exit "$code"
