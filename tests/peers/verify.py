# SPDX-License-Identifier: Apache-2.0
"""Verifies what the command `comity` wrote with implementations by others, and shows that they refuse what was changed.

    python verify.py metamorphic|scitt|rfc3161 FOLDER

FOLDER is the one that the job makes: the log, checkpoints, proofs, receipts, and a time stamp.
Ends with status 1 and the reason at the first thing that does not hold.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path

WIDTH = 256


def entries(public, size):
    """The entries of a log, from its bundles."""
    found = []
    for bundle in range((size + WIDTH - 1) // WIDTH):
        width = min(WIDTH, size - bundle * WIDTH)
        partial = "" if width == WIDTH else f".p/{width}"
        rest = (public / f"tile/entries/{bundle:03}{partial}").read_bytes()
        while rest:
            length = int.from_bytes(rest[:2], "big")
            found.append(rest[2 : 2 + length])
            rest = rest[2 + length :]
    assert len(found) == size, f"{len(found)} entries, expected {size}"
    return found


def refused(what, check):
    """A check that lets something changed pass checks nothing."""
    try:
        accepted = check()
    except Exception as error:  # Each verifier has errors of its own.
        return f"{type(error).__name__}"
    assert accepted is False, f"{what} was not refused"
    return "said no"


def changed(text, line):
    """A checkpoint with another character in one line of its text."""
    lines = text.split("\n")
    first = lines[line][0]
    lines[line] = ("1" if first != "1" else "2") + lines[line][1:]
    return "\n".join(lines)


def flipped(data, place):
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def leaf(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def read_proof(lines):
    """Number, hashes and checkpoint of a tlog-proof."""
    head, checkpoint = "\n".join(lines).split("\n\n", 1)
    first, number, *hashes = head.split("\n")
    assert first == "c2sp.org/tlog-proof@v1", first
    return int(number.removeprefix("index ")), [base64.b64decode(one) for one in hashes], checkpoint


def metamorphic(folder):
    import metamorphic_log as log
    from scitt_cose import consistency_proof

    vkeys = [(folder / "vkey").read_text().strip()]
    older, newest = ((folder / name).read_text() for name in ("older.checkpoint", "newest.checkpoint"))
    for note in (older, newest):
        assert log.verify_signed_note(note, vkeys) == 1
        for line in (0, 1, 2):
            refused("a changed checkpoint", lambda: log.checkpoint_verify(changed(note, line), vkeys))
    before, now = (log.checkpoint_verify(note, vkeys) for note in (older, newest))
    assert before.size < now.size

    # The proof that the log only grew is made by yet another implementation, from the entries alone.
    found = entries(folder / "audit/public", now.size)
    made = consistency_proof([entry.hex() for entry in found], before.size, now.size)
    proof = [bytes.fromhex(one) for one in made]
    log.checkpoint_verify_consistency(older, newest, vkeys, proof)
    log.verify_consistency(before.size, now.size, proof, before.root, now.root)
    refused("a changed root", lambda: log.verify_consistency(before.size, now.size, proof, before.root, flipped(now.root, 0)))
    refused("a changed history", lambda: log.verify_consistency(before.size, now.size, proof, flipped(before.root, 9), now.root))

    receipts = 0
    for file in sorted(folder.glob("*.comity-receipt.json")):
        receipt = json.loads(file.read_text())
        entry = base64.b64decode(receipt["entry"])
        number, hashes, checkpoint = read_proof(receipt["proof"] + [""])
        assert found[number] == entry, f"{file}: entry {number} is another"
        log.checkpoint_verify_inclusion(checkpoint, vkeys, number, leaf(entry), hashes)
        refused("a changed entry", lambda: log.checkpoint_verify_inclusion(checkpoint, vkeys, number, leaf(flipped(entry, 5)), hashes))
        refused("another number", lambda: log.checkpoint_verify_inclusion(checkpoint, vkeys, number ^ 1, leaf(entry), hashes))
        refused("another root", lambda: log.verify_inclusion(number, now.size, leaf(entry), hashes, flipped(now.root, 31)))
        receipts += 1
    assert receipts > 0, "there are no receipts"
    return f"2 checkpoints, 1 consistency proof, {receipts} receipts"


def scitt(folder):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from scitt_cose import merkle_root, verify_receipt

    vkey = (folder / "vkey").read_text().strip()
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(vkey.split("+", 2)[2])[1:])
    pem = lambda key: key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    stranger = pem(Ed25519PrivateKey.generate().public_key())
    size, root = (folder / "newest.checkpoint").read_text().split("\n")[1:3]
    found = entries(folder / "audit/public", int(size))
    computed = base64.b64encode(bytes.fromhex(merkle_root([entry.hex() for entry in found]))).decode()
    assert computed == root, f"the root is {computed}, signed was {root}"

    receipts = 0
    for file in sorted(folder.glob("*.cose")):
        receipt, number = file.read_bytes(), int(file.stem)
        check = lambda data, entry, key: verify_receipt(data, leaf_entry_hex=entry.hex(), log_public_key_pem=key)
        result = check(receipt, found[number], pem(public))
        assert result.ok, f"{file}: {result.errors}"
        assert (result.leaf_index, result.tree_size) == (number, int(size)), f"{file}: {result}"
        origin = (folder / "newest.checkpoint").read_text().split("\n")[0]
        assert (result.issuer, result.subject) == (origin, f"{origin}#{number}"), f"{file}: {result}"
        refused("a changed entry", lambda: check(receipt, flipped(found[number], 3), pem(public)).ok)
        refused("another key", lambda: check(receipt, found[number], stranger).ok)
        refused("a changed signature", lambda: check(flipped(receipt, len(receipt) - 1), found[number], pem(public)).ok)
        receipts += 1
    assert receipts > 0, "there are no COSE receipts"
    return f"the root over {size} entries, {receipts} COSE receipts"


def rfc3161(folder):
    from cryptography.x509 import load_pem_x509_certificate
    from rfc3161_client import VerifierBuilder, decode_timestamp_response

    request = (folder / "newest.tsq").read_bytes()
    token = decode_timestamp_response((folder / "newest.tsr").read_bytes())
    document = (folder / "newest.checkpoint").read_bytes()
    # The nonce is the last number but one in a request made here: eight bytes before `certReq`.
    nonce = int.from_bytes(request[-11:-3], "big")
    certificate = lambda name: load_pem_x509_certificate((folder / name).read_bytes())
    trusting = lambda root, nonce: VerifierBuilder(nonce=nonce, roots=[certificate(root)]).build()
    assert trusting("root.pem", nonce).verify_message(token, document)
    refused("a changed checkpoint", lambda: trusting("root.pem", nonce).verify_message(token, flipped(document, 0)))
    refused("the answer to another request", lambda: trusting("root.pem", nonce ^ 1).verify_message(token, document))
    refused("a stranger's root", lambda: trusting("stranger.pem", nonce).verify_message(token, document))
    return "1 time stamp over a checkpoint"


if __name__ == "__main__":
    peers = {"metamorphic": metamorphic, "scitt": scitt, "rfc3161": rfc3161}
    print(peers[sys.argv[1]](Path(sys.argv[2])))
