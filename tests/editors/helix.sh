#!/usr/bin/env bash
# helix.sh HELIX TMUX HOME: a session in Helix in the project that is the working folder, as a person has it.
# Driven by tests/tests/editors/helix.rs, which has put the configuration into HOME and compares afterwards.
set -euo pipefail
helix=$1 tmux=$2 home=$3
socket=$home/tmux
t() { "$tmux" -S "$socket" -f /dev/null "$@"; }
trap 't kill-server 2>/dev/null || true' EXIT # the one that was started here

mkdir -p "$XDG_CONFIG_HOME/helix" "$XDG_CACHE_HOME/helix"
cat >"$XDG_CONFIG_HOME/helix/config.toml" <<'TOML'
[editor]
idle-timeout = 50
end-of-line-diagnostics = "hint"
color-modes = false
auto-pairs = false
true-color = false
[editor.inline-diagnostics]
cursor-line = "hint"
TOML

screen() { t capture-pane -p -t session; }
fail() {
  echo "FAILED $1"
  screen || true
  tail -n 20 "$XDG_CACHE_HOME/helix/helix.log" 2>/dev/null | cut -c1-300
  exit 1
}
# soon PATTERN WHAT: it comes to stand on the screen; gone is the contrary.
soon() {
  local left=600
  until screen | grep -qE -- "$1"; do
    left=$((left - 1))
    [ $left -gt 0 ] || fail "$2"
    sleep 0.05
  done
  echo "ok $2"
}
gone() {
  local left=600
  while screen | grep -qE -- "$1"; do
    left=$((left - 1))
    [ $left -gt 0 ] || fail "$2"
    sleep 0.05
  done
  echo "ok $2"
}
keys() { t send-keys -t session "$@"; }
# again PATTERN WHAT KEY...: keys that do the same as often as they come, until it stands on the screen: findings may
# be renewed just when they are asked for.
again() {
  local pattern=$1 what=$2 left=60 look
  shift 2
  while :; do
    keys "$@"
    for look in 1 2 3 4 5 6 7 8 9 10; do
      ! screen | grep -qE -- "$pattern" || { echo "ok $what"; return; }
      sleep 0.05
    done
    left=$((left - 1))
    [ $left -gt 0 ] || fail "$what"
  done
}
# written TEXT: it is typed in insert mode, which is left, and the file is saved. A key that follows Escape at once
# would be taken for one with Alt.
written() {
  soon '^ INS ' 'insert mode'
  keys -l "$1"
  keys Escape
  soon '^ NOR ' 'normal mode'
  saved
}
# What Helix says of a saved file is gone with the next message of a server; its mark for one that is not saved stays.
saved() {
  soon '^ NOR .*\[\+\]' 'something is to be saved'
  keys ':w' Enter
  gone '^ NOR .*\[\+\]' 'it is saved'
}

# problems COUNT WHAT: so many findings are about the configuration. The list shows what was known when it was opened.
problems() {
  local left=60
  while :; do
    keys Space D
    until screen | grep -qE 'severity +source +code'; do sleep 0.05; done
    [ "$(screen | grep -cE 'WARN +routewise +routewise\.js')" = "$1" ] && break
    left=$((left - 1))
    [ $left -gt 0 ] || fail "$2"
    keys Escape
    while screen | grep -qE 'severity +source +code'; do sleep 0.05; done
  done
  keys Escape
  gone 'severity +source +code' "$2"
}

for language in typescript tsx javascript jsx; do
  health=$("$helix" --health "$language" 2>/dev/null | sed 's/\x1b\[[0-9;]*m//g')
  grep -qE '✓ routewise: ' <<<"$health" || fail "$language has the server: $health"
  grep -q 'typescript-language-server' <<<"$health" || fail "$language keeps its own server: $health"
done
echo "ok all four languages have both servers"

t new-session -d -s session -x 150 -y 50 "exec '$helix' -vv app/api/report/route.ts"
soon 'export async function GET' 'the file is open'
soon 'makes a new Prisma client' 'the finding is on the screen'
again 'Import one shared' 'its remedy is read on its line' g g ']' d
keys Space k
soon 'What happens' 'the hover opens'
keys Escape
gone 'What happens' 'the hover closes'
keys ':open app/api/users/route.ts' Enter
soon 'Next.js evaluates this module again' 'the finding of the second file'
keys ':open lib/orders.ts' Enter
soon 'GET /api/export. makes a new' 'the finding of the third file'
keys ':open components/download.tsx' Enter
soon 'Every order' 'a page that asks for a URL'
keys / api/export Enter
soon 'download.tsx .* 4:3[0-9]$' 'the cursor is on the URL'
keys g d
soon 'export/route.ts .* 3:23$' 'the URL leads to its handler'
keys Space S
soon 'kind +name' 'the symbols of the workspace are asked for'
keys -l '/api/'
soon 'GET /api/users' 'the routes are among them'
keys -l 'blogs'
soon ' 1/1 ' 'and searched by URL'
soon 'GET /api/blogs' 'so that one is left'
keys Enter
soon 'blogs/route.ts' 'picked, a route is opened'

keys ':open routewise.json' Enter
gone 'blogs/route.ts' 'a configuration is begun'
keys i
written '{ "target": "versel" }'
problems 1 'a broken configuration is among the findings of all files'
keys '%' c
written '{ "target": "vercel" }'
problems 0 'and gone when it is mended'
keys ':open app/api/report/route.ts' Enter
soon 'orders.findMany|order.findMany' 'back in the first file'
again 'route.ts .* 5:35$' 'the cursor is on the finding' g g ']' d
keys Space a
soon 'Use .prisma. of .@/lib/prisma' 'the fixes are offered, the preferred one first'
keys Enter
soon "import . prisma . from '@/lib/prisma'" 'the fix changes the text'
gone 'makes a new Prisma client' 'the finding goes'
saved

# A server that was killed.
server=$(pgrep -f "routewise lsp$" -P "$(t display-message -p -t session '#{pane_pid}')") || fail 'the server runs'
kill -KILL "$server"
keys ':lsp-restart routewise' Enter
left=600
until after=$(pgrep -f "routewise lsp$" -P "$(t display-message -p -t session '#{pane_pid}')") && [ "$after" != "$server" ]; do
  left=$((left - 1))
  [ $left -gt 0 ] || fail 'another server runs'
  sleep 0.05
done
echo 'ok a server that was killed is back after :lsp-restart'
keys ':open lib/orders.ts' Enter
soon 'GET /api/export. makes a new' 'the new server finds the same'
again 'via .exportOrders' 'and says the way in its message' g g ']' d
keys ':qa' Enter
left=200
while t has-session -t session 2>/dev/null; do
  left=$((left - 1))
  [ $left -gt 0 ] || fail 'Helix leaves'
  sleep 0.05
done
echo 'ok Helix leaves'
