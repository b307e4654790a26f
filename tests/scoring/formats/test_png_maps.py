from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from scoring.formats import png_maps
from scoring.formats.png_maps import UnfitMap, decode_map
from tests.scoring.formats.label_map_files import (
    SIGNATURE,
    chunk,
    header,
    palette_png,
    pixels,
    png_by_hand,
    png_in_mode,
    png_of,
)

GOOD = png_of([[0, 1, 150], [7, 255, 3]])


def unfit(content: bytes) -> tuple[str, str]:
    """Code and message of what is wrong with a map."""
    with pytest.raises(UnfitMap) as error:
        decode_map(content)
    assert error.value.advice
    assert str(error.value) == error.value.message
    return error.value.code, error.value.message


@given(npst.arrays(np.uint8, npst.array_shapes(min_dims=2, max_dims=2, max_side=40)))
def test_a_grey_png_of_8_bits_is_its_values(values: Any) -> None:
    png = decode_map(png_of(values))
    assert (png.values.dtype, png.is_palette) == (np.uint8, False)
    assert np.array_equal(png.values, values)


@given(npst.arrays(np.uint16, npst.array_shapes(min_dims=2, max_dims=2, max_side=40)))
def test_a_grey_png_of_16_bits_is_its_values(values: Any) -> None:
    png = decode_map(png_of(values, bits=16))
    assert png.values.dtype == np.uint16
    assert np.array_equal(png.values, values)


@given(st.sampled_from((1, 2, 4, 8)), st.data())
def test_a_png_of_a_palette_is_its_indices(bits: int, data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.lists(st.integers(0, 2**bits - 1), min_size=5, max_size=5), min_size=1, max_size=4))
    png = decode_map(palette_png(rows, bits=bits))
    assert png.is_palette
    assert png.values.tolist() == rows


def test_an_interlaced_png_is_read() -> None:
    # Adam7 on 2 x 2 pixels: pass 1 is the pixel (0, 0), pass 6 is (1, 0), pass 7 the second row
    data = zlib.compress(b"\0\x05" + b"\0\x06" + b"\0\x07\x08")
    assert decode_map(png_by_hand(header(2, 2, interlace=1), chunk(b"IDAT", data))).values.tolist() == [[5, 6], [7, 8]]


@given(st.integers(1, 20), st.integers(1, 20), st.sampled_from((8, 16)))
def test_an_interlaced_png_of_any_size_has_all_its_pixels(width: int, height: int, depth: int) -> None:
    # the pass of each pixel of a tile of 8 x 8, as the PNG specification draws it
    tile = [
        "16462646", "77777777", "56565656", "77777777", "36463646", "77777777", "56565656", "77777777",
    ]  # fmt: skip
    rows = []
    for number in "1234567":
        counts = [sum(tile[y % 8][x % 8] == number for x in range(width)) for y in range(height)]
        rows += [bytes(count * depth // 8) for count in counts if count]
    whole = png_by_hand(header(width, height, depth=depth, interlace=1), pixels(*rows))
    assert decode_map(whole).values.shape == (height, width)
    assert unfit(png_by_hand(header(width, height, depth=depth, interlace=1), pixels(*rows[:-1], rows[-1][:-1])))


def test_what_does_not_hold_pixels_is_never_looked_at() -> None:
    comment = chunk(b"zTXt", b"bomb\0\0" + zlib.compress(bytes(1 << 22)))
    profile = chunk(b"iCCP", b"x\0\0" + b"no zlib")
    gamma = chunk(b"gAMA", b"far too long to be a gamma")
    assert decode_map(png_by_hand(header(1, 1), comment, profile, gamma, pixels(b"\x09"))).values.tolist() == [[9]]


def test_bytes_behind_the_end_do_not_matter() -> None:
    assert np.array_equal(decode_map(GOOD + b"more").values, decode_map(GOOD).values)


def test_pixels_may_be_cut_into_several_chunks() -> None:
    data = zlib.compress(b"\0\x01\x02\0\x03\x04")
    chunks = [chunk(b"IDAT", data[place : place + 3]) for place in range(0, len(data), 3)]
    assert decode_map(png_by_hand(header(2, 2), *chunks)).values.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        (b"", "png-broken", "no PNG"),
        (b"\xff\xd8\xff\xe0 a JPEG", "png-broken", "no PNG"),
        (b"PK\x03\x04 a zip", "png-broken", "no PNG"),
        (SIGNATURE, "png-broken", "cut short"),
        (GOOD[:20], "png-broken", "cut short"),
        (GOOD[:-12], "png-broken", "cut short"),
        (GOOD[:-1], "png-broken", "cut short"),
        (GOOD[:-30] + GOOD[-12:], "png-broken", "cut short"),
        (GOOD[:8] + struct.pack(">I", 0xFFFFFFFF) + GOOD[12:], "png-broken", "cut short"),
        (GOOD[:40] + bytes([GOOD[40] ^ 1]) + GOOD[41:], "png-broken", "checksum"),
        (GOOD[:-1] + b"\0", "png-broken", "checksum"),
        (png_by_hand(pixels(b"\0"), header(1, 1)), "png-broken", "does not begin with its header"),
        (png_by_hand(chunk(b"IHDR", b"\0" * 12), pixels(b"\0")), "png-broken", "does not begin with its header"),
        (png_by_hand(header(1, 1), header(9, 9), pixels(b"\0")), "png-broken", "parts are not those"),
        (png_by_hand(header(1, 1), pixels(b"\0"), header(9, 9)), "png-broken", "parts are not those"),
        (png_by_hand(header(0, 1), pixels(b"")), "png-broken", "no pixels"),
        (png_by_hand(header(1, 0), pixels(b"")), "png-broken", "no pixels"),
        (png_by_hand(header(2, 2)), "png-broken", "damaged"),
        (png_by_hand(header(2, 2), pixels(b"\0\0")), "png-broken", "pixels are missing"),
        (png_by_hand(header(2, 2), pixels(b"\0\0", b"\0")), "png-broken", "pixels are missing"),
        (png_by_hand(header(2, 2, interlace=1), pixels(b"\5", b"\6", b"\7")), "png-broken", "pixels are missing"),
        (png_by_hand(header(9, 1, depth=4, colour=3), pixels(b"\0" * 4)), "png-broken", "pixels are missing"),
        (png_by_hand(header(2, 2), chunk(b"IDAT", b"no zlib at all")), "png-broken", "cannot be unpacked"),
        (png_by_hand(header(2, 1), chunk(b"IDAT", zlib.compress(b"\x09\0\0"))), "png-broken", "damaged"),
        (png_by_hand(header(1, 1), chunk(b"acTL", b"\0" * 8), pixels(b"\0")), "png-animated", "animated"),
        (png_in_mode("RGB"), "png-mode", "RGB, with 8 bits"),
        (png_in_mode("RGBA"), "png-mode", "RGB with transparency, with 8 bits"),
        (png_in_mode("LA"), "png-mode", "grey with transparency, with 8 bits"),
        (png_in_mode("1"), "png-mode", "grey, with 1 bits"),
        (png_by_hand(header(2, 1, depth=4), pixels(b"\x12")), "png-mode", "grey, with 4 bits"),
        (png_by_hand(header(2, 1, colour=5), pixels(b"\0\0")), "png-mode", "of an unknown kind"),
        (png_by_hand(header(2, 1, depth=16, colour=3), pixels(b"\0" * 4)), "png-mode", "of a palette, with 16 bits"),
        (png_by_hand(header(4096, 4097), pixels(b"\0")), "png-size", "4,096 x 4,097 pixels are more than 16,777,216"),
        (png_by_hand(header(0xFFFFFFFF, 0xFFFFFFFF), pixels(b"\0")), "png-size", "pixels are more than"),
    ],
)  # fmt: skip
def test_what_is_no_map_is_refused(content: bytes, code: str, message: str) -> None:
    told = unfit(content)
    assert told[0] == code
    assert message in told[1]


def test_a_map_may_have_as_many_pixels_as_the_cap() -> None:
    rows = chunk(b"IDAT", zlib.compress(bytes(4097 * 4096)))
    assert decode_map(png_by_hand(header(4096, 4096), rows)).values.shape == (4096, 4096)


def test_more_pixels_than_the_header_says_are_not_unpacked() -> None:
    rows = chunk(b"IDAT", zlib.compress(bytes(50_000_000)))
    assert decode_map(png_by_hand(header(2, 2), rows)).values.tolist() == [[0, 0], [0, 0]]


def test_a_png_of_very_many_parts_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    crumbs = [chunk(b"tEXt", b"")] * (png_maps.MAX_CHUNKS - 3)
    assert decode_map(png_by_hand(header(1, 1), *crumbs, pixels(b"\x01"))).values.tolist() == [[1]]
    assert unfit(png_by_hand(header(1, 1), *crumbs, crumbs[0], pixels(b"\x01")))[1].endswith("those of a picture")


def test_a_png_of_very_many_bytes_is_refused() -> None:
    room = png_maps.MAX_PNG_BYTES - len(GOOD)
    assert np.array_equal(decode_map(GOOD + bytes(room)).values, decode_map(GOOD).values)
    assert unfit(GOOD + bytes(room + 1)) == ("png-size", "this PNG has more than 16,777,216 bytes")


@given(st.data())
def test_a_damaged_png_is_refused_or_read_but_never_more(data: st.DataObject) -> None:
    content = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert decode_map(bytes(content[: data.draw(st.integers(0, len(content)))])).values.ndim == 2
    except UnfitMap as error:
        assert error.code in {"png-broken", "png-size", "png-mode", "png-animated"}
