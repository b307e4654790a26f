"""Bad and odd zips of label maps: the maps, their names, and the zip around them."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
from PIL import Image

from tests.hostile import packed
from tests.hostile.bad_file import BadFile, Make, Outcome, always
from tests.hostile.mutations.pictures import chunk, chunks_of
from tests.hostile.other_rounds import MAP_SIZE, NAMES, map_png, valid_maps, valid_zip
from tests.hostile.packed import zip_of

Maps = dict[str, bytes]
_FIRST = f"{NAMES[0]}.png"
_ROWS, _COLUMNS = MAP_SIZE
_SIGNATURE = b"\x89PNG\r\n\x1a\n"

# A picture of so many pixels packs to 20 KB, and unpacks to 20 MB.
_BOMB_SIDE = 4_500


def _file(outcome: Outcome, row: int, name: str, make: Make, *codes: str, **more: object) -> BadFile:
    return BadFile(
        row=row, name=name, make=make, outcome=outcome, codes=frozenset(codes), tasks=("scene-parsing",),
        encoding="maps", **more,  # type: ignore[arg-type]
    )  # fmt: skip


def refused(row: int, name: str, make: Make, *codes: str, **more: object) -> BadFile:
    return _file("refused", row, name, make, *codes, **more)


def noticed(row: int, name: str, make: Make, *codes: str) -> BadFile:
    """What is odd and scores as the valid zip does."""
    return _file("noticed", row, name, make, *codes, twin=lambda _: valid_zip())


def maps(change: Callable[[Maps], Maps]) -> Make:
    """The valid maps changed, and zipped."""
    return lambda _: zip_of(*change(valid_maps()).items())


def first(png: Callable[[bytes], bytes]) -> Make:
    """The first map made anew from what it was."""
    return maps(lambda found: {**found, _FIRST: png(found[_FIRST])})


def renamed(name: str) -> Make:
    """The first map under another name."""
    return maps(lambda found: {name if old == _FIRST else old: png for old, png in found.items()})


def added(name: str, content: bytes = b"") -> Make:
    return maps(lambda found: {**found, name: content or map_png(0)})


def whole(change: Callable[[bytes], bytes]) -> Make:
    """The bytes of the valid zip changed."""
    return lambda _: change(valid_zip())


def named(name: str) -> Make:
    """The first map under exactly this name, whatever zipfile thinks of it."""
    placeholder = "x" * len(name.encode())
    return lambda task: renamed(placeholder)(task).replace(placeholder.encode(), name.encode())


def in_mode(mode: str) -> Callable[[bytes], bytes]:
    return lambda png: _saved(Image.open(io.BytesIO(png)).convert(mode))


def sixteen_bits(png: bytes) -> bytes:
    return _saved(Image.fromarray(np.asarray(Image.open(io.BytesIO(png))).astype(np.uint16)))


def _saved(image: Image.Image, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG", **options)
    return stream.getvalue()


def animated(png: bytes) -> bytes:
    image = Image.open(io.BytesIO(png))
    return _saved(image, save_all=True, append_images=[image.point(lambda value: value ^ 1)])


def of_size(rows: int, columns: int) -> Callable[[bytes], bytes]:
    return lambda _: _saved(Image.fromarray(np.ones((rows, columns), dtype=np.uint8)))


def with_chunks(change: Callable[[list[tuple[bytes, bytes]]], list[tuple[bytes, bytes]]]) -> Callable[[bytes], bytes]:
    """The map with other chunks, their checksums right."""
    return lambda png: _SIGNATURE + b"".join(chunk(*part) for part in change(chunks_of(png)))


def with_header(
    *, width: int = _COLUMNS, height: int = _ROWS, depth: int = 8, colour: int = 0
) -> Callable[[bytes], bytes]:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return with_chunks(lambda chunks: [(b"IHDR", header), *chunks[1:]])


def with_pixels(raw: bytes) -> Callable[[bytes], bytes]:
    return with_chunks(lambda chunks: [chunks[0], (b"IDAT", zlib.compress(raw)), chunks[-1]])


def many_chunks(png: bytes) -> bytes:
    return with_chunks(lambda chunks: [chunks[0], *[(b"teXt", b"")] * 20_000, *chunks[1:]])(png)


def disagreeing_sizes(content: bytes) -> bytes:
    changed = bytearray(content)
    changed[22:26] = (int.from_bytes(changed[22:26], "little") + 1).to_bytes(4, "little")
    return bytes(changed)


def encrypted(content: bytes) -> bytes:
    changed = bytearray(content)
    changed[6] |= 1
    changed[changed.index(b"PK\x01\x02") + 8] |= 1
    return bytes(changed)


def linked(_: str) -> bytes:
    import zipfile

    info = zipfile.ZipInfo(_FIRST)
    info.create_system, info.external_attr = 3, 0o120777 << 16
    rest = {name: png for name, png in valid_maps().items() if name != _FIRST}
    return zip_of((info, b"/etc/passwd"), *rest.items())


_BROKEN: tuple[tuple[str, Callable[[bytes], bytes]], ...] = (
    ("cut short", lambda png: png[:-20]),
    ("cut within its pixels", lambda png: png[: png.index(b"IDAT") + 6]),
    ("without pixels", with_chunks(lambda chunks: [chunks[0], chunks[-1]])),
    ("with a wrong checksum", lambda png: png[:-1] + b"\0"),
    ("with too few pixels", with_pixels(b"\0" * 5)),
    ("whose pixels are no zlib", with_chunks(lambda chunks: [chunks[0], (b"IDAT", b"abcdef"), chunks[-1]])),
    ("with two headers", with_chunks(lambda chunks: [chunks[0], *chunks])),
    ("without a header", with_chunks(lambda chunks: chunks[1:])),
    ("of no pixels", with_header(width=0)),
    ("of very many parts", many_chunks),
    ("that is empty", lambda _: b""),
    ("that is a JPEG", lambda _: b"\xff\xd8\xff\xe0" + bytes(100)),
    ("that is text", lambda _: b"3 1 4 1 5\n"),
)

BAD_MAPS: tuple[BadFile, ...] = (
    refused(1, "an empty file", always(b""), "empty"),
    refused(1, "a zip of nothing", always(zip_of()), "image-missing", value="val/clip1/0001"),
    refused(14, "two maps of an image", added(_FIRST.replace(".png", ".PNG")), "image-twice"),
    refused(15, "a map of no image", added("val/clip1/9999.png"), "unknown-image", value="9999"),
    refused(15, "a file that is no map", added("README.txt", b"hello"), "unknown-image", value="README.txt"),
    refused(15, "a map with another ending", renamed(f"{NAMES[0]}.jpg"), "unknown-image", "image-missing"),
    refused(16, "a map missing", maps(lambda found: {n: png for n, png in found.items() if n != _FIRST}),
            "image-missing",
            value=NAMES[0]),
    noticed(17, "maps in another order", maps(lambda found: dict(reversed(found.items())))),
    refused(21, "a value that is no class", first(with_pixels(b"\0\x0d\0\0\0" * 3)), "unknown-class", value="13"),
    refused(21, "the value 255", first(with_pixels(b"\0\xff\xff\xff\xff" * 3)), "unknown-class", advice="write 0"),
    noticed(0, "maps of 16 bits", maps(lambda found: {name: sixteen_bits(png) for name, png in found.items()})),
    noticed(0, "maps with a palette", maps(lambda found: {name: in_mode("P")(png) for name, png in found.items()}),
            "png-palette"),
    *(refused(46, f"a map that is {mode}", first(in_mode(mode)), "png-mode", value=_FIRST) for mode in ("RGB", "LA",
            "RGBA", "1")),
    refused(46, "a PNG alone", always(map_png(0)), "not-zip"),
    refused(46, "text", always(b"1 2 3\n"), "not-zip"),
    refused(46, "HTML", always(b"<!doctype html>"), "not-zip"),
    refused(46, "an animated map", first(animated), "png-animated"),
    refused(44, "a pickled .npy", always(b"\x93NUMPY\x01\x00v\x00{'descr': '|O'}"), "not-zip"),
    refused(45, "a .npy in the zip", added("val/clip1/0001.npy", b"\x93NUMPY\x01\x00"), "unknown-image"),
    *(refused(43, f"a map {name}", first(png), "png-broken", value=_FIRST) for name, png in _BROKEN),
    refused(40, "a map that claims 4 billion rows", first(with_header(height=2**32 - 1)), "png-size"),
    refused(40, "a map that claims 100,000 x 100,000 pixels", first(with_header(width=100_000, height=100_000)),
            "png-size"),
    refused(40, "a map of 20 million pixels", first(of_size(_BOMB_SIDE, _BOMB_SIDE)), "png-size"),
    _file("too big", 40, "a zip that unpacks to more than the cap", added("a", bytes(3_100_000)), "too-large",
          is_for_tight_round=True),
    _file("too big", 40, "a zip bomb", added("a", bytes(100_000_000)), "too-large"),
    _file("too big", 40, "maps of more pixels than the cap", maps(lambda found: {name: of_size(1_000,
            1_000)(png) for name, png
          in found.items()}), "too-large", is_for_tight_round=True),
    noticed(41, "one folder around the maps", maps(lambda found: {f"run/{name}": png for name, png in found.items()}),
            "zip-folder"),
    noticed(41, "what macOS adds", added("__MACOSX/val/._a.png", b"attributes")),
    refused(41, "two folders around the maps", maps(lambda found: {f"a/b/{name}": png for name, png in found.items()}),
            "zip-name", value="a/b/val"),
    refused(41, "a zip in the zip", added("maps.zip", zip_of(("a", b"a"))), "unknown-image"),
    refused(41, "a zip in a zip", lambda _: packed.zipped(valid_zip()), "unknown-image", "image-missing"),
    refused(41, "an encrypted zip", whole(encrypted), "zip-encrypted"),
    refused(41, "a symbolic link", linked, "zip-link"),
    refused(41, "two entries of one name", lambda task: added("y" * len(_FIRST))(task).replace(b"y" * len(_FIRST),
            _FIRST.encode()),
            "zip-twice"),
    refused(41, "headers that disagree", whole(disagreeing_sizes), "zip-headers"),
    refused(41, "trailing data", whole(lambda content: content + b"more"), "trailing-data"),
    refused(41, "something in front", whole(lambda content: b"PK\x03\x04" + content), "trailing-data"),
    refused(41, "cut short", whole(lambda content: content[:-30]), "archive-broken"),
    refused(41, "gzip", whole(packed.gzipped), "not-zip"),
    *(refused(42, f"the name {name!r}", named(name), "zip-name")
      for name in ("../../val.png", "/etc/passwd", "val\\a.png", "..\\x.png", "C:x.png", "a\0.png", "x/../../y.png")),
)  # fmt: skip
