#!/usr/bin/env bash
# The demo study, end to end: sets up what the machine lacks, builds, trains 84 small LoRA runs, writes the report.
#   demo.sh [OUT]       OUT: where report, tables, figures and adapters go (default: demo-out beside this repository's files)
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=$(realpath -m "${1:-$root/demo-out}")
bash "$root/infra/setup.sh"
exec "$root/infra/ldc" study run "$root/infra/demo/study.yaml" --out "$out"
