# shellcheck shell=bash disable=SC2034,SC2154
# GitHub's API, for the scripts that write comments and issues. Sourced after ci/settings.bash, never run.
#
# Needs GITHUB_TOKEN, and what GitHub sets: GITHUB_REPOSITORY, GITHUB_API_URL, GITHUB_SERVER_URL. CERTCTL_COMMENT_AUTHOR is
# who this writes as, if it is not github-actions[bot].

api=${GITHUB_API_URL:-https://api.github.com}/repos/$GITHUB_REPOSITORY
headers=(--header 'Accept: application/vnd.github+json' --header 'X-GitHub-Api-Version: 2022-11-28')
credential="Authorization: Bearer ${GITHUB_TOKEN:-}"
author=${CERTCTL_COMMENT_AUTHOR:-github-actions[bot]}
author_member=.user.login
# shellcheck source=ci/api.bash
. "$here/../api.bash"

# The page of a run of a workflow.
run_page() {
    printf '%s/%s/actions/runs/%s' "${GITHUB_SERVER_URL:-https://github.com}" "$GITHUB_REPOSITORY" "$1"
}
