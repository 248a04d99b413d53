#!/usr/bin/env bash
# Refresh the browser files under services/console/static/vendor from their npm packages, byte for byte.
#
#   deploy/vendor_assets.sh            the versions below
#   HTMX=4.0.2 deploy/vendor_assets.sh another version; write it down below when it is kept
#
# Needs npm. The files are committed, so neither a build nor a start needs it. VERSIONS lists the packages and the
# sha256 of every file; tests/packaging/test_vendored_assets.py compares them with what is there.
set -euo pipefail

HTMX=${HTMX:-4.0.1}
SWAGGER_UI=${SWAGGER_UI:-5.35.0}

cd "$(dirname "$0")/.."
vendor=$PWD/services/console/static/vendor
unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked"' EXIT

# unpack PACKAGE VERSION: the published archive as $unpacked/PACKAGE
unpack() {
  mkdir "$unpacked/$1"
  (cd "$unpacked" && npm pack --silent "$1@$2" | xargs -I{} tar -xzf {} -C "$1" --strip-components 1)
}

# keep FOLDER PACKAGE FILE...: replace the folder by these files of the package
keep() {
  local folder=$vendor/$1 package=$unpacked/$2
  shift 2
  rm -rf "$folder"
  mkdir -p "$folder"
  for file in "$@"; do
    cp "$package/$file" "$folder/"
  done
  chmod 644 "$folder"/*
}

unpack htmx.org "$HTMX"
unpack swagger-ui-dist "$SWAGGER_UI"
keep htmx htmx.org LICENSE dist/htmx.min.js dist/ext/hx-sse.min.js
keep swagger-ui swagger-ui-dist LICENSE NOTICE swagger-ui.css swagger-ui-bundle.js swagger-ui-bundle.js.LICENSE.txt

cd "$vendor"
{
  echo "# folder package version licence, then sha256 and name of each file; written by deploy/vendor_assets.sh"
  echo "htmx htmx.org $HTMX 0BSD"
  echo "swagger-ui swagger-ui-dist $SWAGGER_UI Apache-2.0"
  LC_ALL=C find . -mindepth 2 -type f -printf '%P\n' | LC_ALL=C sort | xargs sha256sum
} > VERSIONS
cat VERSIONS
