#!/usr/bin/env bash
# Every test of the solution, against servers that the tests start themselves. Last line: N passed, N failed[, N skipped].
#   test.sh                 all of them
#   test.sh --fast          what needs no server and no second process
#   test.sh --long          all of them, kills, edits, faults and random inputs in their long forms (an hour)
#   test.sh [--fast] Domain only tests/LdcLedger.Domain.Tests
# Code 0: none failed; 1: some did, or the build; 2: no such project. LDC_TEST_RESULTS=FOLDER keeps how long each test took, as XML.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

fast=no only=
for argument in "$@"; do
    case $argument in
        --fast) fast=yes ;;
        --long)
            export LDC_TEST_KILLS=50 LDC_TEST_STEPS=all LDC_TEST_EDITS=10000 LDC_TEST_BUILDS=100 LDC_TEST_MUTATIONS=20000 LDC_CHAOS_MINUTES=5
            ;;
        -*) echo "test.sh [--fast | --long] [PROJECT]: '$argument' is not an option." >&2; exit 2 ;;
        *) only=$argument ;;
    esac
done
if [ -n "$only" ] && [ ! -d "tests/LdcLedger.$only.Tests" ]; then
    echo "test.sh: there is no tests/LdcLedger.$only.Tests; there are $(cd tests && echo LdcLedger.*.Tests | sed 's/LdcLedger\.//g; s/\.Tests//g')." >&2
    exit 2
fi
if [ $fast = no ]; then
    bash infra/setup.sh --tests || { echo "0 passed, 1 failed"; exit 1; }
fi

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
echo "Building (Release) ..."
what=LdcLedger.sln
[ -z "$only" ] || what=tests/LdcLedger.$only.Tests
build() { timeout --kill-after=30 1200 dotnet build "$@" -c Release --nologo -v quiet -clp:NoSummary -p:UseSharedCompilation=true </dev/null; }
if ! build "$what"; then
    echo "The build failed."
    echo "0 passed, 1 failed"
    exit 1
fi
# Hundreds of processes of ldc start in the tests. Where the compiler of machine code cannot be had, they start more slowly.
if [ $fast = no ] && [[ " ${only:-Cli} " =~ \ (Cli|Cluster)\  ]]; then
    build src/LdcLedger.Cli -p:CompileAhead=true >/dev/null 2>&1 || build src/LdcLedger.Cli
fi
dotnet build-server shutdown --vbcscompiler >/dev/null 2>&1

# A part: its name, the project, what is set in its environment (-: nothing) and the runner's filters. The longest come first: they mostly
# waits, so that the others fit beside it.
parts=()
part() { [ -n "$only" ] && [ "$only" != "$2" ] || parts+=("$(IFS=$'\t'; echo "$*")"); }
if [ $fast = yes ]; then
    # A class that says it needs nothing is fast, whatever its project needs.
    filter=(-filter '/[Needs=nothing]' -filter '/[(Needs!=servers)&(Needs!=processes)]')
    for project in Torch Worker Reports Ledger Cluster Cli Domain Conventions; do part "$project" "$project" - "${filter[@]}"; done
else
    # The cluster's tests stop and start servers that they share, so they run one after another; as two parts, each with servers of its own.
    half=() rest=()
    for class in ServeIsKilled TheBrokerForgets ChaosChangesNothing; do half+=(-class "*.$class") rest+=(-class- "*.$class"); done
    part Cluster Cluster - "${rest[@]}"
    part "Cluster, servers at fault" Cluster - "${half[@]}"
    for project in Cli Web Torch Worker Ledger Reports Fuzz Domain Conventions; do part "$project" "$project" -; done
    # Other processors take other paths to the same bits: without AVX-512, and without any vectors.
    if grep -qw avx512f /proc/cpuinfo; then
        part "Torch without AVX-512" Torch DOTNET_EnableAVX512=0 -method '*.ExactBitsTests.*' -method '*.SimdArithmeticTests.*' \
            -method '*.PortableMathTests.*' -method '*.KernelReferenceTests.*'
    fi
    part "Torch without vectors" Torch DOTNET_EnableHWIntrinsic=0 -method '*.ExactBitsTests.A_short_training*' -method '*.PortableMathTests.*'
fi
# A project that is not in the lists above is run all the same.
for folder in tests/LdcLedger.*.Tests; do
    project=${folder#tests/LdcLedger.} project=${project%.Tests}
    printf '%s\n' "${parts[@]}" | cut -f2 | grep -qx "$project" || part "$project" "$project" - ${filter[@]+"${filter[@]}"}
done

work=$(mktemp -d)
[ -z "${LDC_TEST_RESULTS:-}" ] || LDC_TEST_RESULTS=$(mkdir -p "$LDC_TEST_RESULTS" && cd "$LDC_TEST_RESULTS" && pwd) || exit 1
trap 'rm -rf "$work"' EXIT
# Nothing waits for ever: a part that takes longer than this has hung.
limit=2400

run() { # INDEX NAME PROJECT ENVIRONMENT FILTERS...
    local index=$1 name=$2 project=$3 environment=$4 begun=$SECONDS
    local program=tests/LdcLedger.$project.Tests/bin/Release/net10.0/LdcLedger.$project.Tests
    env ${environment#-} timeout --kill-after=30 $limit "$program" -noLogo -noColor "${@:5}" \
        ${LDC_TEST_RESULTS:+-xml "$LDC_TEST_RESULTS/$name.xml"} >"$work/$index.log" 2>&1 </dev/null &
    local tests=$!
    trap 'kill $tests' TERM
    wait $tests
    echo "$? $((SECONDS - begun))" >"$work/$index.end"
}

passed=0 failed=0 skipped=0
tell() { # INDEX: what part INDEX said, whole, once it has ended
    local log=$work/$1.log name code seconds summary
    name=$(cut -f1 <<<"${parts[$1]}")
    read -r code seconds <"$work/$1.end"
    summary=$(grep -E 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+' "$log" | tail -n 1)
    if [ -z "$summary" ]; then
        # None of its tests is of the kind that was asked for.
        if [ "$code" -eq 0 ] && [ $fast = yes ]; then return; fi
        tail -n 40 "$log"
        if [ "$code" -eq 124 ] || [ "$code" -eq 137 ]; then
            echo "$name did not end within $limit s."
        else
            echo "$name ended with code $code and no summary."
        fi
        failed=$((failed + 1))
        return
    fi
    count() { sed -E "s/.*$1: ([0-9]+).*/\1/" <<<"$summary"; }
    local bad=$(($(count Failed) + $(count Errors)))
    [ "$code" -ne 0 ] && [ "$bad" -eq 0 ] && bad=1
    if [ "$bad" -gt 0 ]; then
        cat "$log"
    elif [ "$(count Skipped)" -gt 0 ]; then
        grep -F '[SKIP]' -A1 "$log"
    fi
    skipped=$((skipped + $(count Skipped)))
    passed=$((passed + $(count Total) - $(count Failed) - $(count Errors) - $(count Skipped)))
    failed=$((failed + bad))
    printf '%-28s %4d tests, %d failed, %d skipped, %d s\n' "$name" "$(count Total)" "$bad" "$(count Skipped)" "$seconds"
}

# Three parts at a time, whatever the number of cores: the tests of a part already run side by side, and those of the cluster mostly wait
# for leases to end and servers to start.
next=0 running=0
declare -A index_of=()
trap 'kill "${!index_of[@]}" 2>/dev/null; wait; exit 130' INT TERM
while [ $next -lt ${#parts[@]} ] || [ $running -gt 0 ]; do
    while [ $next -lt ${#parts[@]} ] && [ $running -lt 3 ]; do
        IFS=$'\t' read -r -a fields <<<"${parts[$next]}"
        run $next "${fields[@]}" &
        index_of[$!]=$next
        next=$((next + 1)) running=$((running + 1))
    done
    wait -n -p ended
    running=$((running - 1))
    tell "${index_of[$ended]}"
    unset "index_of[$ended]"
done

if [ $((passed + failed + skipped)) -eq 0 ]; then
    echo "No test ran."
    failed=1
fi
if [ $skipped -gt 0 ]; then echo "$passed passed, $failed failed, $skipped skipped"; else echo "$passed passed, $failed failed"; fi
[ "$failed" -eq 0 ]
