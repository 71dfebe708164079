#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Classes of many: what `comity cross`, anjana, and a search over everything lose on the same table.

    cargo build --release -p comity --features border
    python3 -m venv venv && venv/bin/pip install anjana==1.2.3
    venv/bin/python bench/crossing/classes.py target/release/comity FOLDER

The table has 2,000 people who do not exist. Loss is counted here, by pandas, for all three: of pairs of rows that a column
tells apart, the share that it does not tell apart as it leaves; a row that is held back is told apart from none.
Prints a table in Markdown.
"""

import itertools
import json
import pathlib
import random
import subprocess
import sys
import time

import pandas
from anjana.anonymity import k_anonymity

HERE = pathlib.Path(__file__).resolve().parent
ABOVE = {"school": "below", "college": "below", "bachelor": "degree", "master": "degree", "doctor": "degree"}
# For each column how it becomes coarser, step by step, and the measure that does the same.
STEPS = {
    "age": [
        ("keep", lambda value: value),
        ("generalise multiple 5", lambda value: str(int(value) // 5 * 5)),
        ("generalise multiple 10", lambda value: str(int(value) // 10 * 10)),
        ("generalise multiple 20", lambda value: str(int(value) // 20 * 20)),
        ("constant *", lambda value: "*"),
    ],
    "zip": [
        ("keep", lambda value: value),
        ("truncate 3", lambda value: value[:3]),
        ("truncate 2", lambda value: value[:2]),
        ("constant *", lambda value: "*"),
    ],
    "edu": [
        ("keep", lambda value: value),
        ("generalise hierarchy", ABOVE.get),
        ("constant *", lambda value: "*"),
    ],
}


def table():
    random.seed(7)
    rows = []
    for number in range(2000):
        age = int(min(90, max(16, random.gauss(45, 15))))
        code = f"{random.choice(['10', '20', '30', '40'])}{random.randint(0, 9)}{random.randint(0, 9)}"
        edu = random.choices(list(ABOVE), [30, 25, 25, 15, 5])[0]
        rows.append((f"P{number:05d}", str(age), code, edu))
    return pandas.DataFrame(rows, columns=["id", *STEPS])


def manifest(k, share):
    lines = ['table = "people"', f"k = {k}"]
    if share > 0:
        lines.append(f"suppress_at_most = {share}")
    lines += ["[columns.id]", 'holds = ["account"]', 'identifies = "directly"', 'measures = ["drop"]']
    for name, holds in {"age": '["date-of-birth"]', "zip": '["address"]', "edu": "[]"}.items():
        measures = json.dumps([measure for measure, _ in STEPS[name]])
        lines += [f"[columns.{name}]", f"holds = {holds}", 'identifies = "together"', f"measures = {measures}"]
        if name == "edu":
            lines.append("hierarchy = { " + ", ".join(f'{low} = "{high}"' for low, high in ABOVE.items()) + " }")
    return "\n".join(lines) + "\n"


def loss(people, steps, k):
    """The share of pairs lost, and the rows held back, if all columns take these steps and classes under k are held back."""
    out = pandas.DataFrame({name: people[name].map(STEPS[name][step][1]) for name, step in steps.items()})
    held = out.groupby(list(steps))[list(steps)[0]].transform("size") < k
    rows, agree, before = len(people), 0, 0
    for name in steps:
        counts = out[name].map(out[name].value_counts())
        agree += int(counts[~held].sum()) + rows * int(held.sum())
        before += int((people[name].value_counts() ** 2).sum())
    return (agree - before) / (len(steps) * rows * rows - before), int(held.sum())


def all_ways(people, k, share):
    ways = itertools.product(*(range(len(steps)) for steps in STEPS.values()))
    found = [loss(people, dict(zip(STEPS, way)), k) for way in ways]
    return min(way for way in found if way[1] <= share * len(people))


def by_anjana(people, k, share):
    ladders = {name: {step: people[name].map(of).values for step, (_, of) in enumerate(steps)} for name, steps in STEPS.items()}
    started = time.process_time()
    left = k_anonymity(people.copy(), ["id"], list(STEPS), k, share * 100, {name: dict(steps) for name, steps in ladders.items()})
    spent = time.process_time() - started
    steps = {}
    for name, ladder in ladders.items():
        values = set(left[name].astype(str))
        steps[name] = next(step for step, known in ladder.items() if values <= set(map(str, known)))
    assert len(left) == len(people), "it held rows back, which is not measured here"
    return loss(people, steps, k)[0], spent


def by_comity(comity, folder, k, share):
    (folder / "manifest.toml").write_text(manifest(k, share))
    args = [comity, "cross", "flow.toml", "people.csv", "--manifest", "manifest.toml", "--dry-run", "--format", "json"]
    started = time.perf_counter()
    done = subprocess.run(args, cwd=folder, capture_output=True, text=True, check=False)
    spent = time.perf_counter() - started
    assert done.returncode in (0, 12), done.stderr
    found = json.loads(done.stdout)["plan"]["anonymity"]
    return found["lost_in_a_million"] / 1e6, found["held"], spent


def main():
    comity, folder = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    people = table()
    people.to_csv(folder / "people.csv", index=False)
    flow = (HERE / "../../docs/examples/crossing/to-austin.toml").read_text()
    (folder / "flow.toml").write_text(flow.replace("youngest_age = 17", 'youngest_age = 17\nlocated = ["IE"]'))
    print("| k | may be held back | least of all 60 ways | `comity cross` | held back | anjana |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    for k, share in [(5, 0), (5, 0.02), (10, 0.02), (20, 0.05)]:
        least, rows = all_ways(people, k, share)
        lost, held, spent = by_comity(comity, folder, k, share)
        other, other_spent = by_anjana(people, k, share)
        assert abs(lost - least) < 1e-5 and rows == held, (lost, least, rows, held)
        print(f"| {k} | {share:.0%} | {least:.3f} | {lost:.3f} | {held} | {other:.3f} |", flush=True)
        print(f"comity {spent:.2f} s of time, anjana {other_spent:.2f} s of processor", file=sys.stderr, flush=True)


main()
