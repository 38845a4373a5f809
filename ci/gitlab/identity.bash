# shellcheck shell=bash
# Who this job is for the storage that has the state. Sourced after settings.bash, never run.
#
# GitLab gives a job its identity as a token in a variable (`id_tokens`), and the storage's own tools want a file. A file is
# made of CERTCTL_AWS_TOKEN if AWS_ROLE_ARN names a role, and of CERTCTL_AZURE_TOKEN if AZURE_CLIENT_ID names an identity.

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
