#!/usr/bin/env bash
# npm.sh FOLDER PACKAGE@VERSION...: npm packages to test against, such as the TypeScript compiler.
#
# Installs them into FOLDER/node_modules, once: a second call with the same packages does nothing. Their
# install scripts do not run. Needs npm and, the first time, its registry.
set -euo pipefail

folder=$(realpath -m "${1:?usage: npm.sh FOLDER PACKAGE@VERSION...}")
shift
[ $# -gt 0 ] || { echo "usage: npm.sh FOLDER PACKAGE@VERSION..." >&2; exit 2; }
ready=$folder/.ready
mkdir -p "$folder"
exec 9>"$folder/.lock"
flock 9 # tests run at the same time
if [ "$(cat "$ready" 2>/dev/null)" = "$*" ]; then
  exit 0
fi
rm -rf "$folder/node_modules" "$folder/package-lock.json" "$ready"
echo '{ "private": true }' >"$folder/package.json"
(cd "$folder" && npm install --ignore-scripts --no-audit --no-fund --loglevel=error "$@" >&2)
echo "$*" >"$ready"
