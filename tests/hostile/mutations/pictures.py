"""Damage that knows PNGs: chunks whose checksums are right, and whose contents are not."""

from __future__ import annotations

import random
import struct
import zlib

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KINDS = (
    b"IHDR",
    b"IDAT",
    b"IEND",
    b"PLTE",
    b"tRNS",
    b"acTL",
    b"fdAT",
    b"iCCP",
    b"tEXt",
    b"zTXt",
    b"gAMA",
    b"abcd",
    b"\0\0\0\0",
)
_SIDES = (0, 1, 2, 3, 4, 8, 4096, 4097, 65_535, 100_000, 2**31 - 1, 2**32 - 1)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def damaged_png(png: bytes, rng: random.Random) -> bytes:
    """A PNG with one or more of its chunks changed."""
    chunks = chunks_of(png)
    for _ in range(rng.choice((1, 1, 2, 4))):
        if chunks:
            _change(chunks, rng)
    whole = _SIGNATURE + b"".join(chunk(kind, data) for kind, data in chunks)
    return whole + rng.choice((b"", b"", b"", b"more", whole))


def chunks_of(png: bytes) -> list[tuple[bytes, bytes]]:
    """(kind, data) of each chunk of a PNG, as far as they are sound."""
    found, place = [], len(_SIGNATURE)
    while place + 12 <= len(png):
        length, kind = struct.unpack_from(">I4s", png, place)
        found.append((kind, png[place + 8 : place + 8 + length]))
        place += 12 + length
    return found


def _change(chunks: list[tuple[bytes, bytes]], rng: random.Random) -> None:
    place, way = rng.randrange(len(chunks)), rng.randrange(8)
    kind, data = chunks[place]
    if way == 0:
        del chunks[place]
    elif way == 1:
        chunks.insert(rng.randint(0, len(chunks)), chunks[place])
    elif way == 2:
        chunks[place] = rng.choice(_KINDS), data
    elif way == 3:
        chunks.insert(rng.randint(0, len(chunks)), (rng.choice(_KINDS), rng.randbytes(rng.choice((0, 1, 8, 768)))))
    elif way == 4:
        rng.shuffle(chunks)
    elif kind == b"IHDR" and len(data) == 13:
        chunks[place] = kind, _other_header(data, rng)
    elif kind == b"IDAT":
        chunks[place] = kind, _other_pixels(data, rng)
    else:
        chunks[place] = kind, data[: rng.randint(0, len(data))] + rng.randbytes(rng.choice((0, 1, 3, 200)))


def _other_header(data: bytes, rng: random.Random) -> bytes:
    fields = list(struct.unpack(">IIBBBBB", data))
    field = rng.randrange(len(fields))
    fields[field] = rng.choice(_SIDES) if field < 2 else rng.choice((0, 1, 2, 3, 4, 6, 7, 8, 16, 255))
    return struct.pack(">IIBBBBB", *fields)


def _other_pixels(data: bytes, rng: random.Random) -> bytes:
    """Other rows, other filters, too many bytes or too few, or no zlib at all."""
    try:
        raw = zlib.decompress(data)
    except zlib.error:
        return data[: rng.randint(0, len(data))]
    way = rng.randrange(5)
    if way == 0:
        raw = rng.randbytes(len(raw))
    elif way == 1:
        raw = raw[: rng.randint(0, len(raw))]
    elif way == 2:
        raw += rng.choice((b"\0", b"\0" * 100_000))
    elif way == 3:
        raw = bytes([rng.randrange(256)]) + raw[1:]
    packed = zlib.compress(raw, rng.choice((0, 1, 9)))
    return packed if rng.random() < 0.8 else packed[: rng.randint(0, len(packed))] + rng.randbytes(3)
