#!/usr/bin/env bash
# For any other pipeline, on a change that is not merged yet: plans, and leaves the reports in certctl-out.
# CERTCTL_TARGET is the branch that it is to be merged into; the clone must have the whole history.
# Where a change may not see the shared storage that has the state, name a folder with a copy from ci/plain/publish in
# CERTCTL_STATE_COPY. CERTCTL_SOURCE is a clone of certctl's repository; certctl is on the PATH. No key is needed.
set -euo pipefail
export CERTCTL_ENV=production
ci=${CERTCTL_SOURCE:?a clone of the repository of certctl}/ci
# What counts is what the merge would give. Leave this out where your pipeline checks out the merge already.
"$ci/plain/merged" "${CERTCTL_TARGET:-main}"
exec "$ci/plain/plan"
