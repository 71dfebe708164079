#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes the certificates and the key beside this file again: an authority, a server at 127.0.0.1, and an authority that did not
# sign it. They are for tests, secret to nobody, and hold for a hundred years.
set -euo pipefail
cd "$(dirname "$0")"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
curve=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
authority() {
  openssl req -x509 "${curve[@]}" -keyout "$folder/$1.key" -out "$1.pem" -days 36500 -subj "/CN=Comity test, $1" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
}
authority known
authority other
openssl req "${curve[@]}" -keyout server.key -out "$folder/server.csr" -subj "/CN=Comity test, server"
printf 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n' > "$folder/names"
openssl x509 -req -in "$folder/server.csr" -CA known.pem -CAkey "$folder/known.key" -set_serial 1 -days 36500 \
  -extfile "$folder/names" -out server.pem
