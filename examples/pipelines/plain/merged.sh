#!/usr/bin/env bash
# For any other pipeline, on the branch that changes were merged into: plans, shows the plan, applies exactly that, and
# records the state. Needs the key in CERTCTL_API_KEY; and a clone that may push or, for a state on shared storage, the
# credentials of that.
# CERTCTL_SOURCE is a clone of certctl's repository; certctl is on the PATH.
set -euo pipefail
export CERTCTL_ENV=production
ci=${CERTCTL_SOURCE:?a clone of the repository of certctl}/ci
# The plan needs no key, so it gets none.
env -u CERTCTL_API_KEY -u TI_API_KEY "$ci/plain/plan"
if [ "$(cat certctl-out/has-changes)" = true ]; then
    "$ci/plain/apply"
fi
