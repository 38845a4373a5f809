# shellcheck shell=bash disable=SC2034,SC2154
# The API of a forge, for the scripts that write comments, notes and issues. Sourced by ci/github/api.bash and
# ci/gitlab/api.bash, never run. They set:
#
#   headers       what every request has, as arguments of curl
#   credential    the header with the token
#   author        the account that the token is of
#   author_member where an entry of a list has its author, for jq
#
# A script that sources one of them defines `taken`: it checks `status`, and ends if the answer is not what was asked for.

scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
answer=$scratch/answer

# Asks the API; the answer is in $answer, its status in `status`. The token is on no command line.
call() {
    local method=$1 url=$2
    shift 2
    # Without an answer, the one before must not be taken for it.
    : >"$answer"
    status=$(
        curl --silent --show-error --max-time 60 --output "$answer" --write-out '%{http_code}' \
            --config <(printf 'header = "%s"\n' "$credential") "${headers[@]}" \
            --request "$method" "$@" -- "$url"
    ) || status=000
}

# The beginning of an answer that was not expected, for a message.
answered() {
    printf 'status %s, %s' "$status" "$(head -c 300 -- "$answer" | tr -d '\r\n')"
}

# Takes the report of a plan or of drift, whose first line says so and names the environment: `report`, `marker`, `environment`.
take_report() {
    report=$out/$1.md
    [ -f "$report" ] || fail 1 "there is no $report: run $2 first"
    marker=$(head -n 1 -- "$report")
    [[ $marker =~ ^"<!-- certctl $1 "[A-Za-z0-9_.]+' -->'$ ]] || fail 1 "$report is not a report of $1"
    environment=${marker#"<!-- certctl $1 "}
    environment=${environment%' -->'}
}

# Looks through all pages of a list for the entry with `marker` as its first line, and takes its member $2: `found`, empty if
# there is none. Anybody can write such a line; only what this account wrote is changed. The other arguments narrow the list.
find_own() {
    local url=$1 member=$2 page=1
    shift 2
    found=
    while [ -z "$found" ]; do
        call GET "$url" --get "$@" --data-urlencode "per_page=100" --data-urlencode "page=$page"
        taken
        # A comment and an issue of GitHub and a note of GitLab have a body, an issue of GitLab has a description. For
        # GitHub, a pull request is an issue, too.
        found=$(jq -r --arg marker "$marker" --arg author "$author" \
            "[.[] | select(.pull_request == null and ($author_member | tostring) == \$author
                and (.body // .description // \"\" | split(\"\\n\") | first | rtrimstr(\"\\r\")) == \$marker)]
            | first | .$member // empty" "$answer")
        if [ "$(jq length "$answer")" -lt 100 ]; then
            break
        fi
        page=$((page + 1))
    done
}
