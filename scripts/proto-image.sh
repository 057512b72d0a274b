#!/usr/bin/env bash
# Guards the clients that exist: the contract may grow, but not break what proto/image.binpb holds, the contract of the last
# release. Nothing but a release writes a new image.
#
# Usage: scripts/proto-image.sh check | write
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

install_web
case ${1:-} in
  check) buf breaking --against proto/image.binpb ;;
  # Without comments, which break nobody and would make every image another one.
  write) buf build --exclude-source-info --output proto/image.binpb ;;
  *) die "usage: proto-image.sh check | write" ;;
esac
