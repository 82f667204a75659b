"""Check a proof of Mizan's books without Mizan: one file, the standard library and `cryptography`.

    python verify_proof.py proof.json --key seal-keys.json [--anchors anchors.jsonl]

The proof is the `document` of the GraphQL query `ledgerProof`, the keys are those published under
/.well-known/seal-keys.json, the anchors a copy that you keep. Exit code: 0 proved, 1 not proved,
2 a file cannot be read. The format is described in proof-format.md.
"""

import argparse
import base64
import json
import sys
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TYPES = {"i": 20, "t": 25, "u": 2950, "b": 17, "s": 1184, "d": 1082}
# Instants and dates are counted from here.
FIRST = datetime(2000, 1, 1, tzinfo=UTC)

# The fields of each part, in their order, with their types; "?" marks one that may be missing.
HEADER = "book:i network:i journal:u kind:t effective_at:s recorded_at:s period:d origin_period:?d"
HEADER += " cause_kind:t cause_id:t reverses:?u lines:i particulars:b"
PARTICULARS = "ledger_key:t request_hash:b actor:t note:t"
LINE = "book:i journal:u line:i account:u account_type:?t owner_kind:?t owner:?t sub:?t unit:t amount:i"
LINE += " effective_at:s"
BLOCK = "version:i book:i block:i from_seq:i to_seq:i root:b previous:b sealed_at:s"


class NotProved(Exception): ...


def need(condition, says):
    if not condition:
        raise NotProved(says)


def content_of(kind, text):
    """The bytes of one value, without its type and length."""
    if kind == "t":
        return text.encode()
    if kind == "b":
        return bytes.fromhex(text)
    if kind == "u":
        need(str(UUID(text)) == text, f"{text!r} is not an id as it is written")
        return UUID(text).bytes
    if kind == "d":
        return (date.fromisoformat(text) - FIRST.date()).days.to_bytes(4, "big", signed=True)
    if kind == "s":
        past = datetime.fromisoformat(text.replace("Z", "+00:00")) - FIRST
        return (past // timedelta(microseconds=1)).to_bytes(8, "big", signed=True)
    need(str(int(text)) == text, f"{text!r} is not a whole number as it is written")
    return int(text).to_bytes(8, "big", signed=True)


def value(kind, text):
    number = TYPES[kind].to_bytes(4, "big")
    if text is None:
        return number + b"\xff" * 4
    content = content_of(kind, text)
    return number + len(content).to_bytes(4, "big") + content


def encode(domain, fields, shown):
    """How many values there are, the domain, and the fields of a part in their order."""
    written = (len(fields.split()) + 1).to_bytes(4, "big") + value("t", domain)
    for one in fields.split():
        name, _, kind = one.partition(":")
        need(isinstance(shown, dict) and name in shown, f"{domain} has no {name}")
        text = shown[name]
        need(isinstance(text, str) or (text is None and kind[0] == "?"), f"{name} is not text")
        written += value(kind.lstrip("?"), text)
    return written


def hash_of(part, domain, fields, more):
    """The hash of a part: computed when it is disclosed, taken as it is when only that is shown."""
    if "hash" not in part:
        return sha256(encode(domain, fields, {**part.get("fields", part), **more})).digest()
    need([*map(len, part.values())] == [64], "a part is shown with its hash, or that is too short")
    return bytes.fromhex(part["hash"])


def leaf_of(proof):
    """The leaf of the journal, out of what the proof says of it."""
    header = proof["header"]
    particulars = hash_of(proof["particulars"], "mizan.particulars", PARTICULARS, {})
    need(int(header["lines"]) == len(proof["lines"]) > 0, "the number of lines is another")
    of_journal = {"book": header["book"], "journal": header["journal"]}
    lines = [hash_of(one, "mizan.line", LINE, of_journal) for one in proof["lines"]]
    written = encode("mizan.journal", HEADER, {**header, "particulars": particulars.hex()})
    return sha256(b"\0" + written + b"".join(lines)).digest()


def root_of(leaf, index, size, path):
    """The root that the path leads to, in a tree of that size."""
    need(0 <= index < size, "its place is not in the block")
    node, width, left = leaf, size, list(path)
    while width > 1:
        if index ^ 1 < width:
            need(left, "the path is too short")
            beside = left.pop(0)
            pair = beside + node if index & 1 else node + beside
            node = sha256(b"\1" + pair).digest()
        index, width = index // 2, (width + 1) // 2
    need(not left, "the path is too long")
    return node


def check_key(signed, digest, keys, what):
    need(signed["key_id"] in keys, f"{what} is signed with the unknown key {signed['key_id']}")
    try:
        keys[signed["key_id"]].verify(bytes.fromhex(signed["signature"]), digest)
    except InvalidSignature:
        raise NotProved(f"the signature of {what} is false") from None


def check_signature(block, keys):
    digest = sha256(encode("mizan.block", BLOCK, block)).digest()
    need(digest.hex() == block["digest"], "the block's digest is not that of what it says")
    check_key(block, digest, keys, "the block")


def check_anchor(block, anchors, keys):
    """The anchors hold this very block, and no restoration left it behind since."""
    found = None
    for line in map(json.loads, anchors):
        if line.get("book") != block["book"]:
            continue
        if line["type"] == "restored" and int(line["block"]) < int(block["block"]):
            part = {**line, "version": "1"}
            signed = encode("mizan.restored", "version:i book:i block:i digest:b at:s", part)
            check_key(line, sha256(signed).digest(), keys, "a restoration")
            found = None
        elif line["type"] == "block" and line["block"] == block["block"]:
            found = line
    need(found, "the block is not among the anchors")
    need(found["digest"] == block["digest"], "another block was anchored in its place")


def read_keys(path):
    jwks = [jwk["x"] for jwk in json.loads(path.read_text())["keys"]]
    raws = [base64.urlsafe_b64decode(x + "=" * (-len(x) % 4)) for x in jwks]
    return {sha256(raw).hexdigest()[:16]: Ed25519PublicKey.from_public_bytes(raw) for raw in raws}


def check(proof, keys, anchors):
    """Go through a proof step by step; yields a sentence for each that holds."""
    need((proof["format"], proof["version"]) == ("mizan-proof", 1), "not a proof of version 1")
    header, block = proof["header"], proof["block"]
    need(header["book"] == block["book"], "the journal and the block are of different books")
    need(block["version"] == "1", "not a block of version 1")
    leaf, seq, first = leaf_of(proof), int(proof["seq"]), int(block["from_seq"])
    shown = sum("fields" in one for one in proof["lines"])
    yield f"Journal {header['journal']} ({header['kind']}, recorded at {header['recorded_at']})"
    yield f"  has {header['lines']} lines, of which {shown} are shown, in minor units:"
    for one in proof["lines"]:
        if "fields" in one:
            line = one["fields"]
            yield f"  {line['amount']} {line['unit']} on {line['account_type']} of {line['owner']}"
    path = [bytes.fromhex(one) for one in proof["path"]]
    root = root_of(leaf, seq - first, int(block["to_seq"]) - first + 1, path)
    need(root.hex() == block["root"], "the journal is not in the block: the roots differ")
    yield f"It stands at place {seq} of book {block['book']}, in block {block['block']}."
    check_signature(block, keys)
    yield f"The block was signed with key {block['key_id']} at {block['sealed_at']}."
    if anchors is not None:
        check_anchor(block, anchors, keys)
        yield "The block is among your anchors."


def main():
    parser = argparse.ArgumentParser(description="Check a proof of Mizan's books.")
    parser.add_argument("proof", type=Path)
    parser.add_argument("--key", type=Path, required=True, help="the published keys")
    parser.add_argument("--anchors", type=Path, help="your copy; a line without an end is not read")
    given = parser.parse_args()
    try:
        proof, keys = json.loads(given.proof.read_text("utf-8")), read_keys(given.key)
        anchors = given.anchors.read_text("utf-8").split("\n")[:-1] if given.anchors else None
        print(*check(proof, keys, anchors), "PROVED.", sep="\n")
        return 0
    except OSError as failure:
        print(f"Cannot read a file: {failure}.")
        return 2
    except NotProved as failure:
        print(f"NOT PROVED: {failure}.")
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RuntimeError) as e:
        print(f"NOT PROVED: a file is malformed ({type(e).__name__}: {e}).")
    return 1


if __name__ == "__main__":
    sys.exit(main())
