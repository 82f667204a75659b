"""Merkle trees as RFC 6962 draws them: the left half is the largest power of two below the size."""

from collections.abc import Sequence
from hashlib import sha256

LEAF_PREFIX = b"\0"
NODE_PREFIX = b"\1"


def levels_of(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """Hash leaves up, level by level: the leaves first, the root alone in the last."""
    if not leaves:
        raise ValueError("a tree has a leaf")
    levels = [list(leaves)]
    # An odd one out waits for the next level: the same tree, built from below.
    while len(level := levels[-1]) > 1:
        paired = [_node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        levels.append(paired + level[len(paired) * 2 :])
    return levels


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Hash leaves up to the root of their tree."""
    return levels_of(leaves)[-1][0]


def path_of(levels: Sequence[Sequence[bytes]], index: int) -> list[bytes]:
    """Find the hashes beside a leaf on its way up the levels of its tree."""
    if not 0 <= index < len(levels[0]):
        raise IndexError("there is no such leaf")
    path, place = [], index
    for level in levels[:-1]:
        beside = place ^ 1
        if beside < len(level):
            path.append(level[beside])
        place //= 2
    return path


def root_by_path(leaf: bytes, *, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Hash a leaf up its path; None when a tree of that size has no such path."""
    if not 0 <= index < size:
        return None
    node, place, width, given = leaf, index, size, iter(path)
    while width > 1:
        if place ^ 1 < width:
            beside = next(given, None)
            if beside is None:
                return None
            node = _node(beside, node) if place & 1 else _node(node, beside)
        place, width = place // 2, (width + 1) // 2
    return node if next(given, None) is None else None


def split_hashes(joined: bytes, length: int = 32) -> list[bytes]:
    """Cut hashes that were written one after the other."""
    return [joined[i : i + length] for i in range(0, len(joined), length)]


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(NODE_PREFIX + left + right).digest()
