#!/bin/sh
# Installs a release of certctl: chooses the archive for this system, checks its signature and its SHA-256 sum, and unpacks it.
#   install.sh [--version 0.1.0] [--to ~/.local/bin] [--from https://…, or a folder with the files of a release]
# The key with which releases are signed can be given as CERTCTL_RELEASE_KEY, a folder that keeps downloads as CERTCTL_CACHE.
# Exit code 3: there is no release to be had here. 1: there is one, and it was refused, or this was called wrongly.
set -eu
version=0.1.0
to=${HOME:-.}/.local/bin from=''
key=${CERTCTL_RELEASE_KEY:-none} cache=${CERTCTL_CACHE:-}

fail() { printf 'install.sh: %s\n' "$*" >&2; exit "${code:-1}"; }
none() { code=3; fail "$*"; }

while [ $# -gt 0 ]; do
    [ $# -gt 1 ] || fail "usage: install.sh [--version VERSION] [--to FOLDER] [--from ADDRESS-OR-FOLDER]"
    case $1 in --version) version=${2#v} ;; --to) to=$2 ;; --from) from=${2%/} ;; *) fail "there is no option $1" ;; esac
    shift 2
done
from=${from:-https://github.com/your-org/certctl/releases/download/v$version}
case $(uname -s)-$(uname -m) in
    Linux-x86_64) target=x86_64-unknown-linux-musl ;;
    Linux-aarch64 | Linux-arm64) target=aarch64-unknown-linux-musl ;;
    Darwin-x86_64) target=x86_64-apple-darwin ;;
    Darwin-arm64) target=aarch64-apple-darwin ;;
    *) none "there is no release for $(uname -s) $(uname -m). Build it from source: cargo install --locked certctl" ;;
esac
[ "$key" != none ] || none "this copy has no key to check releases with; take install.sh from a release, or set CERTCTL_RELEASE_KEY"
name=certctl-$version-$target work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT; trap 'exit 130' INT TERM

fetch() { # fetch FILE: from the folder or the server
    case $from in
        https://*) curl --proto '=https' --proto-redir '=https' -fsSL --retry 3 -o "$work/$1" "$from/$1" ;;
        http://127.0.0.1:* | http://localhost:*) curl -fsS -o "$work/$1" "$from/$1" ;;
        *://*) fail "$from is not an https address" ;;
        *) cp "$from/$1" "$work/$1" ;;
    esac
}
raw() { printf '%s' "$1" | openssl base64 -d -A; }
signed() { # whether SHA256SUMS.minisig is the key's signature of SHA256SUMS: by minisign, else by OpenSSL 3
    if command -v minisign >/dev/null; then minisign -Vqm "$work/SHA256SUMS" -P "$key" >/dev/null; return; fi
    command -v openssl >/dev/null || fail "the signature cannot be checked: install minisign or OpenSSL 3"
    { printf '0*0\005\006\003+ep\003!\000' && raw "$key" | tail -c 32; } >"$work/key"
    raw "$(sed -n 2p "$work/SHA256SUMS.minisig")" | tail -c 64 >"$work/signature"
    openssl dgst -blake2b512 -binary -out "$work/digest" "$work/SHA256SUMS"
    openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey "$work/key" -sigfile "$work/signature" -in "$work/digest" >/dev/null
}

if [ -n "$cache" ] && [ -f "$cache/$version/$name.tar.gz" ]; then from=$cache/$version cache=''; fi
fetch "$name.tar.gz" || none "$from/$name.tar.gz could not be fetched"
for file in SHA256SUMS SHA256SUMS.minisig; do fetch "$file" || fail "$from/$file could not be fetched; nothing was installed"; done
signed || fail "SHA256SUMS of $from has a wrong signature; nothing was installed"
sum=$(sed -n "s/^\([0-9a-f]\{64\}\) [ *]$name\.tar\.gz\$/\1/p" "$work/SHA256SUMS")
[ -n "$sum" ] || fail "SHA256SUMS of $from does not list $name.tar.gz; nothing was installed"
found=$(if command -v sha256sum >/dev/null; then sha256sum <"$work/$name.tar.gz"; else shasum -a 256 <"$work/$name.tar.gz"; fi)
[ "${found%% *}" = "$sum" ] || fail "$from/$name.tar.gz has another SHA-256 sum than SHA256SUMS says; nothing was installed"
tar -xzf "$work/$name.tar.gz" -C "$work"
if [ -n "$cache" ]; then # the archive comes last and whole: where it is, the cache is used
    mkdir -p "$cache/$version" && cp "$work/SHA256SUMS" "$work/SHA256SUMS.minisig" "$cache/$version/" &&
        cp "$work/$name.tar.gz" "$cache/$version/.$$" && mv "$cache/$version/.$$" "$cache/$version/$name.tar.gz" ||
        echo "install.sh: $cache could not keep the release; it is fetched again next time" >&2
fi
mkdir -p "$to" && cp "$work/$name/certctl" "$to/.certctl-$$" && chmod 755 "$to/.certctl-$$" && mv "$to/.certctl-$$" "$to/certctl"
echo "certctl $version is in $to" >&2
case :$PATH: in *:"$to":*) ;; *) echo "Add $to to your PATH: export PATH=\"$to:\$PATH\"" >&2 ;; esac
