"""The worked example of ARCHITECTURE.md: what it prints is written into files and used."""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import scoring.tasks
from scoring.evaluation import evaluate, validate
from scoring.opening import open_round
from scoring.tasks import TASKS, Task
from tests.scoring.making import classes_of, public_round

ARCHITECTURE = Path(__file__).parents[2] / "ARCHITECTURE.md"
_BLOCK = re.compile(r"```python\n# (\S+)\n(.*?)```", re.DOTALL)

ROUND = """\
slug = "driving"
task = "centre-det"
[images]
count = 2
[classes]
table = "classes.csv"
[truth]
boxes = "centres.csv"
"""

# Frame 1 has two cars 3 m apart and a bicycle, frame 2 a car. Class 2 has one object.
TRUTH = "1,1,10,0\n1,1,13,0\n1,2,0,5\n2,1,-4,2\n"

HEADER = "image,class,confidence,x,y,z,length,width,height,yaw"
ROWS = (
    (1, 1, 0.9, 10.2, 0.0, 0, 4, 2, 1.5, 0),  # 0.2 m from the first car
    (1, 1, 0.8, 11.5, 0.0, 0, 4, 2, 1.5, 0),  # 1.5 m from the second, the first being taken
    (2, 1, 0.7, 5.0, 5.0, 0, 4, 2, 1.5, 0),  # of nothing
    (2, 1, 0.6, -4.0, 5.5, 0, 4, 2, 1.5, 0),  # 3.5 m from the car
    (1, 2, 0.5, 0.0, 5.0, 0, 2, 1, 1.5, 0),  # the bicycle
)
# Cars, three of them. At 0.5 m and 1 m the first detection alone is right: 1/3. At 2 m two are: 2/3. At 4 m the fourth
# is right too, behind one false positive: (1 + 1 + 3/4)/3. The bicycle is found at every distance.
CAR_AP = (1 / 3 + 1 / 3 + 2 / 3 + 2.75 / 3) / 4


@pytest.fixture
def task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Task:
    blocks = dict(_BLOCK.findall(ARCHITECTURE.read_text("utf-8")))
    for name in ("scoring/formats/centre_lines.py", "scoring/metrics/centre_distance.py"):
        file = tmp_path / Path(name).name
        file.write_text(blocks[name])
        module = name.removesuffix(".py").replace("/", ".")
        spec = importlib.util.spec_from_file_location(module, file)
        assert spec is not None
        assert spec.loader is not None
        loaded = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, module, loaded)
        parent, _, attribute = module.rpartition(".")
        monkeypatch.setattr(importlib.import_module(parent), attribute, loaded, raising=False)
        spec.loader.exec_module(loaded)
    names = vars(scoring.tasks) | {"CENTRES": sys.modules["scoring.formats.centre_lines"].CENTRES}
    entry: Task = eval(blocks["scoring/tasks.py"], names)  # noqa: S307  # our own page
    monkeypatch.setitem(TASKS, entry.slug, entry)
    return entry


def test_a_task_of_three_pieces_scores_in_every_format(task: Task, tmp_path: Path) -> None:
    folder = tmp_path / "round"
    folder.mkdir()
    (folder / "round.toml").write_text(ROUND)
    (folder / "classes.csv").write_text("id,wnid,name\n1,,car\n2,,bicycle\n")
    (folder / "centres.csv").write_text(TRUTH)
    public, truth = open_round(folder, cache=tmp_path / "cache")
    assert open_round(folder, cache=tmp_path / "cache")[1].own["centres"].tolist() == truth.own["centres"].tolist()
    (file,) = task.truth_files(truth, public)
    (folder / "centres.csv").write_bytes(b"".join(file.pieces))
    assert open_round(folder, cache=tmp_path / "other cache")[1].digest == truth.digest
    names = HEADER.split(",")
    records = ",".join("{" + ",".join(f'"{n}":{v}' for n, v in zip(names, row, strict=True)) + "}" for row in ROWS)
    files = {
        "text": "\n".join(" ".join(map(str, row)) for row in ROWS).encode(),
        "csv": "\n".join([HEADER, *(",".join(map(str, row)) for row in ROWS)]).encode(),
        "json": f"[{records}]".encode(),
        "parquet": parquet_of(names),
    }
    assert [form.encoding for form in task.formats] == list(files)
    for encoding, content in files.items():
        file = tmp_path / encoding
        file.write_bytes(content)
        evaluation = evaluate(public, truth, file)
        assert evaluation.scorecard is not None, (encoding, evaluation.checked.report)
        assert [row["ap"] for row in evaluation.scorecard.per_class] == [pytest.approx(CAR_AP), 1.0]
        assert evaluation.scorecard.scores == {"mean_ap": pytest.approx((CAR_AP + 1) / 2)}


def parquet_of(names: list[str]) -> bytes:
    stream = pa.BufferOutputStream()
    columns = np.array(ROWS, dtype=np.float64).T
    pq.write_table(pa.table(dict(zip(names, columns, strict=True))), stream)
    return bytes(stream.getvalue())


def test_a_faulty_file_of_the_new_task_is_explained(task: Task, tmp_path: Path) -> None:
    public = public_round(task.slug, images=2, classes=classes_of([1, 2]))
    file = tmp_path / "predictions"
    file.write_text("1 1 0.9 1 1 0 4 0 1 0\n1 3 0.9 1 1 0 4 2 1 0\n1 1 0.9\n")
    found = [(finding.code, finding.line) for finding in validate(public, file).report.findings]
    assert found == [("number-range", 1), ("unknown-class", 2), ("column-count", 3)]
