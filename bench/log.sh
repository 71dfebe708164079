#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The log of Comity and Tessera, the reference implementation of tiled logs in Go, one after the other, on the same disk,
# with as many entries of 200 bytes and as many in flight: first as fast as they are answered, then at a rate that both hold.
#
#   bench/log.sh [ENTRIES] [RATE]
#
# COMITY_LOAD names the example `load`, if it is built already.
# Each stands on what its authors recommend for one machine: SQLite and files here, a folder there; both synchronize the disk
# before they answer. Checkpoints follow every 200 ms here and every 100 ms there. Tessera answers when an entry is in the tree,
# Comity when it is on the disk; so the time from handing in to a signed checkpoint is what compares.
set -euo pipefail
cd "$(dirname "$0")/.."
entries=${1:-50000} rate=${2:-1000}
in_flight=512

folder=$(mktemp -d "${TMPDIR:-/var/tmp}/comity-bench.XXXXXX")
trap 'rm -rf "$folder"' EXIT
(cd bench/tessera && go build -mod=readonly -o "$folder/tessera" .)
if [ -z "${COMITY_LOAD:-}" ]; then
  cargo build --locked --quiet --release --package comity-log --example load
  COMITY_LOAD=$(cargo metadata --locked --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release/examples/load
fi

figure() { sed -n "s/.*: \([0-9]*\) durable entries a second.*/\1/p" "$folder/$1"; }
# The load is that of other work on this machine: the ratio is worth more than the figures.
printf 'load of the machine before: %s\n' "$(cut -d ' ' -f 1 /proc/loadavg)"
for pace in 0 "$rate"; do
  some=$entries
  if [ "$pace" != 0 ]; then some=$((entries < pace * 10 ? entries : pace * 10)); fi
  "$COMITY_LOAD" "$folder/comity-$pace" "$some" "$pace" "$((in_flight / 16))" | tail -n 1 | tee "$folder/comity"
  "$folder/tessera" "$folder/tessera-$pace" "$some" "$in_flight" "$pace" 2> "$folder/tessera.err" | tee "$folder/other"
  if [ "$pace" = 0 ]; then
    awk -v ours="$(figure comity)" -v theirs="$(figure other)" 'BEGIN { printf "comity takes in %.1f times as many as tessera\n", ours / theirs }'
  fi
done
