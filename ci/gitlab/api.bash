# shellcheck shell=bash disable=SC2034,SC2154
# GitLab's API, for the scripts that write notes and issues. Sourced after ci/settings.bash, never run.
#
# Needs CERTCTL_NOTE_TOKEN, a project access token with the scope `api` and the role Reporter, and what GitLab sets:
# CI_API_V4_URL, CI_PROJECT_ID.

api=$CI_API_V4_URL
headers=()
credential="PRIVATE-TOKEN: $CERTCTL_NOTE_TOKEN"
author_member=.author.id
# shellcheck source=ci/api.bash
. "$here/../api.bash"

taken() {
    case $status in
        2??) ;;
        *) fail 1 "GitLab did not take it: $(answered)" ;;
    esac
}

# Sends JSON from stdin.
send() {
    call "$1" "$2" --header 'Content-Type: application/json' --data-binary @-
    taken
}

call GET "$api/user"
taken
author=$(jq -er .id "$answer")
