#!/usr/bin/env bash
# editors.sh FOLDER [PACKAGE...]: a Neovim (0.11 or newer) and a Helix to test against, on any Debian amd64.
#
# Stable Debian packages versions that are too old. So the packages and everything they depend on, their C
# library included, come from a newer suite, are unpacked into FOLDER, and the programs are pointed at that
# library. Nothing is installed: no root is needed, and apt's own state stays as it is. The mirror is the
# one this machine's apt uses. Do not move FOLDER afterwards; remove it and run this again.
set -euo pipefail

folder=$(realpath -m "${1:?usage: editors.sh FOLDER [PACKAGE...]}")
shift
[ $# -gt 0 ] || set -- neovim hx
suite=${SUITE:-forky}
ready=$folder/.ready
wanted="$suite $*"
if [ "$(cat "$ready" 2>/dev/null)" = "$wanted" ]; then
  echo "editors: $folder is ready"
  exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists,archives,system-lists}/partial
: >"$work/status" # nothing is installed: the whole closure is fetched

codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
mirror_in() {
  apt-get -o Dir::State::lists="$1" indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' |
    awk -v codename="$codename" '$1 == codename { print $2; exit }'
}
mirror=$(mirror_in /var/lib/apt/lists)
if [ -z "$mirror" ]; then # as in a fresh container, where apt has not looked at its sources yet
  apt-get -o Dir::State::lists="$work/system-lists" -o Debug::NoLocking=1 -o APT::Sandbox::User="$(id -un)" -qq update
  mirror=$(mirror_in "$work/system-lists")
fi
[ -n "$mirror" ] || { echo "editors: apt knows no mirror of Debian $codename" >&2; exit 1; }

echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$work/sources.list"
private=(
  -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=/dev/null
  -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null
  -o Dir::State::lists="$work/lists" -o Dir::State::status="$work/status"
  -o Dir::State::extended_states="$work/extended" -o Dir::Cache="$work" -o Dir::Cache::archives="$work/archives"
  -o Dir::Log="$work" -o Debug::NoLocking=1 -o APT::Sandbox::User="$(id -un)"
  -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false
  -o APT::Install-Recommends=false -o Acquire::Retries=3
)
apt-get "${private[@]}" -qq update
apt-get "${private[@]}" -qq -y --download-only install patchelf "$@"

rm -rf "$folder"
mkdir -p "$folder"
for package in "$work"/archives/*.deb; do dpkg-deb -x "$package" "$folder"; done
rm -rf "$folder"/usr/share/{doc,man,locale}

libraries=$folder/usr/lib/x86_64-linux-gnu
loader=$libraries/ld-linux-x86-64.so.2
for program in usr/bin/nvim usr/lib/hx/hx; do
  [ -e "$folder/$program" ] || continue
  # patchelf is as new as the rest, so it runs on the new library too. A forced rpath is inherited by the
  # libraries that the program loads; a plain one is not.
  "$loader" --library-path "$libraries" "$folder/usr/bin/patchelf" \
    --set-interpreter "$loader" --force-rpath --set-rpath "$libraries" "$folder/$program"
done
[ ! -e "$folder/usr/bin/nvim" ] || "$folder/usr/bin/nvim" --version | head -n 1
[ ! -e "$folder/usr/bin/hx" ] || "$folder/usr/bin/hx" --version
echo "$wanted" >"$ready"
