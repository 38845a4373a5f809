#!/usr/bin/env bash
# For any other pipeline, on a change that is not merged yet: plans, and leaves the reports in certctl-out.
# CERTCTL_SOURCE is a clone of certctl's repository; certctl is on the PATH. No key is needed.
set -euo pipefail
export CERTCTL_ENV=production
exec "${CERTCTL_SOURCE:?a clone of the repository of certctl}/ci/plain/plan"
