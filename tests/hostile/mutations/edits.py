"""Damage that knows nothing of what it damages: bits, bytes, pieces, numbers, lines."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

Edit = Callable[[bytes, random.Random], bytes]

# Bytes and words that parsers trip over.
SPLINTERS = (
    b"\0", b"\r", b"\n", b"\r\n", b"\n\n", b"\t", b",", b" ", b"-", b"+", b".", b"e", b"_", b"\xff", b"\xef\xbb\xbf",
    b"\xd9\xa3", b"PK\x03\x04", b"\x1f\x8b", b"PAR1", b"\x85", b"\x0b", b"\x1c", b'"', b"'", b"[", b"]", b"{", b"}",
    b":", b"[[", b"}}", b"null", b"true", b"\\u0000", b"\\", b'""', b'"\n"', b"#", b";", b"\xed\xa0\x80", b"<",
    b"=cmd()", b"n00000001", b"n99999999", b"\xe2\x80\xae", b"image", b"ImageId,PredictionString\n", b"val/a",
    b"\xff\xfe",
)  # fmt: skip

NUMBERS = (
    b"0", b"-0.0", b"1", b"2", b"5", b"-1", b"4", b"1e400", b"-1e400", b"1e-400", b"5e-324", b"nan", b"NaN", b"inf",
    b"Infinity", b"1_0", b"0x10", b"1e9", b"2147483648", b"4294967296", b"9223372036854775808", b"9007199254740993",
    b"1.0", b"1.5", b"12.", b".5", b"+1", b"--1", b"1e", b"1e308", b"10000001", b"1" * 19, b"0." + b"1" * 40,
    b"9" * 400, b"00001", b"0.1e1", b"1E0", b"99", b"-5", b"0.0000001",
)  # fmt: skip

_NUMBER = re.compile(rb"-?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?")
_LONGEST_PIECE = 40


def bits_flipped(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def bytes_replaced(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 4))):
        changed[rng.randrange(len(changed))] = rng.choice((0, 255, 127, 128, rng.randrange(256)))
    return bytes(changed)


def cut(content: bytes, rng: random.Random) -> bytes:
    """Without its end, its start or a piece of it."""
    start, end = _span(content, rng)
    return rng.choice((content[:start], content[start:], content[:start] + content[end:]))


def doubled(content: bytes, rng: random.Random) -> bytes:
    start, end = _span(content, rng)
    return content[:end] + content[start:end] * rng.choice((1, 1, 1, 2, 30)) + content[end:]


def moved(content: bytes, rng: random.Random) -> bytes:
    start, end = _span(content, rng)
    rest = content[:start] + content[end:]
    place = rng.randint(0, len(rest))
    return rest[:place] + content[start:end] + rest[place:]


def splintered(content: bytes, rng: random.Random) -> bytes:
    place = rng.randint(0, len(content))
    removed = rng.choice((0, 0, 1, 2, 5))
    return content[:place] + rng.choice(SPLINTERS) + content[place + removed :]


def renumbered(content: bytes, rng: random.Random) -> bytes:
    """Some of its numbers replaced by odder ones."""
    found = list(_NUMBER.finditer(content))
    if not found:
        return splintered(content, rng)
    for match in sorted(rng.sample(found, min(len(found), rng.choice((1, 1, 2, 6)))), key=lambda m: -m.start()):
        content = content[: match.start()] + rng.choice(NUMBERS) + content[match.end() :]
    return content


def redigited(content: bytes, rng: random.Random) -> bytes:
    """Some of its digits replaced by others: most likely still a file without a fault."""
    found = [place for place, byte in enumerate(content) if 48 <= byte < 58]
    changed = bytearray(content)
    for place in rng.sample(found, min(len(found), rng.choice((1, 1, 2, 5)))):
        changed[place] = rng.choice(b"0123456789")
    return bytes(changed)


def relined(content: bytes, rng: random.Random) -> bytes:
    """Lines dropped, doubled, shuffled, or ended otherwise."""
    lines = content.split(b"\n")
    kind = rng.randrange(5)
    if kind == 0:
        del lines[rng.randrange(len(lines))]
    elif kind == 1:
        lines.insert(rng.randint(0, len(lines)), rng.choice(lines))
    elif kind == 2:
        rng.shuffle(lines)
    return rng.choice((b"\r\n", b"\r", b"\n\n", b" \n", b",\n") if kind > 2 else (b"\n",)).join(lines)


def respelled(content: bytes, rng: random.Random) -> bytes:
    """One byte replaced wherever it stands."""
    old, new = rng.choice(
        (
            (b",", b"\t"), (b",", b";"), (b",", b", "), (b" ", b","), (b'"', b"'"), (b"\n", b"\r"),
            (b"1", b"n00000001"), (b"image", b"IMAGE_ID"), (b"label", b"class"), (b"1", b"1.0"), (b"x", b"y"),
            (b"[", b"{"), (b"]", b","),
        )
    )  # fmt: skip
    return content.replace(old, new)


def recoded(content: bytes, rng: random.Random) -> bytes:
    text = content.decode("latin-1")
    return text.encode(rng.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig")))


EDITS: tuple[Edit, ...] = (
    bits_flipped, bytes_replaced, cut, doubled, moved, splintered, splintered, renumbered, renumbered, renumbered,
    redigited, redigited, redigited, relined, respelled, recoded,
)  # fmt: skip


def edited(content: bytes, rng: random.Random) -> bytes:
    """One to a few edits, one upon the other."""
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        if content:
            content = rng.choice(EDITS)(content, rng)
    return content


def spliced(content: bytes, other: bytes, rng: random.Random) -> bytes:
    """The start of one file and the end of another."""
    return content[: rng.randint(0, len(content))] + other[rng.randint(0, len(other)) :]


def _span(content: bytes, rng: random.Random) -> tuple[int, int]:
    start = rng.randrange(len(content))
    return start, min(len(content), start + rng.choice((1, 4, rng.randint(1, _LONGEST_PIECE))))
