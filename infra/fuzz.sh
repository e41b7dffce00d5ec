#!/usr/bin/env bash
# Every reader of files and settings, on inputs changed at random: each is read, or refused in a sentence, within two seconds.
#   fuzz.sh [N] [SEED]        default: 20000 mutations of each reader's sample, seed 1; code 1 where one fails, and its input is kept
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
count=${1:-20000} seed=${2:-1}
if ! [[ $count =~ ^[1-9][0-9]{0,8}$ && $seed =~ ^[0-9]{1,9}$ ]]; then
    echo "fuzz.sh [N] [SEED]: N is a number of mutations from 1, SEED a whole number." >&2
    exit 2
fi
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
project=tests/LdcLedger.Fuzz.Tests
dotnet build "$project" -c Release --nologo -v quiet -clp:NoSummary || exit 1
LDC_FUZZ_MUTATIONS=$count LDC_FUZZ_SEED=$seed "$project/bin/Release/net10.0/LdcLedger.Fuzz.Tests" -noLogo -noColor -class '*.MutatedInputs'
