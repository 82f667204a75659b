"""Slips of the finger: one letter too many, too few, wrong, or two in the wrong order."""

SLIP_LENGTH_MIN = 4
SLIP_LENGTH_MAX = 24


def takes_slips(word: str) -> bool:
    """Whether a word is long enough, and of letters alone, to be taken for another one."""
    return SLIP_LENGTH_MIN <= len(word) <= SLIP_LENGTH_MAX and word.isalpha()


def slips_of(word: str) -> frozenset[str]:
    """Give the word and what is left of it without any one of its letters.

    Two words that are one slip apart share at least one of these.
    """
    return frozenset({word, *(word[:n] + word[n + 1 :] for n in range(len(word)))})


def is_one_slip(first: str, second: str) -> bool:
    """Tell whether one slip turns a word into the other."""
    short, long = sorted((first, second), key=len)
    if first == second or len(long) - len(short) > 1:
        return False
    start = 0
    while start < len(short) and short[start] == long[start]:
        start += 1
    if len(short) < len(long):
        return short[start:] == long[start + 1 :]
    if short[start + 1 :] == long[start + 1 :]:
        return True
    swapped = short[:start] + short[start : start + 2][::-1] + short[start + 2 :]
    return swapped == long
