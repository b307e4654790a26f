"""One label map: a PNG with one value a pixel. Pillow decodes it, and sees nothing but the parts that hold pixels."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from isal import isal_zlib

# A map of 4,096 x 4,096. The scene parsing images have some 300,000 pixels; a few maps are held at a time.
MAX_MAP_PIXELS = 1 << 24

# A map of that many pixels and of ordinary regions packs to a tenth of this.
MAX_PNG_BYTES = 16 << 20

# Encoders cut pixels into chunks of 8 KB or more; each costs time, however little is in it.
MAX_CHUNKS = 10_000

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _PALETTE = 0, 3
_COLOURS = {_GREY: "grey", 2: "RGB", _PALETTE: "of a palette", 4: "grey with transparency", 6: "RGB with transparency"}
_DEPTHS = {_GREY: (8, 16), _PALETTE: (1, 2, 4, 8)}
_PIXEL_CHUNKS = (b"PLTE", b"IDAT", b"IEND")

_UNPACKING_ERRORS: tuple[type[Exception], ...] = (isal_zlib.error,)  # type: ignore[assignment]  # its stub is an instance

# The seven passes of an interlaced PNG: first column and row, and the steps from there.
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))

MapValues = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]  # (height, width)


class UnfitMap(Exception):
    """This is no label map; code, message and advice say why, without the name of the file."""

    def __init__(self, code: str, message: str, advice: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.advice = advice


@dataclass(frozen=True, kw_only=True, eq=False)
class PngMap:
    """A decoded map."""

    values: MapValues
    is_palette: bool  # then the values are indices into a palette, whose colours mean nothing


@dataclass(frozen=True, kw_only=True, slots=True)
class _Header:
    width: int  # in pixels
    height: int
    depth: int  # bits a channel
    colour: int
    is_interlaced: bool

    @property
    def unpacked_bytes(self) -> int:
        """What the pixels take, with the byte that stands before each row."""
        passes = _PASSES if self.is_interlaced else ((0, 0, 1, 1),)
        total = 0
        for x, y, x_step, y_step in passes:
            columns, rows = -(-(self.width - x) // x_step), -(-(self.height - y) // y_step)
            if columns > 0:
                total += rows * (1 + -(-columns * self.depth // 8))
        return total


def decode_map(content: bytes) -> PngMap:
    """The values of a PNG of one channel: grey of 8 or 16 bits, or the indices of a palette.

    Grey of fewer bits is refused: readers differ in whether they stretch its values to 0..255.

    Raises:
        UnfitMap: for anything else, for more than MAX_MAP_PIXELS, and for what is damaged or animated.
    """
    from PIL import PngImagePlugin  # the one task that needs it loads it

    if not content.startswith(_SIGNATURE):
        raise UnfitMap("png-broken", "this is no PNG", "write every map as a PNG: other formats change labels")
    if len(content) > MAX_PNG_BYTES:
        raise UnfitMap("png-size", f"this PNG has more than {MAX_PNG_BYTES:,} bytes", "write maps of the images' sizes")
    chunks = _chunks(content)
    first = next(chunks)
    header = _header(*first)
    parts = [first, *((kind, part) for kind, part in chunks if kind in _PIXEL_CHUNKS)]
    _refuse_missing_pixels(b"".join(part[8:-4] for kind, part in parts if kind == b"IDAT"), header)
    try:
        values = np.asarray(PngImagePlugin.PngImageFile(io.BytesIO(_SIGNATURE + b"".join(part for _, part in parts))))
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as error:
        raise _broken(str(error)) from None
    return PngMap(values=values, is_palette=header.colour == _PALETTE)


def _refuse_missing_pixels(packed: bytes, header: _Header) -> None:
    """Pillow leaves pixels that are not there black, without a word."""
    try:
        unpacked = isal_zlib.decompressobj().decompress(packed, header.unpacked_bytes)
    except _UNPACKING_ERRORS:
        raise _broken("its pixels cannot be unpacked") from None
    if len(unpacked) < header.unpacked_bytes:
        raise _broken("pixels are missing")


def _header(kind: bytes, chunk: bytes) -> _Header:
    """The header of a PNG, from its first chunk; raises UnfitMap where it cannot be one of a map."""
    if kind != b"IHDR" or len(chunk) != 25:
        raise _broken("it does not begin with its header")
    width, height, depth, colour, interlace = struct.unpack_from(">IIBBxxB", chunk, 8)
    if not width or not height:
        raise _broken("it has no pixels")
    if width * height > MAX_MAP_PIXELS:
        raise UnfitMap(
            "png-size", f"{width:,} x {height:,} pixels are more than {MAX_MAP_PIXELS:,}",
            "write maps of the images' sizes",
        )  # fmt: skip
    if depth not in _DEPTHS.get(colour, ()):
        raise UnfitMap(
            "png-mode", f"this PNG is {_COLOURS.get(colour, 'of an unknown kind')}, with {depth} bits a channel",
            "write one channel of 8 or 16 bits, grey, whose values are class ids",
        )  # fmt: skip
    return _Header(width=width, height=height, depth=depth, colour=colour, is_interlaced=bool(interlace))


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(kind, all bytes) of each chunk of a PNG, their checksums verified, up to its end."""
    place, count = len(_SIGNATURE), 0
    kind = b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", content, place) if place + 12 <= len(content) else (len(content), b"")
        end = place + 12 + length
        count += 1
        if end > len(content):
            raise _broken("it is cut short")
        if zlib.crc32(content[place + 4 : end - 4]).to_bytes(4, "big") != content[end - 4 : end]:
            raise _broken("a checksum is wrong")
        if count > MAX_CHUNKS or (kind == b"IHDR" and count > 1):
            raise _broken("its parts are not those of a picture")
        if kind == b"acTL":
            raise UnfitMap("png-animated", "this PNG is animated", "write one picture a file")
        yield kind, content[place:end]
        place = end


def _broken(why: str) -> UnfitMap:
    return UnfitMap("png-broken", f"this PNG is damaged: {why}", "write the map again, and send all of it")
