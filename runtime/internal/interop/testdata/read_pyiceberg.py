"""usage: read_pyiceberg.py REQUEST REPORT: reads what compare_test.go asks for through PyIceberg."""
import json
import sys
import traceback
import warnings
from urllib.parse import quote

import pyarrow as pa
import pyiceberg
from pyiceberg import expressions as ex
from pyiceberg.catalog.sql import SqlCatalog

from canon import digest

METADATA = ("snapshots", "files", "manifests", "partitions", "history", "refs", "entries")
OPERATORS = {"=": ex.EqualTo, "<": ex.LessThan, ">=": ex.GreaterThanOrEqual, "null": ex.IsNull, "not null": ex.NotNull}


def literal(value, kind):
    """The text of a value as a literal; dates, times and decimals are read from strings by the library."""
    if kind in ("long", "int"):
        return int(value)
    if kind in ("double", "float"):
        return float(value)
    if kind == "boolean":
        return value == "true"
    if kind == "binary":
        return bytes.fromhex(value)
    if kind == "timestamptz":
        return value + "+00:00"
    return value


def values(column, kind):
    if pa.types.is_timestamp(column.type):
        if column.type.unit != "us":
            column = column.cast(pa.timestamp("us", column.type.tz))
        column = column.cast(pa.int64())
    elif pa.types.is_date32(column.type):
        column = column.cast(pa.int32())
    return column.to_pylist()


def read(catalog, wanted, inspect):
    table = catalog.load_table(wanted["table"])
    fields = table.schema().fields
    kinds = [str(f.field_type).replace(" ", "") for f in fields]
    arrow = table.scan().to_arrow()
    rows_sum, sums = digest([values(c, k) for c, k in zip(arrow.columns, kinds)], kinds)
    report = {
        "rows": arrow.num_rows,
        "counted": table.scan().count(),
        "columns": [{"name": f.name, "type": k, "id": f.field_id, "required": f.required, "doc": f.doc or "", "sum": s}
                    for f, k, s in zip(fields, kinds, sums)],
        "sum": rows_sum,
        "format": table.format_version,
        "equality_deletes": 0,
        "position_deletes": 0,
        "filters": {},
        "metadata": {},
    }
    if table.current_snapshot() and arrow.num_rows:  # of no files at all, the library makes no list
        for kind in table.inspect.delete_files().column("content").to_pylist():
            report["position_deletes" if kind == 1 else "equality_deletes"] += 1
    for view in METADATA if inspect else ():
        try:
            getattr(table.inspect, view)()
        except Exception as e:
            report["metadata"][view] = "%s: %s" % (type(e).__name__, str(e)[:200])
    for f in wanted["filters"]:
        column = f["column"]
        test = OPERATORS[f["op"]]
        row_filter = test(column) if "null" in f["op"] else test(column, literal(f["value"], f["type"]))
        try:
            report["filters"][f["id"]] = table.scan(row_filter=row_filter).to_arrow().num_rows
        except Exception as e:  # a filter that the reader cannot run is told, the others are run
            report["filters"][f["id"]] = "%s: %s" % (type(e).__name__, str(e)[:200])
    return report


def home(asked):
    # SQLAlchemy reads the address as a URL, so that a folder's odd characters are escaped
    catalog = SqlCatalog("floe", uri="sqlite:///" + quote(asked["catalog"]), warehouse=asked["warehouse"])
    answer = {"listed": sorted(".".join(t) for n in catalog.list_namespaces() for t in catalog.list_tables(n)), "tables": {}}
    for wanted in asked["tables"]:
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                answer["tables"][wanted["table"]] = read(catalog, wanted, asked["inspect"])
            answer["tables"][wanted["table"]]["warnings"] = sorted({str(w.message)[:200] for w in caught})
        except Exception as e:
            traceback.print_exc()
            answer["tables"][wanted["table"]] = {"error": "%s: %s" % (type(e).__name__, str(e)[:500])}
    return answer


def main(request, report):
    print("pyiceberg", pyiceberg.__version__, "pyarrow", pa.__version__, flush=True)
    with open(request) as f:
        asked = json.load(f)
    answer = [home(h) for h in asked["homes"]]
    with open(report, "w") as f:
        json.dump(answer, f)


if __name__ == "__main__":
    main(*sys.argv[1:])
