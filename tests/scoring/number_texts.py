"""Numbers as files spell them, and what only looks like one: the tokens that the tokenisers are tried with."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

from hypothesis import strategies as st

digits = st.text("0123456789", min_size=1, max_size=20)
signs = st.sampled_from(("", "", "", "-", "+"))
exponents = st.one_of(
    st.just(""), st.just(""), st.builds("{}{}{}".format, st.sampled_from("eE"), signs, st.integers(0, 340))
)


@st.composite
def decimals(draw: st.DrawFn) -> str:
    """1 to 20 digits with a point anywhere or nowhere."""
    text = draw(digits)
    place = draw(st.one_of(st.none(), st.integers(0, len(text))))
    return draw(signs) + (text if place is None else f"{text[:place]}.{text[place:]}") + draw(exponents)


@st.composite
def halfway_cases(draw: st.DrawFn) -> str:
    """A decimal next to, or exactly at, the middle between two neighbouring doubles, cut to 15 digits and more."""
    value = abs(
        draw(st.one_of(st.floats(1e-15, 1e15), st.floats(0, 1), st.floats(allow_nan=False, allow_infinity=False)))
    )
    above = math.nextafter(value, math.inf)
    middle = (Decimal(value) + Decimal(above if math.isfinite(above) else value)) / 2
    places = draw(st.integers(15, 40))
    return draw(signs) + draw(
        st.sampled_from((f"{middle:.{places}g}", f"{middle:f}"[:60], f"{middle:.{places}f}"[:60]))
    )


def nearly_halfway(places: int, *, shift: int) -> list[int]:
    """Numbers of up to 19 digits that, over 10^places, all but hit the middle between two doubles.

    The middles are N 2^e with an odd N of 54 bits, so the continued fraction of 2^e 10^places names the closest ones.
    """
    ratio = Fraction(10) ** places * Fraction(2) ** (shift - (10**places).bit_length())
    found = []
    (above, below), (last_above, last_below), rest = (math.floor(ratio), 1), (1, 0), ratio
    while below < 1 << 54 and rest != math.floor(rest):
        times = -(-(1 << 53) // below) | 1
        if below % 2 and times * below < 1 << 54 and 0 < times * above < 10**19:
            found.append(times * above)
        rest = 1 / (rest - math.floor(rest))
        term = math.floor(rest)
        (above, below), (last_above, last_below) = (
            (term * above + last_above, term * below + last_below), (above, below),
        )  # fmt: skip
    return found


def spelt(value: float) -> st.SearchStrategy[str]:
    return st.sampled_from(
        (repr(value), f"{value:.6g}", f"{value:.17g}", f"{value:.20g}", f"{value:.17e}", f"{value:.3f}")
    )


floats = st.floats(allow_nan=False, allow_infinity=False).flatmap(spelt)
plain_floats = st.floats(-1e4, 1e4).flatmap(spelt)
denormals = st.floats(-2.3e-308, 2.3e-308).flatmap(spelt)
whole_numbers = st.integers(0, 10**20).map(str)
small_numbers = st.integers(0, 2000).map(str)
wnids = st.integers(0, 99_999_999).map("n{:08}".format)

ODD = (
    "-0.0", "-0", "+0", "0e0", "-0e5", "0e999", "00012", "1.", ".5", "-.5", "+.5e1", "0.1", "1e22", "1e23",
    "0" * 30 + "7", "1" * 400, "0." + "0" * 400 + "1",
    ".", "-", "+", "e5", "1e", "1e+", "-.e1", "1.2.3", "1-1", "--1", "1e5e5", "1e1.5", "1_0", "1_000", "0x10", "12.0f",
    "nan", "inf", "-inf", "Infinity", "1e400", "-1e400", "1e-400", "4.9e-324", "2.4e-324", "2.5e-324",
    "1.7976931348623157e308", "1.7976931348623159e308",
    "123456789012345", "1234567890123456", "9007199254740993", "9999999999999999999",
    "18446744073709551615", "18446744073709551616", "18446744073709549568",
    "n1234567", "n123456789", "n1234567x", "N12345678", "n-2345678", "n12345678.", "-n12345678",
    "é", "１", "\x00", "1\x00", '"1"', "1;2", "(1",
)  # fmt: skip

tokens = st.one_of(
    decimals(), decimals(), halfway_cases(), floats, plain_floats, denormals, whole_numbers, small_numbers, wnids,
    st.sampled_from(ODD),
    st.text("0123456789+-.eEn_x", min_size=1, max_size=10),
)  # fmt: skip
raw_tokens = st.one_of(
    tokens.map(str.encode),
    st.binary(min_size=1, max_size=8).map(lambda raw: raw.translate(None, b"\t\n\r ,") or b"\xff"),
)
separators = st.sampled_from(
    (" ", " ", " ", " ", "\n", "\n", "\r\n", "\t", ",", ", ", "  ", " \n", "\n\n", "\n ", "\r", " \r ", "")
)


@st.composite
def windows_of_text(draw: st.DrawFn, elements: st.SearchStrategy[bytes] = raw_tokens) -> bytes:
    """Some lines of tokens, the last one ended."""
    parts = [draw(separators).encode()]
    for token in draw(st.lists(elements, max_size=25)):
        parts += [token, draw(separators).encode() or b" "]
    return b"".join(parts) + b"\n"
