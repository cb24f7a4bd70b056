#!/usr/bin/env bash
# schema.sh [--check]: makes tests/fixtures/protocol/lsp.schema.json, the strict JSON schema of every message
# the tests look at, from the official typings on npm. Needs node and npm. With --check it only compares.
set -euo pipefail
protocol=3.18.5 generator=2.4.0
fixtures=$(cd "$(dirname "$0")/../fixtures/protocol" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$fixtures"/schema/* "$work"
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts \
  "vscode-languageserver-protocol@$protocol" "ts-json-schema-generator@$generator" >/dev/null
npx ts-json-schema-generator --path messages.ts --tsconfig tsconfig.json --no-type-check --type '*' --out made.json
node tighten.cjs made.json "$protocol"
if [ "${1:-}" = --check ]; then
  diff -q made.json "$fixtures/lsp.schema.json" || { echo "run tests/tools/schema.sh" >&2; exit 1; }
else
  cp made.json "$fixtures/lsp.schema.json"
fi
