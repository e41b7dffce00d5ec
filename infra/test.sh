#!/usr/bin/env bash
# Every test of the solution, against servers that the tests start themselves. Last line: N passed, N failed.
#   test.sh             all
#   test.sh Domain      only tests/LdcLedger.Domain.Tests
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash infra/setup.sh --tests || { echo "0 passed, 1 failed"; exit 1; }

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
echo "Building (Release) ..."
if ! dotnet build LdcLedger.sln -c Release --nologo -v quiet -clp:NoSummary; then
    echo "The build failed."
    echo "0 passed, 1 failed"
    exit 1
fi

passed=0 failed=0 skipped=0
for project in tests/*.Tests; do
    name=$(basename "$project")
    [ $# -eq 0 ] || [ "$name" = "LdcLedger.$1.Tests" ] || continue
    begun=$SECONDS
    log=$(mktemp)
    "$project/bin/Release/net10.0/$name" -noLogo -noColor >"$log" 2>&1 </dev/null
    code=$?
    summary=$(grep -E 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+' "$log" | tail -n 1)
    if [ -z "$summary" ]; then
        tail -n 40 "$log"
        echo "$name ended with code $code and no summary."
        failed=$((failed + 1))
    else
        count() { sed -E "s/.*$1: ([0-9]+).*/\1/" <<<"$summary"; }
        bad=$(($(count Failed) + $(count Errors)))
        [ "$code" -ne 0 ] && [ "$bad" -eq 0 ] && bad=1
        [ "$bad" -gt 0 ] && cat "$log"
        [ "$(count Skipped)" -gt 0 ] && grep -E '\[SKIP\]|SKIP' -A1 "$log"
        skipped=$((skipped + $(count Skipped)))
        passed=$((passed + $(count Total) - $(count Failed) - $(count Errors) - $(count Skipped)))
        failed=$((failed + bad))
        printf '%-28s %4d tests, %d failed, %d skipped, %d s\n' "$name" "$(count Total)" "$bad" "$(count Skipped)" $((SECONDS - begun))
    fi
    rm -f "$log"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
