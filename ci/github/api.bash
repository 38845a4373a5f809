# shellcheck shell=bash disable=SC2034
# GitHub's API, for the scripts that write comments and issues. Sourced after ci/settings.bash, never run.
#
# Needs GITHUB_TOKEN, and what GitHub sets: GITHUB_REPOSITORY, GITHUB_API_URL, GITHUB_SERVER_URL. CERTCTL_COMMENT_AUTHOR is
# who this writes as, if it is not github-actions[bot].

api=${GITHUB_API_URL:-https://api.github.com}/repos/$GITHUB_REPOSITORY
author=${CERTCTL_COMMENT_AUTHOR:-github-actions[bot]}
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
answer=$scratch/answer

# Asks the API; the answer is in $answer, its status in `status`. The token is on no command line.
call() {
    local method=$1 url=$2
    shift 2
    status=$(
        curl --silent --show-error --max-time 60 --output "$answer" --write-out '%{http_code}' \
            --config <(printf 'header = "Authorization: Bearer %s"\n' "${GITHUB_TOKEN:-}") \
            --header 'Accept: application/vnd.github+json' --header 'X-GitHub-Api-Version: 2022-11-28' \
            --request "$method" "$@" -- "$url"
    ) || status=000
}

# The page of a run of a workflow.
run_page() {
    printf '%s/%s/actions/runs/%s' "${GITHUB_SERVER_URL:-https://github.com}" "$GITHUB_REPOSITORY" "$1"
}
