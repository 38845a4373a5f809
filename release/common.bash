# shellcheck shell=bash
# What the scripts of a release share.
set -euo pipefail
export LC_ALL=C TZ=UTC
umask 022

top=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034 # the scripts use it
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$top/Cargo.toml" | head -n 1)
# All times in archives are the commit's.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$top" log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
# release/tools puts them there.
PATH=$top/target/release-tools/bin:$PATH

say() {
    printf '\n== %s\n' "$*" >&2
}

fail() {
    printf 'release: %s\n' "$*" >&2
    exit 1
}

# need PROGRAM WHERE-FROM
need() {
    command -v "$1" >/dev/null 2>&1 || fail "$1 is not installed. $2"
}

# Writes an archive that depends only on the files' contents and names: tarball FOLDER FILE
tarball() {
    tar --create --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
        --directory "$(dirname -- "$1")" "$(basename -- "$1")" | gzip -n9 >"$2"
}
