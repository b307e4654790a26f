"""COCO's overlaps, recalls and sizes, and what becomes of a detection as a number.

It is a word of 40 bits: bit 10 s + t speaks of size range s and overlap t.
"""

from __future__ import annotations

import numpy as np

OVERLAPS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0.0, 1.0, 101)
EPSILON = float(np.spacing(1.0))  # the kit's guard against a division by nothing
# All, small, medium, large: least and greatest area in square pixels, both included.
SIZES = np.array([(0, 1e10), (0, 32**2), (32**2, 96**2), (96**2, 1e10)], np.float64)
SIZE_WORDS = np.array([sum(1023 << 10 * size for size in range(4) if bits >> size & 1) for bits in range(16)], np.int64)
REACHED_WORDS = np.array([((1 << count) - 1) * 0x40100401 for count in range(11)], np.int64)

# The state of a detection: four bits for the ranges its area is in, and these. MOST: those that count in an image.
CANDIDATE, CUT, MOST = 16, 32, 100
