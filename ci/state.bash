# shellcheck shell=bash disable=SC2034,SC2154
# Where the state is. Sourced after settings.bash, never run.

# Asks certctl, so that it is said once: `state` is then the file or the address of the state, and `shared` is `true` if it
# is on storage that machines share.
ask_for_state() {
    local answer
    answer=$("$certctl" -C "$project" validate --json) || {
        printf '%s\n' "$answer" >&2
        fail 1 "the configuration is not valid, so it is not known where the state is"
    }
    state=$(jq -er .state <<<"$answer") || fail 1 "this certctl does not say where the state is: it is too old"
    shared=$(jq -r '.shared == true' <<<"$answer")
}
