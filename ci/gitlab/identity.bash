# shellcheck shell=bash disable=SC2154
# Who this job is for the storage that has the state. Sourced after settings.bash, never run.
#
# GitLab gives a job its identity as a token in a variable (`id_tokens`), and the storage's own tools want a file. A file is
# made of CERTCTL_AWS_TOKEN if AWS_ROLE_ARN names a role, and of CERTCTL_AZURE_TOKEN if AZURE_CLIENT_ID names an identity. For
# a state that this GitLab keeps itself, the job's own token does. It is given to no other server.

identity=$(mktemp -d)
trap 'rm -rf -- "$identity"' EXIT
if [ -n "${CERTCTL_AWS_TOKEN:-}" ] && [ -n "${AWS_ROLE_ARN:-}" ]; then
    printf '%s' "$CERTCTL_AWS_TOKEN" >"$identity/aws"
    export AWS_WEB_IDENTITY_TOKEN_FILE=$identity/aws
fi
if [ -n "${CERTCTL_AZURE_TOKEN:-}" ] && [ -n "${AZURE_CLIENT_ID:-}" ]; then
    printf '%s' "$CERTCTL_AZURE_TOKEN" >"$identity/azure"
    export AZURE_FEDERATED_TOKEN_FILE=$identity/azure
fi
if [ -n "${CI_JOB_TOKEN:-}" ] && [ -n "${CI_API_V4_URL:-}" ] && [ -z "${TF_HTTP_PASSWORD:-}" ]; then
    # Where the configuration has mistakes, what comes next says so.
    kept_at=$("$certctl" -C "$project" validate --json 2>/dev/null | jq -r '.state // empty') || kept_at=
    if [[ $kept_at == "$CI_API_V4_URL"/* ]]; then
        export TF_HTTP_USERNAME=gitlab-ci-token TF_HTTP_PASSWORD=$CI_JOB_TOKEN
    fi
fi
