"""Bad and odd packing: rows 40 to 43."""

from __future__ import annotations

from functools import cache

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


def damaged(task: str) -> bytes:
    content = bytearray(packed.gzipped(valid(task)))
    content[-6] ^= 1  # in the checksum
    return bytes(content)


_PLAIN_NAMES = ("../../predictions.txt", "..", "/etc/passwd", "a\\b.txt", "..\\..\\x", "a\0.txt", "C:x.txt", "c:/x.txt")

BAD_PACKINGS: tuple[BadFile, ...] = (
    *(
        too_big(40, f"{kind} that unpacks to more than the cap", over_the_cap(pack), message="3,000,000 bytes",
                is_for_tight_round=True)
        for kind, pack in PACKERS.items()
    ),
    *(too_big(40, f"a {kind} bomb", bomb(kind), message="200 times") for kind in PACKERS),
    *(refused(1, f"{kind} of nothing", always(pack(b"")), "empty", message="inside")
      for kind, pack in PACKERS.items()),
    refused(41, "a zip in a zip", lambda task: packed.zipped(packed.zipped(valid(task))), "not-text",
            message="a zip inside"),
    refused(41, "a gzip in a gzip", lambda task: packed.gzipped(packed.gzipped(valid(task))), "not-text",
            message="a gzip file inside"),
    refused(41, "an encrypted zip", of_valid(packed.zip_encrypted), "zip-encrypted", advice="password"),
    refused(41, "a symbolic link in a zip", always(packed.zip_with_symlink(b"/etc/passwd")), "zip-link",
            value=packed.NAME),
    refused(41, "two files in a zip", lambda task: packed.zip_of(("a.txt", valid(task)), ("b.txt", b"")), "zip-count",
            message="2 files"),
    refused(41, "an empty zip", always(packed.zip_of()), "zip-count", message="0 files"),
    refused(41, "two entries of one name", lambda task: packed.zip_of(("a.txt", valid(task)), ("b.txt", b""))
            .replace(b"b.txt", b"a.txt"), "zip-twice"),
    refused(41, "a zip whose headers disagree on the name", of_valid(packed.zip_with_other_local_name),
            "zip-headers"),
    refused(41, "a zip whose headers disagree on the size", of_valid(packed.zip_with_other_local_size),
            "zip-headers"),
    refused(41, "trailing data behind a zip", lambda task: packed.zipped(valid(task)) + b"more", "trailing-data"),
    refused(41, "a zip of a method that needs much memory", of_valid(packed.zip_lzma), "zip-method"),
    refused(41, "a zip with a name that is no UTF-8", lambda task: packed.zip_of(("ä.txt", valid(task)))
            .replace("ä".encode(), b"\xff\xff"), "archive-broken"),
    refused(41, "a zip cut short", lambda task: packed.zipped(valid(task))[:-30], "archive-broken"),
    refused(41, "a zip two folders deep", lambda task: packed.zip_of(("a/b/c.txt", valid(task))), "zip-name",
            value="a/b/c.txt"),
    noticed(41, "one folder around the file", lambda task: packed.zip_of(("run/", b""), ("run/a.txt", valid(task))),
            "zip-folder", twin=valid),
    *(
        refused(42, f"a zip with the name {name!r}", lambda task, name=name: packed.zip_named(name, valid(task)),
                "zip-name", message="out of the zip")
        for name in _PLAIN_NAMES
    ),
    refused(42, "a zip with an empty name", of_valid(packed.zip_without_a_name), "zip-name", message="or is none"),
    refused(43, "gzip cut short", lambda task: packed.gzipped(valid(task))[:-9], "archive-broken", message="cut short"),
    refused(43, "gzip with a wrong checksum", damaged, "archive-broken"),
    refused(43, "gzip with trailing garbage", lambda task: packed.gzipped(valid(task)) + b"garbage", "trailing-data"),
    refused(43, "zstd cut short", lambda task: packed.zstd_packed(valid(task))[:-5], "archive-broken"),
    # What is packed as it should be has nothing odd about it.
    *(noticed(0, kind, of_valid(pack), twin=valid) for kind, pack in PACKERS.items()),
    noticed(0, "two gzip members", lambda task: b"".join(map(packed.gzipped, halves(task))), twin=valid),
    noticed(0, "two zstd frames", lambda task: b"".join(map(packed.zstd_packed, halves(task))), twin=valid),
    noticed(0, "a gzip that remembers a name", of_valid(packed.gzip_with_name), twin=valid),
    noticed(0, "a zip written to a pipe", of_valid(packed.zip_for_a_pipe), twin=valid),
    noticed(0, "a zip with a comment", of_valid(packed.zip_with_comment), twin=valid),
    noticed(0, "a zip of stored bytes", of_valid(packed.zip_stored), twin=valid),
)  # fmt: skip
