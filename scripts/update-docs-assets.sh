#!/usr/bin/env bash
# Fetches the documentation pages' scripts and styles in the versions of assets/docs/versions.txt, whose checksums must
# hold, and packs them with their licenses into assets/docs. To update: change name, version and checksum there, run this.
#
# Usage: scripts/update-docs-assets.sh [--check]
#
# With --check nothing is written: it fails when what is kept is not what the versions say.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT/assets/docs"

check=false
if [[ ${1:-} == --check ]]; then
  check=true
elif (($#)); then
  die "usage: update-docs-assets.sh [--check]"
fi

dir=$(mktemp -d "${TMPDIR:-/tmp}/tradepost-assets.XXXXXX")
trap 'rm -rf "$dir"' EXIT

while read -r name version integrity; do
  (cd "$dir" && npm pack --silent "$name@$version" >/dev/null)
  archive=$dir/$name-$version.tgz
  got=sha512-$(openssl dgst -sha512 -binary "$archive" | base64 --wrap 0)
  [[ $got == "$integrity" ]] || die "$name $version has the checksum $got"
  mkdir "$dir/$name"
  tar -xzf "$archive" -C "$dir/$name" --strip-components 1
done <versions.txt

# Usage: keep SOURCE TARGET; a target that ends in .gz is packed, without name and time, so that it is the same every time.
keep() {
  local source=$dir/$1 target=$2
  if $check; then
    if [[ $target == *.gz ]]; then
      gzip --decompress --stdout "$target" | cmp --silent - "$source" || die "assets/docs/$target is not $1"
    else
      cmp --silent "$target" "$source" || die "assets/docs/$target is not $1"
    fi
  elif [[ $target == *.gz ]]; then
    gzip --best --no-name --stdout "$source" >"$target"
  else
    cp "$source" "$target"
  fi
}

keep swagger-ui-dist/LICENSE swagger-ui/LICENSE
keep swagger-ui-dist/NOTICE swagger-ui/NOTICE
keep swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt swagger-ui/swagger-ui-bundle.js.LICENSE.txt
keep swagger-ui-dist/swagger-ui-bundle.js swagger-ui/swagger-ui-bundle.js.gz
keep swagger-ui-dist/swagger-ui.css swagger-ui/swagger-ui.css.gz
keep redoc/LICENSE redoc/LICENSE
keep redoc/bundles/redoc.standalone.js redoc/redoc.standalone.js.gz
chmod 644 swagger-ui/* redoc/*
