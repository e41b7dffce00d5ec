#!/usr/bin/env bash
# Chaos: every fault that the tests know, mixed at random against small studies, on servers that it starts itself. Prints the counts;
# code 1 where anything differs from the undisturbed study.
#   chaos.sh [MINUTES] [SEED]        default: 5 minutes, seed 1
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
minutes=${1:-5} seed=${2:-1}
if ! [[ $minutes =~ ^[0-9]+(\.[0-9]+)?$ && $seed =~ ^[0-9]{1,9}$ ]]; then
    echo "chaos.sh [MINUTES] [SEED]: MINUTES is a number such as 5 or 0.5, SEED a whole number." >&2
    exit 2
fi
bash infra/setup.sh --tests || exit 1

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
project=tests/LdcLedger.Cluster.Tests
dotnet build "$project" -c Release --nologo -v quiet -clp:NoSummary || exit 1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Faults for so many minutes, then the studies have to end; twice that and ten minutes more means that something hangs.
limit=$(awk "BEGIN { print int($minutes * 120 + 600) }")
LDC_CHAOS_MINUTES=$minutes LDC_CHAOS_SEED=$seed LDC_CHAOS_REPORT=$work/report timeout --kill-after=30 "$limit" \
    "$project/bin/Release/net10.0/LdcLedger.Cluster.Tests" -noLogo -noColor -class "*.ChaosChangesNothing" >"$work/log" 2>&1 </dev/null
code=$?
[ ! -f "$work/report" ] || cat "$work/report"
[ "$code" -eq 0 ] && exit 0
cat "$work/log"
exit 1
