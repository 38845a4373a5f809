# shellcheck shell=bash disable=SC2034,SC2154
# A state that is a file, in its git repository. Sourced after settings.bash, never run. From here on the project's folder
# is the current one.

remote=${CERTCTL_REMOTE:-origin}

cd -- "$project" || exit 1
project=.
root=$(git rev-parse --show-toplevel) || fail 1 "$PWD is not in a git repository that can be used"
branch=${CERTCTL_BRANCH:-$(git symbolic-ref --quiet --short HEAD || true)}
[ -n "$branch" ] || fail 1 "no branch is checked out here: name the one that has the state with CERTCTL_BRANCH"

export GIT_AUTHOR_NAME=${GIT_AUTHOR_NAME:-certctl} GIT_AUTHOR_EMAIL=${GIT_AUTHOR_EMAIL:-certctl@localhost}
export GIT_COMMITTER_NAME=${GIT_COMMITTER_NAME:-$GIT_AUTHOR_NAME}
export GIT_COMMITTER_EMAIL=${GIT_COMMITTER_EMAIL:-$GIT_AUTHOR_EMAIL}

# Finds the file that certctl named (`state`): `place` is then its name from the root.
find_state() {
    local folder
    mkdir -p -- "$(dirname -- "$state")"
    folder=$(cd -- "$(dirname -- "$state")" && pwd -P)
    case $folder/ in
        "$root"/*) ;;
        *) fail 1 "the state $state is not in this git repository, so it cannot be committed" ;;
    esac
    place=${folder#"$root"}/$(basename -- "$state")
    place=${place#/}
}

# What is recorded, by name from the root: the state, an unfinished journal, and what a run rescued.
state_files() {
    printf '%s\n' "$place" "$place.journal" "$place.rescued"
}

# The same for git, which is to take stars and brackets as they are.
state_paths() {
    state_files | sed 's/^/:(top,literal)/'
}

# Whether two commits have the same state.
same_state() {
    local paths
    mapfile -t paths < <(state_paths)
    git diff --quiet "$1" "$2" -- "${paths[@]}"
}

# A commit like $1 with some files put in or taken out, made without touching what is checked out. The lines of stdin
# are `FILE NAME-FROM-THE-ROOT`, separated by a tab; a file that is not there is taken out. $2 and on are messages.
commit_on() {
    local base=$1 index tree file name blob messages=()
    shift
    for message in "$@"; do
        messages+=(-m "$message")
    done
    index=$(mktemp)
    (
        export GIT_INDEX_FILE=$index
        git read-tree "$base"
        while IFS=$'\t' read -r file name; do
            if [ -f "$file" ]; then
                blob=$(git hash-object -w --no-filters -- "$file")
                git update-index --add --cacheinfo "100644,$blob,$name"
            else
                git update-index --force-remove -- "$root/$name"
            fi
        done
        tree=$(git write-tree)
        if [ "$tree" = "$(git rev-parse "$base^{tree}")" ]; then
            git rev-parse "$base"
        else
            git commit-tree "$tree" -p "$base" "${messages[@]}"
        fi
    )
    rm -f -- "$index"
}

# A name that can be a branch's: what is not plain becomes `_`.
plain_name() {
    local LC_ALL=C
    printf '%s' "${1//[^A-Za-z0-9_-]/_}"
}
