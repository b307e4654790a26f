"""What bounds the goals that are not reached, and what was tried: remarks of the cases that set them.

Shares are of the processor's time, stage by stage in one thread (`time.thread_time` around each stage, on the data of
the case); the stages run on two threads when it counts.
"""

from __future__ import annotations

DETECTION = tuple(
    """\
What bounds the warm text: of the processor's time numbers from bytes take 35 %, each false positive's place among \
the true positives 21 %, reading and cutting into windows 11 %, sifting and keeping 10 %, SHA-256 of the file 9 %, \
matching 8 %, checks and notices 5 %. All are on both cores already; 0.12 would need two fifths less, twice what \
reading and the digest take.
Tried for it: one fused loop from bytes to columns that reads eight digits at a time and two places in turns (in), a \
second parser thread (in), tables in place of binary searches (in), machine code without the compiler (in: the \
start), windows of 1 and of 8 MB (slower than of 2 to 4), one and three parser threads (slower than two).
""".splitlines()
)
COCO = tuple(
    """\
What bounds the warm JSON, twice the bytes of the text: of the processor's time numbers from bytes take 25 %, \
matching at ten overlaps and four sizes 25 %, sifting and grouping 16 %, reading and cutting 11 %, SHA-256 10 %, the \
figures 6 %, checks 5 %.
Tried for it: matching once for all overlaps and sizes, in words of 40 bits (in), records of one spelling without a \
JSON parser (in), categories side by side, the largest first (in), sorting by one packed key (in).
""".splitlines()
)
RESAMPLING = tuple(
    """\
What bounds it: 64 resamples side by side read an image's counts in the order of confidence, which is no order of \
images, and divide once for each true positive and resample. The resamples alone, the columns kept sorted, take 2.0 \
times one scoring.
Tried for it: sorting by one packed key (in, half the time), leaving out what comes behind a class's last true \
positive (in), as many resamples at a time as fill a cache line (in).
""".splitlines()
)
SMALL_FILES = tuple(
    """\
On 3 MB the start decides: as a whole process Heldout is slower than the peers here and takes more memory, for it \
loads Python's standard parts, numpy and its machine code; warm it is about as fast as they are.
""".splitlines()
)
