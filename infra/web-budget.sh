#!/usr/bin/env bash
# What the dashboard costs a browser that is left open, and what a page does when something is out of reach, in Debian's Chromium.
#   web-budget.sh [MINUTES]   a study of 528 runs for so long (default: 10): no task over 50 ms, heap within 10 %, nothing jumps
# Code 0: all of it holds; 1: something does not, and is named. What needs no browser is measured by `ldc bench web`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

minutes=${1:-10}
if ! [[ $minutes =~ ^[0-9]+(\.[0-9]+)?$ ]]; then
    echo "web-budget.sh [MINUTES]: '$minutes' is not a number of minutes." >&2
    exit 2
fi
bash infra/setup.sh --tests
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
dotnet build tests/LdcLedger.Web.Tests -c Release --nologo -v quiet -clp:NoSummary </dev/null
# One after another: what is measured has the machine to itself.
for class in OpenForLongTests LostLineTests OutOfReachTests HeldBackTests; do
    LDC_TEST_MINUTES=$minutes tests/LdcLedger.Web.Tests/bin/Release/net10.0/LdcLedger.Web.Tests \
        -noLogo -noColor -diagnostics -class "*.$class" </dev/null
done
