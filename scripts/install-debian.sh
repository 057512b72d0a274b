#!/usr/bin/env bash
# Installs what the tests need and a Debian 12 machine with Rust, Node.js 20 and Python 3 may lack.
# Quick and silent for apt when nothing is missing. Runs as root, or through sudo.
set -euo pipefail

die() {
  echo "install-debian.sh: $*" >&2
  exit 1
}

# Looks for the tool, not for the package: it may have come from elsewhere.
missing() {
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null || echo postgresql
  command -v psql >/dev/null || echo postgresql-client
  command -v curl >/dev/null || echo curl
  command -v "${CHROMIUM:-/usr/bin/chromium}" >/dev/null || echo chromium
  command -v jq >/dev/null || echo jq
  # Root runs PostgreSQL as another user.
  ((EUID != 0)) || command -v runuser >/dev/null || echo util-linux
  python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
  # The crates compile SQLite and a TLS library from C; neither needs cmake.
  command -v cc >/dev/null || echo gcc
  [[ -e /usr/include/stdlib.h ]] || echo libc6-dev
  [[ -e /etc/ssl/certs/ca-certificates.crt ]] || echo ca-certificates
}

mapfile -t packages < <(missing)
if ((${#packages[@]})); then
  command -v apt-get >/dev/null || die "missing: ${packages[*]}; there is no apt-get to install them with"
  as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || die "missing: ${packages[*]}; run this as root, or install sudo"
    as_root=(sudo)
  fi
  echo "installing: ${packages[*]}"
  "${as_root[@]}" apt-get update
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}"
  mapfile -t packages < <(missing)
  ((${#packages[@]} == 0)) || die "still missing after the installation: ${packages[*]}"
fi

# These come in versions Debian 12 does not have, so they are only checked.
command -v cargo >/dev/null || die "cargo is missing: install Rust (rustup)"
cargo fmt --version >/dev/null || die "rustfmt is missing: rustup component add rustfmt"
cargo clippy --version >/dev/null || die "clippy is missing: rustup component add clippy"
command -v node >/dev/null || die "Node.js is missing: install version 20 or newer"
command -v npm >/dev/null || die "npm is missing: it comes with Node.js"
node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' ||
  die "Node.js $(node --version) is too old: install version 20 or newer"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
  die "$(python3 --version) is too old: install version 3.10 or newer"

# A server that speaks S3 comes from the package registry of Python, pinned.
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install_python s3 tests/s3/requirements.txt
echo "everything the tests need is installed"
