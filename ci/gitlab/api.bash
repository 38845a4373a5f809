# shellcheck shell=bash disable=SC2034
# GitLab's API, for the scripts that write notes and issues. Sourced after ci/settings.bash, never run.
#
# Needs CERTCTL_NOTE_TOKEN, a project access token with the scope `api` and the role Reporter, and what GitLab sets:
# CI_API_V4_URL, CI_PROJECT_ID.

api=$CI_API_V4_URL
answer=$(mktemp)
trap 'rm -f -- "$answer"' EXIT

# Asks the API; the answer is in $answer, its status in `status`. The token is on no command line.
call() {
    local method=$1 url=$2
    shift 2
    status=$(
        curl --silent --show-error --max-time 60 --output "$answer" --write-out '%{http_code}' \
            --config <(printf 'header = "PRIVATE-TOKEN: %s"\n' "$CERTCTL_NOTE_TOKEN") \
            --request "$method" "$@" -- "$url"
    ) || status=000
}

taken() {
    case $status in
        2??) ;;
        *) fail 1 "GitLab did not take it: status $status, $(head -c 300 -- "$answer" | tr -d '\r\n')" ;;
    esac
}

# The account of the token, in `author`.
who_am_i() {
    call GET "$api/user"
    taken
    author=$(jq -er .id "$answer")
}
