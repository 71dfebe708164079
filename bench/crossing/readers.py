#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What crossings publish, read by PyArrow, DuckDB, Polars and DataFusion with equal results.

    .ci/readers            or, with these installed: python bench/crossing/readers.py COMMAND

Crosses the customers and orders of TPC-H in every format, with columns that are kept, pseudonymised, generalised and
dropped, rows that leave and rows that do not; then files and columns that are encrypted, and aggregates.
"""

import collections
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import datafusion
import duckdb
import polars
import pyarrow
import pyarrow.csv
import pyarrow.ipc
import pyarrow.json
import pyarrow.parquet
import pyrage

HERE = pathlib.Path(__file__).resolve().parent
COMITY = str(pathlib.Path(sys.argv[1]).resolve())
PLACE = pathlib.Path(tempfile.mkdtemp())
ENVIRONMENT = {**os.environ, "COMITY_SECRET": "5c" * 32, "XDG_STATE_HOME": str(PLACE / "state"), "NO_COLOR": "1"}

FLOW = (HERE / "../../docs/examples/crossing/to-austin.toml").read_text().replace('"preference"', '"preference", "transaction"')
# Orders do not say where their customers live: all of them in one place.
LOCATED = FLOW.replace('targets = ["IE", "DE", "FR", "BR", "CN", "US"]', 'targets = ["IE"]').replace("citizens_of", 'located = ["IE"]\ncitizens_of')
# Some nations of TPC-H live under a law that lets their rows leave; those of others are held.
WORDS = '{ "6" = "FR", "7" = "DE", "19" = "RO", "24" = "US", "18" = "CN" }'

CUSTOMER = f"""
table = "customer"
person = "c_custkey"
[columns]
c_custkey = {{ holds = ["account"], identifies = "directly", measures = ["pseudonymise"] }}
c_name = {{ holds = ["name"], identifies = "directly", measures = ["drop"] }}
c_address = {{ holds = ["address"], identifies = "together", measures = ["truncate 3"] }}
c_nationkey = {{ holds = ["address"], identifies = "together", decides = "subjects.located", words = {WORDS} }}
c_phone = {{ holds = ["contact"], identifies = "directly", measures = ["tokenise"] }}
c_acctbal = {{ holds = ["transaction"], identifies = "no" }}
c_mktsegment = {{ holds = ["preference"], identifies = "no" }}
c_comment = {{ holds = ["preference"], identifies = "no", measures = ["null"] }}
"""

ORDERS = """
table = "orders"
[columns]
o_orderkey = { holds = ["account"], identifies = "directly", measures = ["pseudonymise hmac-sha256"] }
o_custkey = { holds = ["account"], identifies = "directly", measures = ["pseudonymise"], joins = "customer" }
o_orderstatus = { holds = ["transaction"], identifies = "no" }
o_totalprice = { holds = ["transaction"], identifies = "no" }
o_orderdate = { holds = ["transaction"], identifies = "no", measures = ["generalise month"] }
o_orderpriority = { holds = ["transaction"], identifies = "no" }
o_clerk = { holds = ["transaction"], identifies = "no", measures = ["pseudonymise"] }
o_shippriority = { holds = ["transaction"], identifies = "no" }
o_comment = { holds = [], identifies = "no", measures = ["drop"] }
"""


def comity(*arguments, fine=(0, 12)):
    made = subprocess.run([COMITY, *map(str, arguments)], env=ENVIRONMENT, capture_output=True, text=True)
    if made.returncode not in fine:
        sys.exit(f"comity {' '.join(map(str, arguments))}: {made.returncode}\n{made.stdout}{made.stderr}")
    return made.stdout


def cross(name, table, manifest, *more, flow=FLOW):
    files = {"toml": manifest, "flow.toml": flow}
    for ending, text in files.items():
        (PLACE / f"{name}.{ending}").write_text(text)
    to = PLACE / name
    comity("cross", PLACE / f"{name}.flow.toml", table, "--manifest", PLACE / f"{name}.toml", "--to", to, *more)
    record = json.loads((to / "crossing.json").read_text())
    return to, record, [to / output["name"] for output in record["outputs"]]


def rows(table):
    """The rows of a table in Arrow as a multiset of texts, so that readers with other types for the same can be compared."""
    def cell(value):
        if value is None or value == "":
            return None
        if isinstance(value, (int, float)) or type(value).__name__ == "Decimal":
            return f"{float(value):.2f}"
        return str(value)
    columns = [table.column(name).to_pylist() for name in table.column_names]
    return collections.Counter(tuple(map(cell, row)) for row in zip(*columns))


def arrow(path):
    if path.suffix == ".parquet":
        return pyarrow.parquet.ParquetFile(path).read()
    if path.suffix == ".csv":
        return pyarrow.csv.read_csv(path)
    if path.suffix == ".jsonl":
        return pyarrow.json.read_json(path)
    opened = pyarrow.ipc.open_file(path) if path.suffix == ".arrow" else pyarrow.ipc.open_stream(path)
    return opened.read_all()


def by_duckdb(path):
    read = {".parquet": "read_parquet", ".csv": "read_csv", ".jsonl": "read_json"}.get(path.suffix)
    return read and duckdb.sql(f"SELECT * FROM {read}('{path}')").to_arrow_table()


def by_polars(path):
    read = {".parquet": polars.read_parquet, ".csv": polars.read_csv, ".jsonl": polars.read_ndjson, ".arrow": polars.read_ipc,
            ".arrows": polars.read_ipc_stream}[path.suffix]
    return read(path).to_arrow()


def by_datafusion(path):
    read = {".parquet": "read_parquet", ".csv": "read_csv"}.get(path.suffix)
    return read and getattr(datafusion.SessionContext(), read)(str(path)).to_arrow_table()


READERS = {"PyArrow": arrow, "DuckDB": by_duckdb, "Polars": by_polars, "DataFusion": by_datafusion}


def expect(condition, said):
    if not condition:
        sys.exit(f"readers: {said}")


def formats(table, name, manifest, flow=FLOW):
    expected = None
    for ending in ["parquet", "csv", "jsonl", "arrow", "arrows"]:
        _, record, paths = cross(f"{name}-{ending}", table, manifest, "--as", ending, flow=flow)
        expect(record["rows"]["passed"] > 0, f"nothing of {name} left")
        readers = []
        for reader, read in READERS.items():
            found = [read(path) for path in paths]
            if any(part is None for part in found):
                continue
            counted = sum((rows(part) for part in found), collections.Counter())
            expect(counted.total() == record["rows"]["passed"], f"{reader} reads {counted.total()} of {record['rows']['passed']} rows of {name}.{ending}")
            expected = expected or counted
            expect(counted == expected, f"{reader} reads other rows of {name}.{ending}: {list((counted - expected).items())[:2]}")
            readers.append(reader)
        print(f"{name}.{ending:8} {record['rows']['passed']:>6} of {record['rows']['read']} rows, read alike by {', '.join(readers)}")
    return expected


def refused(read, what):
    try:
        found = read()
    except Exception:
        return
    sys.exit(f"readers: {what} gave {found}")


def encrypted(table, expected):
    one, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    sealed = CUSTOMER.replace('"customer"', f'"customer"\nencrypt_to = ["{one.to_public()}"]', 1)
    _, record, paths = cross("sealed", table, sealed, "--as", "parquet")
    counted = collections.Counter()
    for path, output in zip(paths, record["outputs"]):
        refused(lambda: pyrage.decrypt(path.read_bytes(), [other]), "a stranger's key")
        clear = PLACE / output["clear"]["name"]
        clear.write_bytes(pyrage.decrypt(path.read_bytes(), [one]))
        counted += rows(arrow(clear))
    expect(counted == expected, "what pyrage decrypts is something else")
    print(f"files encrypted with age: {counted.total()} rows, opened by pyrage, and not with another key")

    columns = CUSTOMER.replace('"transaction"], identifies', f'"transaction"], encrypt_to = ["{one.to_public()}"], identifies', 1)
    _, record, paths = cross("columns", table, columns, "--as", "parquet")
    spec = importlib.util.spec_from_file_location("encrypted_columns", HERE / "../../docs/how-to/encrypted-columns.py")
    reader = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reader)
    counted = sum((rows(reader.read(path, str(one))) for path in paths), collections.Counter())
    expect(counted == expected, "PyArrow reads other rows where a column is encrypted")
    without = {
        "PyArrow": lambda path: pyarrow.parquet.ParquetFile(path).read(columns=["c_acctbal"]).num_rows,
        "DuckDB": lambda path: duckdb.sql(f"SELECT count(c_acctbal) FROM read_parquet('{path}')").fetchall()[0][0],
    }
    # What is refused of encrypted columns is given of clear ones, so that it is refused for that.
    for name, read in without.items():
        expect(read(PLACE / "customer-parquet" / "part-000000.parquet") > 0, f"{name} reads no clear column")
    for path in paths:
        refused(lambda: reader.read(path, str(other)), "a stranger's key to a column")
        for name, read in without.items():
            refused(lambda: read(path), f"a column without a key, to {name},")
        segments = pyarrow.parquet.ParquetFile(path).read(columns=["c_mktsegment"])
        expect(segments.num_rows > 0, "a column that is not encrypted cannot be read")
    print(f"a column encrypted with Parquet's own encryption: {counted.total()} rows, opened by PyArrow with pyrage, and not without the key")


def released(table):
    manifest = f"""
table = "customer"
person = "c_custkey"
release = {{ by = ["c_nationkey"], epsilon = 2, delta = 0.00001, sum = {{ c_acctbal = {{ from = -1000, to = 10000 }} }} }}
[columns]
c_custkey = {{ holds = ["account"], identifies = "directly" }}
c_name = {{ holds = ["name"], identifies = "directly" }}
c_address = {{ holds = ["address"], identifies = "together" }}
c_nationkey = {{ holds = ["address"], identifies = "together", decides = "subjects.located", words = {WORDS} }}
c_phone = {{ holds = ["contact"], identifies = "directly" }}
c_acctbal = {{ holds = ["transaction"], identifies = "no" }}
c_mktsegment = {{ holds = ["preference"], identifies = "no" }}
c_comment = {{ holds = ["preference"], identifies = "no" }}
"""
    comity("budget", "set", "customer", "--epsilon", "2", "--delta", "0.00001")
    _, record, paths = cross("released", table, manifest, "--as", "parquet")
    noise = {statistic["name"]: statistic["within_95_percent"] for statistic in record["release"]["statistics"]}
    truth = dict((nation, (persons, spent)) for nation, persons, spent in duckdb.sql(
        f"SELECT c_nationkey::VARCHAR, count(*), sum(least(greatest(c_acctbal, -1000), 10000))::DOUBLE FROM '{table}' GROUP BY 1").fetchall())
    found = duckdb.sql(f"SELECT * FROM '{paths[0]}'").fetchall()
    expect(len(found) >= 3, f"only {len(found)} groups left")
    for nation, persons, spent in found:
        # Seven times what holds 95 times in a hundred, and half a unit for each number that was rounded.
        expect(abs(persons - truth[nation][0]) <= 7 * noise["persons"], f"{persons} persons for {truth[nation]}")
        expect(abs(spent - truth[nation][1]) <= 7 * noise["sum_c_acctbal"] + truth[nation][0], f"{spent} for {truth[nation]}")
    print(f"aggregates: {len(found)} groups, each near what DuckDB counts")


def main():
    subprocess.run([pathlib.Path(sys.executable).parent / "tpchgen-cli", "parquet", "-s", "0.02", "--tables=customer,orders",
                    f"--output-dir={PLACE}"], check=True, capture_output=True)
    customers = formats(PLACE / "customer.parquet", "customer", CUSTOMER)
    formats(PLACE / "orders.parquet", "orders", ORDERS, flow=LOCATED)
    encrypted(PLACE / "customer.parquet", customers)
    released(PLACE / "customer.parquet")


main()
