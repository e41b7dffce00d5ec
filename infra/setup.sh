#!/usr/bin/env bash
# Installs what a fresh Debian or Ubuntu machine with .NET SDK 10 lacks, and says what. Does nothing where nothing is missing.
#   setup.sh            what running a study needs: PostgreSQL's server programs
#   setup.sh --tests    the same, RabbitMQ's server programs (the cluster's tests start nodes of their own) and Chromium (the dashboard's open pages in it)
set -euo pipefail

say() { printf '%s\n' "$*" >&2; }

if ! command -v dotnet >/dev/null || ! dotnet --list-sdks | grep -q '^10\.'; then
    say "setup: .NET SDK 10 is missing; install the package dotnet-sdk-10.0 (https://dotnet.microsoft.com/download), then run this again."
    exit 1
fi

has_postgres() { command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
has_rabbitmq() { [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ]; }
has_chromium() { command -v chromium >/dev/null; }

packages=()
has_postgres || packages+=(postgresql)
[ "${1:-}" != --tests ] || has_rabbitmq || packages+=(rabbitmq-server)
# Ubuntu's package of that name is a snap, which cannot be had in a container: the tests that need a browser say so, and are skipped.
[ "${1:-}" != --tests ] || has_chromium || ! grep -q '^ID=debian' /etc/os-release 2>/dev/null || packages+=(chromium)
[ ${#packages[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
    say "setup: needed and not found: ${packages[*]}. This machine has no apt-get: install their server programs by its own means."
    exit 1
fi
sudo=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { say "setup: needed and not found: ${packages[*]}. Run as root: apt-get install ${packages[*]}"; exit 1; }
    sudo=(sudo)
fi

say "setup: installing with apt (once): ${packages[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive timeout 900 apt-get -qq -o DPkg::Lock::Timeout=300 "$@" >"$log" 2>&1 </dev/null \
        || { tail -n 20 "$log" >&2; say "setup: apt-get $* failed; its last lines are above."; exit 1; }
}
apt update
if [[ " ${packages[*]} " == *" postgresql "* ]]; then
    # Studies start a private server of their own: the package need not create and start a cluster for the whole machine.
    apt install -y --no-install-recommends postgresql-common
    "${sudo[@]}" sed -i 's/^#\? *create_main_cluster *=.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
fi
if [[ " ${packages[*]} " == *" rabbitmq-server "* ]] && [ ! -e /usr/sbin/policy-rc.d ]; then
    # The package would start a broker for the whole machine, now and at every boot; the tests start their own.
    say "setup: RabbitMQ is installed without starting its system service."
    printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee /usr/sbin/policy-rc.d >/dev/null
    "${sudo[@]}" chmod +x /usr/sbin/policy-rc.d
    trap 'rm -f "$log"; "${sudo[@]}" rm -f /usr/sbin/policy-rc.d' EXIT
    apt install -y --no-install-recommends "${packages[@]}"
    ! command -v systemctl >/dev/null || "${sudo[@]}" systemctl disable rabbitmq-server >/dev/null 2>&1 || true
else
    apt install -y --no-install-recommends "${packages[@]}"
fi
