"""Bad and odd packing: rows 40 to 43."""

from __future__ import annotations

from functools import cache, partial

from tests.hostile import packed
from tests.hostile.bad_file import BadFile, Make, always, noticed, of_valid, refused, too_big, valid
from tests.hostile.packed import PACKERS, Pack
from tests.hostile.samples import joined, lines_of

# Blanks are the fastest text to read: what matters here is how much is unpacked, not what it says.
BLANKS = b" " * 500_000 + b"\n"


def over_the_cap(pack: Pack) -> Make:
    """A hundred lines or less, with many blanks."""
    return lambda task: pack(joined([line + " " * 70_000 for line in lines_of(task)[:6] * 10]).encode())


def bomb(kind: str) -> Make:
    """100 MB in a file of less than a two-hundredth of it."""
    return lambda _: bomb_bytes(kind)


@cache
def bomb_bytes(kind: str) -> bytes:
    return PACKERS[kind](BLANKS * 200)


def halves(task: str) -> tuple[bytes, bytes]:
    content = valid(task)
    return content[:77], content[77:]


def damaged(content: bytes) -> bytes:
    changed = bytearray(packed.gzipped(content))
    changed[-6] ^= 1  # in the checksum
    return bytes(changed)


def two_files(content: bytes) -> bytes:
    return packed.zip_of(("a.txt", content), ("b.txt", b""))


def two_of_one_name(content: bytes) -> bytes:
    return two_files(content).replace(b"b.txt", b"a.txt")


def named_in_latin_1(content: bytes) -> bytes:
    return packed.zip_of(("ä.txt", content)).replace("ä".encode(), b"\xff\xff")


def in_a_folder(content: bytes) -> bytes:
    return packed.zip_of(("run/", b""), ("run/a.txt", content))


_PLAIN_NAMES = ("../../predictions.txt", "..", "/etc/passwd", "a\\b.txt", "..\\..\\x", "a\0.txt", "C:x.txt", "c:/x.txt")

# Row, name, what is done to a file of any format, the one code, and what else is expected.
FAULTS: tuple[tuple[int, str, Pack, str, dict[str, str]], ...] = (
    (41, "a zip in a zip", lambda content: packed.zipped(packed.zipped(content)), "not-text",
     {"message": "a zip inside"}),
    (41, "a gzip in a gzip", lambda content: packed.gzipped(packed.gzipped(content)), "not-text",
     {"message": "a gzip file inside"}),
    (41, "an encrypted zip", packed.zip_encrypted, "zip-encrypted", {"advice": "password"}),
    (41, "a symbolic link in a zip", lambda _: packed.zip_with_symlink(b"/etc/passwd"), "zip-link",
     {"value": packed.NAME}),
    (41, "two files in a zip", two_files, "zip-count", {"message": "2 files"}),
    (41, "an empty zip", lambda _: packed.zip_of(), "zip-count", {"message": "0 files"}),
    (41, "two entries of one name", two_of_one_name, "zip-twice", {}),
    (41, "a zip whose headers disagree on the name", packed.zip_with_other_local_name, "zip-headers", {}),
    (41, "a zip whose headers disagree on the size", packed.zip_with_other_local_size, "zip-headers", {}),
    (41, "trailing data behind a zip", lambda content: packed.zipped(content) + b"more", "trailing-data", {}),
    (41, "a zip of a method that needs much memory", packed.zip_lzma, "zip-method", {}),
    (41, "a zip with a name that is no UTF-8", named_in_latin_1, "archive-broken", {}),
    (41, "a zip cut short", lambda content: packed.zipped(content)[:-30], "archive-broken", {}),
    (41, "a zip two folders deep", lambda content: packed.zip_of(("a/b/c.txt", content)), "zip-name",
     {"value": "a/b/c.txt"}),
    *((42, f"a zip with the name {name!r}", partial(packed.zip_named, name), "zip-name", {"message": "out of the zip"})
      for name in _PLAIN_NAMES),
    (42, "a zip with an empty name", packed.zip_without_a_name, "zip-name", {"message": "or is none"}),
    (43, "gzip cut short", lambda content: packed.gzipped(content)[:-9], "archive-broken", {"message": "cut short"}),
    (43, "gzip with a wrong checksum", damaged, "archive-broken", {}),
    (43, "gzip with trailing garbage", lambda content: packed.gzipped(content) + b"garbage", "trailing-data", {}),
    (43, "zstd cut short", lambda content: packed.zstd_packed(content)[:-5], "archive-broken", {}),
)  # fmt: skip

BAD_PACKINGS: tuple[BadFile, ...] = (
    *(
        too_big(40, f"{kind} that unpacks to more than the cap", over_the_cap(pack), message="3,000,000 bytes",
                is_for_tight_round=True)
        for kind, pack in PACKERS.items()
    ),
    *(too_big(40, f"a {kind} bomb", bomb(kind), message="200 times") for kind in PACKERS),
    *(refused(1, f"{kind} of nothing", always(pack(b"")), "empty", message="inside")
      for kind, pack in PACKERS.items()),
    *(refused(row, name, of_valid(change), code, **more) for row, name, change, code, more in FAULTS),
    noticed(41, "one folder around the file", of_valid(in_a_folder), "zip-folder", twin=valid),
    # What is packed as it should be has nothing odd about it.
    *(noticed(0, kind, of_valid(pack), twin=valid) for kind, pack in PACKERS.items()),
    noticed(0, "two gzip members", lambda task: b"".join(map(packed.gzipped, halves(task))), twin=valid),
    noticed(0, "two zstd frames", lambda task: b"".join(map(packed.zstd_packed, halves(task))), twin=valid),
    noticed(0, "a gzip that remembers a name", of_valid(packed.gzip_with_name), twin=valid),
    noticed(0, "a zip written to a pipe", of_valid(packed.zip_for_a_pipe), twin=valid),
    noticed(0, "a zip with a comment", of_valid(packed.zip_with_comment), twin=valid),
    noticed(0, "a zip of stored bytes", of_valid(packed.zip_stored), twin=valid),
)  # fmt: skip
