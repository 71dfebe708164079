#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same crossing by two threads of one process, and by two executors of a cluster on the same machine.

    cargo build --release -p comity --features border
    cargo build --release --manifest-path cluster/Cargo.toml
    python3 -m venv venv && venv/bin/pip install -r bench/crossing/requirements.txt
    venv/bin/python bench/crossing/cluster.py target/release/comity cluster/target/release/comity-cluster FOLDER [REPETITIONS]

Makes the tables of TPC-H in FOLDER, where they are not there yet. Both sides take turns, and what they publish is compared
byte by byte each time. Processor seconds of the cluster are those of the coordinator, the scheduler and both executors
together, from the start of the coordinator to its end. Prints a table in Markdown.
"""

import contextlib
import filecmp
import hashlib
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

from run import BIN, CUSTOMER, FLOW, HIDDEN_C, HIDDEN_L, LINEITEM, SECRET, manifest

TICK = os.sysconf("SC_CLK_TCK")


def used(child):
    """Processor seconds of a process that still runs."""
    fields = pathlib.Path(f"/proc/{child.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def timed(command):
    """Runs a command; gives seconds on the clock, processor seconds, and what it said."""
    before = time.monotonic()
    child = subprocess.Popen([str(part) for part in command], env={**os.environ, "COMITY_SECRET": SECRET}, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
    said = child.stdout.read().decode()
    _, status, usage = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 12):
        sys.exit(f"{command[:3]} failed: {said}")
    return time.monotonic() - before, usage.ru_utime + usage.ru_stime, said


@contextlib.contextmanager
def started(command):
    child = subprocess.Popen([str(part) for part in command], env={**os.environ, "COMITY_SECRET": SECRET}, stdout=subprocess.PIPE, text=True)
    try:
        yield child, child.stdout.readline().strip()
    finally:
        child.terminate()
        child.wait()


def same(one, other):
    for ending in ["", ".apart"]:
        left, right = pathlib.Path(f"{one}{ending}"), pathlib.Path(f"{other}{ending}")
        names = sorted(path.name for path in left.glob("*"))
        if names != sorted(path.name for path in right.glob("*")):
            sys.exit(f"{left} and {right} have other files")
        if filecmp.cmpfiles(left, right, names, shallow=False)[0] != names:
            sys.exit(f"{left} and {right} differ")


def main():
    comity, cluster, folder = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
    repetitions = int(sys.argv[4]) if len(sys.argv) > 4 else 5
    folder.mkdir(parents=True, exist_ok=True)
    for table, scale in [("lineitem", 1), ("customer", 20)]:
        if not (folder / table).exists():
            subprocess.run([BIN / "tpchgen-cli", "parquet", "-s", str(scale), f"--tables={table}", "--parts=8", "--output-dir", folder], check=True)
    flow = folder / "flow.toml"
    flow.write_text(FLOW)
    jobs = [
        ("6.0 M rows, 16 columns, 4 in dictionaries hidden", "lineitem", LINEITEM, HIDDEN_L, False),
        ("3.0 M rows, 8 columns, 2 of many values hidden", "customer", CUSTOMER, HIDDEN_C, False),
        ("the same, people of 25 places in every group, half of the rows kept apart", "customer", CUSTOMER, HIDDEN_C, True),
    ]
    print("| job | side | seconds | processor seconds | to two threads, on the clock | processor |\n| --- | --- | ---: | ---: | ---: | ---: |")
    with started([cluster, "scheduler", "--listen", "127.0.0.1:0"]) as (scheduler, line):
        address = line.rsplit(" ", 1)[1]
        executor = [cluster, "executor", "--scheduler", address, "--jurisdiction", "IE", "--workers", "1"]
        with started(executor) as (first, _), started(executor) as (second, _):
            for title, table, columns, hidden, deciding in jobs:
                tables = sorted((folder / table).glob("*.parquet"))
                described = folder / f"{table}.toml"
                described.write_text(manifest(table, columns, hidden, deciding))
                by_hand = [comity, "cross", flow, *tables, "--manifest", described]
                plan = folder / "plan.json"
                plan.unlink(missing_ok=True)
                timed([*by_hand, "--dry-run", "--save-plan", plan])
                approved = hashlib.sha256(plan.read_bytes()).hexdigest()
                found = {"one process, two threads": [], "a cluster of two executors": [], "making the plan alone": []}
                for _ in range(repetitions):
                    for path in ["one", "many"]:
                        for ending in ["", ".apart", ".crossing"]:
                            shutil.rmtree(folder / f"{path}{ending}", ignore_errors=True)
                    found["making the plan alone"].append(timed([*by_hand, "--dry-run"])[:2])
                    found["one process, two threads"].append(timed([*by_hand, "--workers", "2", "--to", folder / "one"])[:2])
                    before = sum(used(child) for child in [scheduler, first, second])
                    wall, processor, _ = timed([cluster, "cross", plan, *tables, "--to", folder / "many", "--scheduler", address,
                                                "--approved", approved])
                    processor += sum(used(child) for child in [scheduler, first, second]) - before
                    found["a cluster of two executors"].append((wall, processor))
                    same(folder / "one", folder / "many")
                middle = {side: [statistics.median(run[at] for run in runs) for at in range(2)] for side, runs in found.items()}
                base = middle["one process, two threads"]
                for side, (wall, processor) in middle.items():
                    print(f"| {title} | {side} | {wall:.2f} | {processor:.2f} | {wall / base[0]:.2f} | {processor / base[1]:.2f} |")
                    title = ""


if __name__ == "__main__":
    main()
