"""What the seeded detection data looks like: the sizes and the lopsidedness of the sets that are really used."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class DetectionShape:
    """The statistics of a data set and of the predictions for it."""

    name: str
    task: str  # of the kit's text; COCO's JSON is written in any case
    seed: int
    images: int
    lines: int
    classes: int
    images_with_boxes: tuple[float, ...]  # weights of 0, 1, 2 ... boxes in an image
    image_sizes: tuple[tuple[int, int], ...]  # (width, height), pixels
    image_size_counts: tuple[float, ...]
    # The largest class has this share of the boxes; the others fall off as a power of their rank.
    largest_class_share: float
    class_fall_off: float
    # Pixels, and the spreads of their logarithms; heights follow widths loosely.
    median_width: float
    width_spread: float
    median_aspect: float
    aspect_spread: float
    near_share: float  # of the lines, this share lies near a box of the truth; the others are anywhere
    truth_decimals: int = 0  # of the truth's corners
    crowd_share: float = 0.0  # of the truth's boxes
    filled: tuple[float, float] = (1.0, 1.0)  # least and greatest share of a box that its object, and `area`, takes


# Boxes an image, image sizes and box sizes of the ILSVRC 2013 detection validation set (20,121 images, 55,502 boxes);
# images and lines as in the test set of 2013 and 2014.
_DET_IMAGES_WITH_BOXES = (
    1441, 7706, 4280, 2098, 1240, 832, 665, 427, 310, 242, 176, 145, 120, 85, 62, 61, 42, 39, 34, 31,
    25, 13, 8, 8, 6, 7, 4, 4, 2, 2, 2, 1, 2, 1,
)  # fmt: skip
ILSVRC_DET = DetectionShape(
    name="ilsvrc-det",
    task="det",
    seed=2014,
    images=40_152,
    lines=4_000_000,
    classes=200,
    images_with_boxes=_DET_IMAGES_WITH_BOXES,
    image_sizes=((500, 375), (500, 333), (375, 500), (500, 500), (333, 500), (500, 334), (500, 400)),
    image_size_counts=(2752, 859, 711, 532, 275, 226, 178),
    largest_class_share=0.23,  # person
    class_fall_off=0.85,
    median_width=117.0,
    width_spread=0.94,
    median_aspect=1.15,
    aspect_spread=0.5,
    near_share=0.17,
)

# Frames, boxes a frame and box sizes of the ILSVRC video validation set (273,505 boxes).
ILSVRC_VID = DetectionShape(
    name="ilsvrc-vid",
    task="vid",
    seed=2015,
    images=176_126,
    lines=20_000_000,
    classes=30,
    images_with_boxes=(4046, 118888, 35180, 6788, 3687, 2812, 1723, 1085, 748, 653, 426, 49, 41),
    image_sizes=((1280, 720),),
    image_size_counts=(1,),
    largest_class_share=0.098,
    class_fall_off=0.5,
    median_width=212.0,
    width_spread=0.94,
    median_aspect=0.78,
    aspect_spread=0.5,
    near_share=0.17,
)

# Some 7.4 boxes an image, about four in ten of them smaller than 32 x 32 pixels; areas are those of outlines, and one
# box in a hundred is a crowd.
COCO_VAL = DetectionShape(
    name="coco-val",
    task="coco-det",
    seed=2017,
    images=5_000,
    lines=500_000,
    classes=80,
    images_with_boxes=tuple((count + 1) * 0.786**count for count in range(60)),
    image_sizes=((640, 480), (480, 640), (640, 427), (500, 375), (640, 640)),
    image_size_counts=(50, 20, 20, 7, 3),
    largest_class_share=0.3,  # person
    class_fall_off=0.7,
    median_width=46.0,
    width_spread=1.05,
    median_aspect=1.1,
    aspect_spread=0.5,
    near_share=0.35,
    truth_decimals=2,
    crowd_share=0.012,
    filled=(0.3, 0.9),
)
