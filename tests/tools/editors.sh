#!/usr/bin/env bash
# editors.sh FOLDER [PACKAGE...]: a Neovim (0.11 or newer) and a Helix to test against, with the tmux to drive
# it in, on any Debian amd64. With `emacs-nox` or `chromium fonts-dejavu-core` instead: those, to be started as
# FOLDER/emacs and FOLDER/chromium; with `nodejs npm`: what node.sh needs.
#
# Stable Debian packages versions that are too old. So the packages and everything they depend on, their C
# library included, come from a newer suite, are unpacked into FOLDER, and the programs are pointed at that
# library. Nothing is installed: no root is needed, and apt's own state stays as it is. The mirror is the
# one this machine's apt uses. Do not move FOLDER afterwards; remove it and run this again.
set -euo pipefail

folder=$(realpath -m "${1:?usage: editors.sh FOLDER [PACKAGE...]}")
shift
[ $# -gt 0 ] || set -- neovim hx tmux
suite=${SUITE:-forky}
ready=$folder/.ready
wanted="2 $suite $*"
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
rm -rf "$folder"/usr/share/{doc,man,locale,icons,gir-1.0} "$folder"/usr/{include,lib/gcc,lib/gcc-cross}
rm -rf "$folder"/usr/lib/x86_64-linux-gnu/{libLLVM,libgallium,libz3}* # drivers of graphics cards

libraries=$folder/usr/lib/x86_64-linux-gnu
loader=$libraries/ld-linux-x86-64.so.2
# patchelf is as new as the rest, so it runs on the new library too.
patch() { "$loader" --library-path "$libraries" "$folder/usr/bin/patchelf" "$@"; }
for program in usr/bin/{nvim,tmux,emacs-nox,node} usr/lib/hx/hx usr/lib/chromium/chromium; do
  [ -e "$folder/$program" ] || continue
  # A forced rpath is inherited by the libraries that the program loads; a plain one is not.
  patch --set-interpreter "$loader" --force-rpath --set-rpath "$libraries:$libraries/pulseaudio" "$folder/$program"
done
for library in "$libraries"/libpulse*.so.*; do # its own one would go before
  [ ! -f "$library" ] || [ -L "$library" ] || patch --remove-rpath "$library"
done

# These two look for their files where a package would have put them, unless they are told.
wrapper() {
  { echo '#!/bin/sh'; cat; } >"$folder/$1"
  chmod +x "$folder/$1"
}
if [ -e "$folder/usr/bin/emacs-nox" ]; then
  version=$(cd "$folder/usr/libexec/emacs" && ls | head -n 1)
  wrapper emacs <<EOF
export EMACSLOADPATH=$folder/usr/share/emacs/$version/lisp EMACSDATA=$folder/usr/share/emacs/$version/etc
export EMACSPATH=$folder/usr/libexec/emacs/$version/x86_64-linux-gnu
exec $folder/usr/bin/emacs-nox --dump-file=$(ls "$folder/usr/libexec/emacs/$version"/*/*.pdmp) "\$@"
EOF
fi
if [ -e "$folder/usr/lib/chromium/chromium" ]; then
  cat >"$folder/fonts.conf" <<EOF
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>$folder/usr/share/fonts</dir><cachedir>$folder/fonts-cache</cachedir></fontconfig>
EOF
  wrapper chromium <<EOF
export FONTCONFIG_FILE=$folder/fonts.conf
exec $folder/usr/lib/chromium/chromium "\$@"
EOF
fi

for program in usr/bin/{nvim,hx} emacs chromium; do
  [ ! -e "$folder/$program" ] || "$folder/$program" --version | head -n 1
done
[ ! -e "$folder/usr/bin/tmux" ] || "$folder/usr/bin/tmux" -V
echo "$wanted" >"$ready"
