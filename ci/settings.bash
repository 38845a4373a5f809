# shellcheck shell=bash disable=SC2034
# What every script here is told, and by which names. Sourced, never run.
#
#   CERTCTL          the certctl to run                      default: certctl, from the PATH
#   CERTCTL_DIR      the folder of certctl.toml              default: the current one
#   CERTCTL_ENV      the environment; certctl reads it itself
#   CERTCTL_OUT      where results and reports go            default: certctl-out
#   CERTCTL_EXPORTS  the folder of the exports for drift     default: exports, in that folder
#   CERTCTL_ARGS     more arguments for plan, apply or drift, one a line
#   CERTCTL_REMOTE   the git remote that has the state       default: origin
#   CERTCTL_BRANCH   its branch that has the state           default: the current one
#   CERTCTL_MAX_CHANGES  for plan: a person's consent to a change of so many templates, beyond the safety limits
#   CERTCTL_STATE_COPY   for publish: the folder for the copy of a shared state   default: certctl-state-copy
#                        for plan: the folder that has such a copy, to plan against it instead of the state itself
#   CERTCTL_LOCK_TIMEOUT for apply: how long to wait for another run that holds a shared state   default: 10m
#
# Nothing of these is ever a part of a command's text: they are values, whatever is in them.

# A command that fails inside `$(…)` ends the script, too. Needs bash 4.4.
shopt -s inherit_errexit

# An action's input that was not given is an empty text, and no environment has that name.
if [ -z "${CERTCTL_ENV:-}" ]; then
    unset CERTCTL_ENV
fi

# What a stranger commits must not run anything here. A bare repository in a folder of the project brings a
# configuration of its own, which git would obey; hooks, file system monitors, submodules and other transports are
# programs or lead to some. And the key is certctl's alone: no hook and no credential helper needs it.
git() {
    env -u CERTCTL_API_KEY -u TI_API_KEY GIT_TERMINAL_PROMPT=0 git \
        -c safe.bareRepository=explicit -c core.fsmonitor=false -c core.hooksPath=/dev/null \
        -c submodule.recurse=false -c fetch.recurseSubmodules=false -c diff.external= -c protocol.ext.allow=never "$@"
}

say() {
    printf '%s\n' "$*" >&2
}

# Ends with one line for the person who must act.
fail() {
    local code=$1
    shift
    say "error: $*"
    exit "$code"
}

certctl=${CERTCTL:-certctl}
project=${CERTCTL_DIR:-.}
out=${CERTCTL_OUT:-certctl-out}

# A change from a stranger may bring along a link of this name, or a folder of it with links in it: what is written there
# would end up in a file elsewhere. Of an absolute path only the last name is looked at: the others are this machine's.
link_on_the_way() {
    local path='' part parts=()
    case $1 in
        /*) parts=("${1%/}") ;;
        *) IFS=/ read -ra parts <<<"$1" ;;
    esac
    for part in "${parts[@]}"; do
        path=${path:+$path/}$part
        if [ -L "$path" ]; then
            printf '%s\n' "$path"
            return
        fi
    done
}

# Neither a file nor a folder: a link, a pipe, a device.
special_in() {
    find "$1" -mindepth 1 -maxdepth 1 ! -type f ! -type d -print -quit
}

# A script that only reads, and reads no link, sets `reads_only` before it sources this.
found=$(link_on_the_way "$out")
if [ -z "$found" ]; then
    mkdir -p -- "$out"
    out=$(cd -- "$out" && pwd)
    [ -n "${reads_only:-}" ] || found=$(special_in "$out")
fi
if [ -n "$found" ]; then
    fail 1 "$(printf '%q' "$found") is a link, or no regular file, and nothing is written through it: remove it"
fi

exports=${CERTCTL_EXPORTS:-$out/exports}

# An empty line is not an argument.
arguments=()
while IFS= read -r argument; do
    if [ -n "$argument" ]; then
        arguments+=("$argument")
    fi
done <<<"${CERTCTL_ARGS:-}"

# Fills `report_arguments` with a report of this name in every format, in place of those that were there.
reports() {
    report_arguments=()
    for format in markdown html json; do
        local file=$out/$1.${format/markdown/md}
        rm -f -- "$file"
        report_arguments+=(--report "$format=$file")
    done
}

# Says how old the copy of the state is that a plan was made against, as ci/plain/plan noted it; nothing of other plans.
copy_note() {
    local noted=$out/state-copied-at made age
    if [ ! -f "$noted" ] || [ -L "$noted" ]; then
        return
    fi
    made=$(head -c 20 -- "$noted")
    [[ $made =~ ^[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}Z$ ]] || return 0
    # shellcheck disable=SC2016 # a variable of jq
    age=$(jq -nr --arg made "$made" '(now - ($made | fromdateiso8601)) / 60 | floor
        | if . < 2 then "less than 2 minutes" elif . < 120 then "\(.) minutes"
          elif . < 2880 then "\(. / 60 | floor) hours" else "\(. / 1440 | floor) days" end' 2>/dev/null) || return 0
    printf 'Planned against a copy of the state that is %s old (%s). What was applied since then is not in it.' "$age" "$made"
}

# Puts a paragraph below the first line of a report, by which it is known.
below_first_line() {
    local rest
    rest=$(tail -n +2 -- "$2")
    printf '%s\n%s\n\n%s\n' "$(head -n 1 -- "$2")" "$1" "$rest" >"$2"
}

# Runs a command to its end, whoever wants this script to stop: the signal is handed on, and what comes after the
# command is done all the same. The command's exit code is in `code`.
to_the_end() {
    local stopped=1 child
    "$@" &
    child=$!
    trap 'stopped=1; kill -TERM "$child" 2>/dev/null || true' INT TERM HUP
    code=0
    while [ "$stopped" = 1 ]; do
        stopped=0
        code=0
        wait "$child" || code=$?
    done
    trap - INT TERM HUP
}
