#!/usr/bin/env bash
# Makes a dump for UpgradeTests: a small finished study in a private ledger of the ldc of this checkout.
#
#   git switch --detach RELEASE && bash tests/LdcLedger.Ledger.Tests/Upgrades/dump.sh > tables-N.sql
#
# To be run once for every version of the tables, with the last ldc that makes it, before TablesVersion is raised.
set -euo pipefail
root=$(cd "$(dirname "$0")/../../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
export LDC_DATA=$work/data
cd "$work"
"$root/infra/ldc" study init study >&2
# Three runs are enough: the baseline, stage 1's `all`, and one of stage 2.
sed -i -e 's/^regimes: .*/regimes: [all]/' -e 's/top: \[1, 3\], groups: \[mlp, attention\]/top: [1], groups: [mlp]/' \
    -e '/name: math/d' -e 's/epochs: 2/epochs: 1/' -e 's/max_tokens: 8192/max_tokens: 2048/' study/study.yaml
"$root/infra/ldc" study run study/study.yaml --out "$work/out" >&2

programs=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
as_owner() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid="$(stat -c %u data/postgres)" --regid="$(stat -c %g data/postgres)" --init-groups -- "$@"
    else
        "$@"
    fi
}
as_owner "$programs/pg_ctl" start -D "$PWD/data/postgres" -l "$PWD/data/postgres/dump.log" -w -s >&2
# What psql alone understands, and comments, go.
"$programs/pg_dump" -h "$(sed -n 5p data/postgres/postmaster.pid)" -U ldc -d ldc -n ledger --no-owner --no-privileges --rows-per-insert=50 \
    | sed -e '/^\\/d' -e '/^--/d' -e '/^$/d' -e '/^SET /d' -e '/^SELECT pg_catalog.set_config/d' -e 's/[[:space:]]*$//'
as_owner "$programs/pg_ctl" stop -D "$PWD/data/postgres" -m fast -w -s >&2
