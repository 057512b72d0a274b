# shellcheck shell=bash
# Shared by the scripts beside it; sourced, never run.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
WEB=$ROOT/tests/clients/web

die() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

heading() {
  printf '\n=== %s ===\n' "$*"
}

# Ports that are free right now. All are held until the last is found, so they differ.
free_ports() {
  python3 - "$1" <<'PY'
import socket, sys
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*(s.getsockname()[1] for s in held))
PY
}

# The Node.js packages exactly as locked; again only when the lock file or Node.js changed.
install_web() {
  local want
  want=$(node --version && cat "$WEB/package-lock.json")
  if [[ $want != "$(cat "$WEB/node_modules/.installed" 2>/dev/null)" ]]; then
    (cd "$WEB" && npm ci --ignore-scripts --no-audit --no-fund)
    printf '%s\n' "$want" >"$WEB/node_modules/.installed"
  fi
}

# Python packages exactly as pinned, in target/NAME-venv; again only when the pins or Python changed.
# Usage: install_python NAME PINS
install_python() {
  local venv=$ROOT/target/$1-venv pins=$ROOT/$2 want
  want=$(python3 --version && cat "$pins")
  if [[ $want != "$(cat "$venv/.installed" 2>/dev/null)" ]]; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$pins"
    printf '%s\n' "$want" >"$venv/.installed"
  fi
}

# buf, from the repository root, where buf.yaml is.
buf() {
  (cd "$ROOT" && PATH=$WEB/node_modules/.bin:$PATH command buf "$@")
}
