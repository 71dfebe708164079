#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Starts comity-witness with the flags of the public conformance suite (folder `witness-conformance` in the source
# package of the crate `siglog` 0.1.0), which runs in that folder as
#
#   pytest --entrypoint=PATH/TO/crates/witness/tests/conformance.sh
#
# `.ci/peers` does that with each run of the tests.
# COMITY_WITNESS names the program; by default that of the debug build.
set -euo pipefail
umask 077

program=${COMITY_WITNESS:-$(dirname "$0")/../../../target/debug/comity-witness}
while [ $# -gt 0 ]; do
  case $1 in
    --database-url) data=${2#sqlite://}.witness ;;
    # Of the address only the port: nobody else's machine need reach it.
    --listen) listen=127.0.0.1:${2##*:} ;;
    --private-key) key=$2 ;;
    # ORIGIN=VKEY: the key names the log already.
    --log) log=${2#*=} ;;
    *) echo "unknown flag $1" >&2; exit 2 ;;
  esac
  shift 2
done

mkdir -p "$data"
printf '%s\n' "$key" > "$data/given.key"
"$program" init "$data" --key "$data/given.key" --log "$log" > /dev/null
exec "$program" serve --data "$data" --listen "$listen"
