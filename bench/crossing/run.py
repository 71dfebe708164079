#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Crossings beside plain copies and hand-written masks of the same tables, in one run, in processor seconds.

    cargo build --release -p comity --features border
    python3 -m venv venv && venv/bin/pip install -r bench/crossing/requirements.txt
    venv/bin/python bench/crossing/run.py target/release/comity FOLDER [REPETITIONS]

Makes the tables of TPC-H in FOLDER, where they are not there yet. Every run is a process of its own; runs of all sides
take turns. What comes out is read back by four readers and compared. Prints a table in Markdown.
"""

import json
import multiprocessing
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
BIN = pathlib.Path(sys.executable).parent
SECRET = "5c" * 32

FLOW = (HERE / "../../docs/examples/crossing/to-austin.toml").read_text()
FLOW = FLOW.replace('"preference"', '"preference", "transaction"')
# All people of these tables live in one place; what differs from row to row has a test of its own.
FLOW = FLOW.replace('targets = ["IE", "DE", "FR", "BR", "CN", "US"]', 'targets = ["IE"]').replace("citizens_of", 'located = ["IE"]\ncitizens_of')

LINEITEM = ("l_orderkey l_partkey l_suppkey l_linenumber l_quantity l_extendedprice l_discount l_tax l_returnflag l_linestatus "
            "l_shipdate l_commitdate l_receiptdate l_shipinstruct l_shipmode l_comment").split()
CUSTOMER = "c_custkey c_name c_address c_nationkey c_phone c_acctbal c_mktsegment c_comment".split()
PHONES = ["id", "phone"]
HIDDEN_L = ["l_returnflag", "l_linestatus", "l_shipinstruct", "l_shipmode"]
HIDDEN_C = ["c_name", "c_phone"]
# The nations of TPC-H by number; every other one is a place whose people consented to nothing here.
NATIONS = ["DZ", "AR", "BR", "CA", "EG", "ET", "FR", "DE", "IN", "ID", "IR", "IQ", "JP", "JO", "KE", "MA", "MZ", "PE", "CN", "RO",
           "SA", "VN", "RU", "GB", "US"]


def manifest(table, columns, hidden, deciding=False):
    lines = [f'table = "{table}"']
    for column in columns:
        # With the function that the peer has, where one does the same.
        function = "pseudonymise hmac-sha256" if table == "phones" else "pseudonymise"
        measure = function if column in hidden else "keep"
        lines.append(f'[columns.{column}]\nholds = ["transaction"]\nidentifies = "no"\nmeasures = ["{measure}"]')
        if deciding and column == "c_nationkey":
            words = ", ".join(f'"{number}" = "{place}"' for number, place in enumerate(NATIONS))
            lines.append(f'decides = "subjects.located"\nwords = {{ {words} }}')
    return "\n".join(lines) + "\n"


def run(command, environment=None):
    """Runs a command; gives processor seconds and the most memory in MB."""
    child = subprocess.Popen(command, env={**os.environ, **(environment or {})}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said = child.stdout.read() + child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 12):
        sys.exit(f"{command[:3]} failed: {said.decode()}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def python(text):
    return [sys.executable, "-c", text]


def duckdb(query, source, to):
    return python(f"import duckdb; duckdb.sql(\"COPY (SELECT {query} FROM '{source}') TO '{to}' (FORMAT parquet, COMPRESSION snappy)\")")


def datafusion(query, source, to):
    return python("import datafusion; context = datafusion.SessionContext(); "
                  f"context.register_parquet('t', '{source}'); "
                  f"context.sql(\"COPY (SELECT {query} FROM t) TO '{to}' STORED AS PARQUET OPTIONS ('format.compression' 'snappy')\").collect()")


def phones(path):
    """Telephone numbers that MaskOps knows as such; it leaves those of TPC-H as they are."""
    import duckdb as duck
    number = "'+353 86 ' || lpad((range % 1000)::VARCHAR, 3, '0') || ' ' || lpad((range // 1000)::VARCHAR, 4, '0')"
    duck.sql(f"COPY (SELECT range AS id, {number} AS phone FROM range(1500000)) TO '{path}' (FORMAT parquet, COMPRESSION snappy)")


def maskops(source, to):
    return python(f"import maskops, polars; "
                  f"polars.scan_parquet('{source}').with_columns(maskops.mask_pii('phone', patterns=['phone'], mode='consistent', salt='{SECRET}'))"
                  f".sink_parquet('{to}', compression='snappy')")


def masked(columns, hidden):
    return ", ".join(f"sha256({column}) AS {column}" if column in hidden else column for column in columns)


def same(folder, source, columns, hidden):
    """The kept columns are those of the source, in the same order; hidden ones have as many values. Read by four readers."""
    import duckdb as duck
    import pyarrow.parquet as arrow
    import polars
    import datafusion as fusion
    part = next(folder.glob("part-*.parquet"))
    kept = [column for column in columns if column not in hidden]
    want = arrow.read_table(source, columns=kept)
    rows = [str(path) for path in sorted(folder.glob("part-*.parquet"))]
    have = arrow.read_table(rows, columns=kept)
    if not have.equals(want.cast(have.schema)):
        sys.exit(f"{part}: the kept columns differ")
    for column in hidden:
        count = f"count(*), count(DISTINCT {column})"
        before = duck.sql(f"SELECT {count} FROM '{source}'").fetchall()[0]
        listed = ", ".join(f"'{row}'" for row in rows)
        counts = {
            "duckdb": duck.sql(f"SELECT {count} FROM read_parquet([{listed}])").fetchall()[0],
            "polars": polars.scan_parquet(rows).select(polars.len(), polars.col(column).n_unique()).collect().row(0),
        }
        context = fusion.SessionContext()
        context.register_parquet("t", str(folder))
        answer = context.sql(f"SELECT {count} FROM t").to_pydict()
        counts["datafusion"] = tuple(value[0] for value in answer.values())
        table = arrow.read_table(rows, columns=[column])
        counts["pyarrow"] = (table.num_rows, len(table.column(0).unique()))
        for reader, found in counts.items():
            if tuple(found) != tuple(before):
                sys.exit(f"{column}: {reader} reads {found}, and the source has {before}")


def same_places(folder, source, columns, hidden):
    """Every row of a place that may leave has left, and no row of any other; kept columns are those of the source."""
    import duckdb as duck
    kept = ", ".join(column for column in columns if column not in hidden)
    out, apart = f"read_parquet('{folder}/part-*.parquet')", f"read_parquet('{folder}.apart/part-*.parquet')"
    both = duck.sql(f"SELECT count(*) FROM (SELECT DISTINCT c_nationkey FROM {out} INTERSECT SELECT DISTINCT c_nationkey FROM {apart})")
    if both.fetchall() != [(0,)]:
        sys.exit(f"{folder}: rows of one place have left and are kept apart")
    crossed, before = f"(SELECT {kept} FROM {out} UNION ALL SELECT {kept} FROM {apart})", f"(SELECT {kept} FROM '{source}')"
    for left, right in [(crossed, before), (before, crossed)]:
        if duck.sql(f"SELECT count(*) FROM ({left} EXCEPT ALL {right})").fetchall() != [(0,)]:
            sys.exit(f"{folder}: what has left and what is kept apart are not the rows of the source")


def formats(comity, folder):
    """JSON Lines and Arrow IPC hold the same rows as Parquet, read by three readers."""
    import duckdb as duck
    import pyarrow
    import pyarrow.parquet as arrow
    import polars
    few = folder / "few.parquet"
    arrow.write_table(arrow.read_table(folder / "customer.parquet").slice(0, 10_000), few)
    want = None
    for ending in ["parquet", "jsonl", "arrow", "arrows"]:
        out = folder / "out"
        for path in [out, folder / "out.apart", folder / "out.crossing"]:
            shutil.rmtree(path, ignore_errors=True)
        command = [comity, "cross", folder / "flow.toml", few, "--manifest", folder / "customer.toml", "--to", out, "--as", ending]
        run([str(part) for part in command], {"COMITY_SECRET": SECRET})
        part = str(out / f"part-000000.{ending}")
        if ending == "parquet":
            frames = {"pyarrow": polars.from_arrow(arrow.read_table(part))}
        elif ending == "jsonl":
            frames = {"duckdb": duck.sql(f"SELECT * FROM read_json('{part}')").pl(), "polars": polars.read_ndjson(part)}
        elif ending == "arrow":
            frames = {"pyarrow": polars.from_arrow(pyarrow.ipc.open_file(part).read_all()), "polars": polars.read_ipc(part)}
        else:
            frames = {"pyarrow": polars.from_arrow(pyarrow.ipc.open_stream(part).read_all()), "polars": polars.read_ipc_stream(part)}
        for reader, frame in frames.items():
            # Of JSON no reader knows what kind of number it was.
            frame = frame.with_columns(polars.col("c_acctbal").cast(polars.Float64), polars.col("c_custkey").cast(polars.Int64),
                                       polars.col("c_nationkey").cast(polars.Int64))
            want = frame if want is None else want
            if not frame.equals(want):
                sys.exit(f"{ending}: {reader} reads other rows than those of Parquet")


def main():
    comity, folder = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    repetitions = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    folder.mkdir(parents=True, exist_ok=True)
    for table, scale in [("lineitem", 1), ("customer", 10)]:
        if not (folder / f"{table}.parquet").exists():
            subprocess.run([BIN / "tpchgen-cli", "parquet", "-s", str(scale), f"--tables={table}", "--output-dir", str(folder)], check=True)
    if not (folder / "phones.parquet").exists():
        phones(folder / "phones.parquet")
    (folder / "flow.toml").write_text(FLOW)
    jobs = [
        ("6.0 M rows, 16 columns, 4 in dictionaries hidden, all groups agree", "lineitem", LINEITEM, HIDDEN_L, False),
        ("1.5 M rows, 8 columns, 2 of many values hidden, all groups agree", "customer", CUSTOMER, HIDDEN_C, False),
        ("the same, people of 25 places in every group, half of the rows kept apart", "customer", CUSTOMER, HIDDEN_C, True),
        ("1.5 M rows, a number and a telephone number, which is hidden with HMAC-SHA256", "phones", PHONES, ["phone"], False),
    ]
    print("| job | side | processor seconds | to a plain copy by the faster peer | most memory, MB |\n| --- | --- | ---: | ---: | ---: |")
    for title, table, columns, hidden, deciding in jobs:
        source = folder / f"{table}.parquet"
        manifest_file = folder / f"{table}.toml"
        manifest_file.write_text(manifest(table, columns, hidden, deciding))
        out = folder / "out"

        def cross():
            for path in [out, folder / "out.apart", folder / "out.crossing"]:
                shutil.rmtree(path, ignore_errors=True)
            command = [comity, "cross", folder / "flow.toml", source, "--manifest", manifest_file, "--to", out]
            return run([str(part) for part in command], {"COMITY_SECRET": SECRET})

        sides = {
            "DuckDB, plain copy": lambda: run(duckdb("*", source, folder / "duck.parquet")),
            "DataFusion, plain copy": lambda: run(datafusion("*", source, folder / "fusion.parquet")),
            "DuckDB, masks in SQL (SHA-256 without a key)": lambda: run(duckdb(masked(columns, hidden), source, folder / "masked.parquet")),
            "comity cross: judged, hidden with a key, measured, recorded": cross,
        }
        if table == "phones":
            sides["MaskOps, telephone numbers found and hidden with HMAC-SHA256"] = lambda: run(maskops(source, folder / "ops.parquet"))
        found = {side: [] for side in sides}
        for _ in range(repetitions):
            for side, work in sides.items():
                found[side].append(work())
        shown = json.loads((out / "crossing.json").read_text())["rows"]
        if (shown["passed"] != shown["read"]) != deciding:
            sys.exit(f"{table}: the sides did not do the work that was meant: {shown}")
        # In a process of its own, whose memory is not counted for those that come after.
        with multiprocessing.get_context("spawn").Pool(1) as apart:
            apart.apply(same_places if deciding else same, (out, source, columns, hidden))
        middle = {side: statistics.median(seconds for seconds, _ in runs) for side, runs in found.items()}
        plain = min(middle["DuckDB, plain copy"], middle["DataFusion, plain copy"])
        for side, runs in found.items():
            memory = max(memory for _, memory in runs)
            print(f"| {title} | {side} | {middle[side]:.2f} | {middle[side] / plain:.2f} | {memory:.0f} |")
            title = ""
    with multiprocessing.get_context("spawn").Pool(1) as apart:
        apart.apply(formats, (comity, folder))


if __name__ == "__main__":
    main()
