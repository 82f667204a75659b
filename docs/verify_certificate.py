"""Check a certificate of a statement without Mizan: this file, the standard library, `cryptography`.

    python verify_certificate.py certificate.json

The certificate holds the statement, the partner's own lines of every journal it is made of, the
way of each journal to a signed block, and the keys. Exit code: 0 certified, 1 not certified, 2 the
file cannot be read. Compare the keys it names with those you know: whoever signs could sign others.
"""

import base64
import json
import sys
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TYPES = {"i": 20, "t": 25, "u": 2950, "b": 17, "s": 1184, "d": 1082}
FIRST = datetime(2000, 1, 1, tzinfo=UTC)
HEADER = "book:i network:i journal:u kind:t effective_at:s recorded_at:s period:d origin_period:?d"
HEADER += " cause_kind:t cause_id:t reverses:?u lines:i particulars:b"
LINE = "book:i journal:u line:i account:u account_type:?t owner_kind:?t owner:?t sub:?t unit:t amount:i"
LINE += " effective_at:s"
BLOCK = "version:i book:i block:i from_seq:i to_seq:i root:b previous:b sealed_at:s"
SIDES = ("partner_recv", "partner_payable")


class NotCertified(Exception): ...


def need(condition, says):
    if not condition:
        raise NotCertified(says)


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def content_of(kind, text):
    if kind == "t":
        return text.encode()
    if kind == "b":
        return bytes.fromhex(text)
    if kind == "u":
        return UUID(text).bytes
    if kind == "d":
        return (date.fromisoformat(text) - FIRST.date()).days.to_bytes(4, "big", signed=True)
    if kind == "s":
        return ((instant(text) - FIRST) // timedelta(microseconds=1)).to_bytes(
            8, "big", signed=True
        )
    return int(text).to_bytes(8, "big", signed=True)


def value(kind, text):
    number = TYPES[kind].to_bytes(4, "big")
    if text is None:
        return number + b"\xff" * 4
    content = content_of(kind, text)
    return number + len(content).to_bytes(4, "big") + content


def encode(domain, fields, shown):
    written = (len(fields.split()) + 1).to_bytes(4, "big") + value("t", domain)
    for one in fields.split():
        name, _, kind = one.partition(":")
        need(isinstance(shown[name], str) or kind[0] == "?", f"{name} is not text")
        written += value(kind.lstrip("?"), shown[name])
    return written


def digest_of_line(one, journal):
    if "hash" in one:
        need([*map(len, one.values())] == [64], "a line is shown beside its hash")
        return bytes.fromhex(one["hash"])
    return sha256(encode("mizan.line", LINE, {**one["fields"], **journal})).digest()


def leaf_of(journal):
    header = journal["header"]
    need(int(header["lines"]) == len(journal["lines"]) > 0, "a journal lacks lines")
    own = {"book": header["book"], "journal": header["journal"]}
    lines = [digest_of_line(one, own) for one in journal["lines"]]
    said = {**header, "particulars": journal["particulars"]["hash"]}
    return sha256(b"\0" + encode("mizan.journal", HEADER, said) + b"".join(lines)).digest()


def root_of(leaf, index, size, path):
    need(0 <= index < size, "a journal is not in its block")
    node, width, left = leaf, size, list(path)
    while width > 1:
        if index ^ 1 < width:
            need(left, "a path is too short")
            beside = left.pop(0)
            node = sha256(b"\1" + (beside + node if index & 1 else node + beside)).digest()
        index, width = index // 2, (width + 1) // 2
    need(not left, "a path is too long")
    return node


def read_keys(jwks):
    raws = [base64.urlsafe_b64decode(one["x"] + "=" * (-len(one["x"]) % 4)) for one in jwks]
    return {sha256(raw).hexdigest()[:16]: Ed25519PublicKey.from_public_bytes(raw) for raw in raws}


def check_block(block, book, keys):
    digest = sha256(encode("mizan.block", BLOCK, block)).digest()
    need(block["book"] == book, "a block is of another book")
    need(digest.hex() == block["digest"], "a block's digest is not that of what it says")
    need(block["key_id"] in keys, f"the key {block['key_id']} is not given")
    try:
        keys[block["key_id"]].verify(bytes.fromhex(block["signature"]), digest)
    except InvalidSignature:
        raise NotCertified(f"the signature of block {block['block']} is false") from None


def hash_of(said, block):
    names = (
        "before",
        "currency",
        "cut",
        "lines",
        "moved",
        "number",
        "opening",
        "partner",
        "settled",
    )
    content = {name: said[name] for name in (*names, "version")}
    if "conversion" in said:
        content["conversion"] = said["conversion"]
    content["block"] = block["digest"] if block else ""
    return sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def is_held(seq, at, said):
    """By both cuts: after the one before, up to its own."""
    cut_at, cut_seq = said["cut"]
    is_before = said["before"] and seq <= said["before"][1] and at < instant(said["before"][0])
    return seq <= cut_seq and at < instant(cut_at) and not is_before


def own_lines(journal, said):
    for one in journal["lines"]:
        line = one.get("fields")
        if line and line["account_type"] in SIDES and line["unit"] == said["currency"]:
            need(line["owner"] == said["partner"], "a line of somebody else is shown")
            yield SIDES.index(line["account_type"]), int(line["amount"])


def check_conversion(made, said):
    """The net times the rate, half to even, in the minor units of the other currency."""
    digits_from, digits_into = made["digits"]
    exact = said["net"] * Fraction(made["rate"]) * Fraction(10) ** (digits_into - digits_from)
    need(round(exact) == made["amount"], "the net times the rate is not what it is converted into")


def check(certificate):
    """Go through a certificate step by step; yields a sentence for each that holds."""
    need(
        (certificate["format"], certificate["version"]) == ("mizan-certificate", 1), "not version 1"
    )
    said, blocks, keys = (
        certificate["statement"],
        certificate["blocks"],
        read_keys(certificate["keys"]),
    )
    for name, block in blocks.items():
        need(block["block"] == name, "a block stands under another number")
        check_block(block, said["book"], keys)
    yield f"{len(blocks)} blocks are signed with {', '.join({one['key_id'] for one in blocks.values()})}."
    lines, sums, last = 0, {"moved": [0, 0], "settled": [0, 0]}, 0
    for journal in certificate["journals"]:
        header, block, seq = journal["header"], blocks[journal["block"]], int(journal["seq"])
        need(header["book"] == said["book"] and seq > last, "journals are not in their order")
        path = [bytes.fromhex(one) for one in journal["path"]]
        first, size = int(block["from_seq"]), int(block["to_seq"]) - int(block["from_seq"]) + 1
        root = root_of(leaf_of(journal), seq - first, size, path)
        need(root.hex() == block["root"], f"journal {header['journal']} is not in its block")
        need(is_held(seq, instant(header["effective_at"]), said), "a journal is outside the cuts")
        part = sums["settled" if header["kind"] == "settlement.net" else "moved"]
        for side, amount in own_lines(journal, said):
            lines, last = lines + 1, seq
            part[side] += -amount if side else amount
        need(last == seq, "a journal has no line of the partner")
    yield f"{lines} lines stand in signed blocks, each once, between the two cuts."
    need(lines == said["lines"], f"the statement says {said['lines']} lines")
    need(sums == {name: said[name] for name in sums}, "the lines do not come to what it says")
    opening, settled, moved = said["opening"], said["settled"], said["moved"]
    sides = [opening[side] + settled[side] + moved[side] for side in (0, 1)]
    need(sides[0] - sides[1] == said["net"], "the net is not that of its gross lines")
    yield f"Owed by the partner {sides[0]}, owed to it {sides[1]}: net {said['net']} {said['currency']}."
    if "conversion" in said:
        made = said["conversion"]
        check_conversion(made, said)
        yield f"Converted at {made['rate']} ({made['source']}): {made['amount']} {made['currency']}."
    need(hash_of(said, blocks.get(said["block"])) == said["content_hash"], "the hash is another")
    yield f"The statement's hash is {said['content_hash']}."


def main():
    try:
        certificate = json.loads(Path(sys.argv[1]).read_text("utf-8"))
        print(*check(certificate), "CERTIFIED.", sep="\n")
        return 0
    except (OSError, IndexError) as failure:
        print(f"Cannot read a certificate: {failure}.")
        return 2
    except NotCertified as failure:
        print(f"NOT CERTIFIED: {failure}.")
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RuntimeError) as e:
        print(f"NOT CERTIFIED: the file is malformed ({type(e).__name__}: {e}).")
    return 1


if __name__ == "__main__":
    sys.exit(main())
