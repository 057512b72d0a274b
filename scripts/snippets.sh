#!/usr/bin/env bash
# Does what the documentation tells people to do, against the service of `tradepost demo`: runs the `sh` blocks of each page
# from top to bottom, and writes the blocks that name a file. Runs the calls that the demo prints, too. Other blocks are to be
# read only: `shell` is what a machine does not repeat, such as installing packages.
#
# Usage: scripts/snippets.sh [path to the tradepost binary]
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

binary=$(realpath -m -- "${1:-${CARGO_TARGET_DIR:-$ROOT/target}/debug/tradepost}")
[[ -x $binary ]] || die "there is no $binary: run cargo build first"
for tool in curl jq node npm python3; do
  command -v "$tool" >/dev/null || die "$tool is missing: run scripts/install-debian.sh"
done
# The service must see nothing of the caller's configuration.
for name in "${!TRADEPOST_@}"; do
  unset "$name"
done
install_python clients tests/clients/python/requirements.txt
install_web

dir=$(mktemp -d "${TMPDIR:-/tmp}/tradepost-snippets.XXXXXX")
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

heading "The demo"
read -r port admin < <(free_ports 2)
TMPDIR=$dir "$binary" demo --listen "127.0.0.1:$port" --admin-listen "127.0.0.1:$admin" >"$dir/demo" 2>"$dir/log" </dev/null &
server=$!
waited=0
until grep -q OrderService/GetOrder "$dir/demo"; do
  if ! kill -0 "$server" 2>/dev/null || ((++waited > 1200)); then
    cat "$dir/log" >&2
    die "the demo did not get ready"
  fi
  sleep 0.1
done
KEY=$(sed -n 's/^  export KEY=//p' "$dir/demo")
export KEY

# Prints a page as a script. Usage: blocks PAGE
blocks() {
  python3 - "$1" "127.0.0.1:$port" <<'PY'
import re, sys
page, address = sys.argv[1:]
text = open(page, encoding="utf-8").read().replace("127.0.0.1:8080", address)
for language, file, block in re.findall(r"^```(\w+) ?(\S*)\n(.*?)^```$", text, re.M | re.S):
    if file:
        print(f"cat >{file} <<'END OF FILE'\n{block}END OF FILE")
    elif language == "sh":
        print(block)
PY
}

# An answer that is an error ends the page. Usage: run NAME SCRIPT
run() {
  heading "$1"
  mkdir -p "$dir/pages/$1"
  (
    cd "$dir/pages/$1"
    ln -s "$ROOT/proto" proto
    ln -s "$WEB/node_modules" node_modules
    echo '{"type": "module"}' >package.json
    export PATH=$(dirname "$binary"):$ROOT/target/clients-venv/bin:$PATH
    printf '%s\n' 'curl() { command curl --fail-with-body --silent --show-error "$@" && echo; }' "$2" >page.sh
    bash -euo pipefail page.sh </dev/null >page.out 2>&1
  ) || {
    tail -n 20 "$dir/pages/$1/page.out" | cut -c -400 >&2
    die "$1 does not work as it says"
  }
  echo ok
}

# grpcurl is in no package of Debian; the same calls are made with other clients.
run demo "$(sed -n '/^  /s/^  //p' "$dir/demo" | grep -v '^grpcurl')"
for page in README integrate events roles orders order-edits inventory quotes payments fulfillment reports clients web-client operate; do
  file=$ROOT/docs/$page.md
  [[ $page != README ]] || file=$ROOT/README.md
  run "$page" "$(blocks "$file")"
done
