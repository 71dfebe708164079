#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes the time stamps of this folder anew with OpenSSL 3. The keys are thrown away.
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp document "$work"
cd "$work"

p256=(-newkey ec -pkeyopt ec_paramgen_curve:P-256)
p384=(-newkey ec -pkeyopt ec_paramgen_curve:P-384)
rsa=(-newkey rsa:2048)
ed25519=(-newkey ed25519)

# root NAME KEY… : a certificate that signed itself.
root() {
  local name=$1
  shift
  openssl req -x509 "$@" -nodes -days 36500 -keyout "$name.key" -out "$name.pem" -subj "/O=Comity tests/CN=$name" \
    -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign'
}

# issued NAME ISSUER EXTENSIONS DAYS KEY… : a certificate by another.
issued() {
  local name=$1 issuer=$2 extensions=$3 days=$4
  shift 4
  openssl req "$@" -nodes -keyout "$name.key" -out "$name.csr" -subj "/O=Comity tests/CN=$name"
  printf '%b' "$extensions" > "$name.ext"
  openssl x509 -req -in "$name.csr" -CA "$issuer.pem" -CAkey "$issuer.key" -set_serial "$((++number))" -days "$days" \
    -extfile "$name.ext" -out "$name.pem"
}

# answer NAME SIGNER DIGEST [CHAIN] : what an authority answers to the request, by `openssl ts`.
answer() {
  local name=$1 signer=$2 digest=$3 chain=${4:-} ess=${5:-sha256}
  {
    printf '%s\n' '[tsa]' 'serial = serial' "signer_cert = $signer.pem" "signer_key = $signer.key" "signer_digest = $digest" \
      'default_policy = 1.2.3.4.1' 'digests = sha1,sha256,sha384,sha512' 'accuracy = secs:1,millisecs:500' "ess_cert_id_alg = $ess"
    if [ -n "$chain" ]; then printf 'certs = %s\n' "$chain"; fi
  } > tsa.conf
  openssl ts -reply -config tsa.conf -section tsa -queryfile "${query:-request.tsq}" -out "$name.tsr"
}

# signed NAME SIGNER DIGEST OPTION… : the same content signed by `openssl cms`, for kinds of keys that `openssl ts` does not sign with.
signed() {
  local name=$1 signer=$2 digest=$3
  shift 3
  openssl cms -sign -binary -nodetach -cades -econtent_type 1.2.840.113549.1.9.16.1.4 -in content -md "$digest" \
    -signer "$signer.pem" -inkey "$signer.key" -outform DER -out "$name.tsr" "$@"
}

# by_hand NAME SIGNER : the same with Ed25519 (RFC 8419), which OpenSSL 3.0 does not do in CMS.
by_hand() {
  local name=$1 signer=$2
  openssl x509 -in "$signer.pem" -outform DER -out signer.der
  cat > by_hand.py << 'EOF'
import hashlib, subprocess, sys

def der(tag, *parts):
    body = b"".join(parts)
    short = bytes([len(body)]) if len(body) < 128 else b""
    width = 1 if len(body) < 256 else 2
    return bytes([tag]) + (short or bytes([0x80 + width]) + len(body).to_bytes(width, "big")) + body

def oid(text):
    first, second, *rest = map(int, text.split("."))
    out = bytearray([first * 40 + second])
    for arc in rest:
        group = [arc & 127]
        while arc := arc >> 7:
            group.insert(0, arc & 127 | 128)
        out += bytes(group)
    return der(6, bytes(out))

def inner(data):
    skip = 2 if data[1] < 128 else 2 + (data[1] & 127)
    length = data[1] if data[1] < 128 else int.from_bytes(data[2:skip], "big")
    return data[skip : skip + length], data[skip + length :]

certificate, content = open("signer.der", "rb").read(), open("content", "rb").read()
rest = inner(inner(certificate)[0])[0]
rest = inner(rest)[1]                      # version
serial, rest = rest[: len(rest) - len(inner(rest)[1])], inner(rest)[1]
rest = inner(rest)[1]                      # algorithm
issuer = rest[: len(rest) - len(inner(rest)[1])]
tst, sha512, ed25519 = oid("1.2.840.113549.1.9.16.1.4"), der(0x30, oid("2.16.840.1.101.3.4.2.3")), der(0x30, oid("1.3.101.112"))
attribute = lambda name, value: der(0x30, oid(name), der(0x31, value))
attributes = sorted([
    attribute("1.2.840.113549.1.9.3", tst),
    attribute("1.2.840.113549.1.9.4", der(4, hashlib.sha512(content).digest())),
    attribute("1.2.840.113549.1.9.16.2.47", der(0x30, der(0x30, der(0x30, der(4, hashlib.sha256(certificate).digest()))))),
])
open("attributes", "wb").write(der(0x31, *attributes))
subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", sys.argv[2], "-in", "attributes", "-out", "signature"], check=True)
signer = der(0x30, der(2, b"\1"), der(0x30, issuer, serial), sha512, der(0xA0, *attributes), ed25519, der(4, open("signature", "rb").read()))
signed = der(0x30, der(2, b"\3"), der(0x31, sha512), der(0x30, tst, der(0xA0, der(4, content))), der(0xA0, certificate), der(0x31, signer))
open(sys.argv[1], "wb").write(der(0x30, oid("1.2.840.113549.1.7.2"), der(0xA0, signed)))
EOF
  python3 by_hand.py "$name.tsr" "$signer.key"
}

number=1
echo 1000 > serial
stamps='keyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\n'
issuer='basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign\n'
openssl ts -query -data document -sha256 -cert -out request.tsq
openssl ts -query -data document -sha256 -cert -out other.tsq
openssl ts -query -data document -sha512 -cert -no_nonce -out sha512.tsq
openssl ts -query -data document -sha1 -cert -out sha1.tsq

# Certificates, good ones first. `openssl ts` would not sign with most of the others.
root root "${p256[@]}"
root root-ed25519 "${ed25519[@]}"
root root-rsa "${rsa[@]}"
root stranger "${p256[@]}"
issued authority root "$stamps" 36500 "${p256[@]}"
issued between root "$issuer" 36500 "${p384[@]}"
issued authority-p384 between "$stamps" 36500 "${p384[@]}"
issued authority-rsa root-rsa "$stamps" 36500 "${rsa[@]}"
issued authority-ed25519 root-ed25519 "$stamps" 36500 "${ed25519[@]}"
issued not-critical root 'keyUsage=critical,digitalSignature\nextendedKeyUsage=timeStamping\n' 36500 "${p256[@]}"
issued two-purposes root 'keyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping,codeSigning\n' 36500 "${p256[@]}"
issued no-purpose root 'keyUsage=critical,digitalSignature\n' 36500 "${p256[@]}"
issued no-signing root 'keyUsage=critical,keyEncipherment\nextendedKeyUsage=critical,timeStamping\n' 36500 "${p256[@]}"
issued unknown-critical root "${stamps}1.2.3.4=critical,ASN1:NULL\n" 36500 "${p256[@]}"
issued by-authority authority "$stamps" 36500 "${p256[@]}"
issued below between "$issuer" 36500 "${p256[@]}"
issued too-deep below "$stamps" 36500 "${p256[@]}"
issued authority-p521 root "$stamps" 36500 -newkey ec -pkeyopt ec_paramgen_curve:P-521
issued authority-rsa1024 root "$stamps" 36500 -newkey rsa:1024
issued expired root "$stamps" -1 "${p256[@]}"
cat between.pem below.pem > chain.pem
# Each is valid from a whole second on.
sleep 2

answer good-p256 authority sha256
openssl ts -reply -config tsa.conf -section tsa -queryfile request.tsq -token_out -out token.der
openssl cms -verify -noverify -inform DER -in token.der -out content
query=sha512.tsq answer good-sha512 authority sha512
answer good-chain authority-p384 sha384 between.pem
answer good-rsa authority-rsa sha256
signed good-rsa-pss authority-rsa sha256 -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:32
by_hand good-ed25519 authority-ed25519
query=sha1.tsq answer bad-sha1 authority sha256
answer bad-ess-sha1 authority sha256 '' sha1
answer bad-no-between authority-p384 sha384
answer bad-by-authority by-authority sha256 authority.pem
answer bad-too-deep too-deep sha256 chain.pem
answer bad-p521 authority-p521 sha512
answer bad-rsa1024 authority-rsa1024 sha256
for name in not-critical two-purposes no-purpose no-signing unknown-critical expired; do
  signed "bad-$name" "$name" sha256
done

# An authority that refuses: the policy is none of its own.
openssl ts -query -data document -sha256 -tspolicy 1.2.3.4.9 -out policy.tsq
query=policy.tsq answer bad-refused authority sha256

rm -f "$here"/*.tsr "$here"/*.tsq "$here"/*.pem
cp good-*.tsr bad-*.tsr request.tsq other.tsq sha512.tsq root.pem root-rsa.pem root-ed25519.pem stranger.pem authority.pem "$here"
openssl x509 -in root.pem -outform DER -out "$here/root.der"
