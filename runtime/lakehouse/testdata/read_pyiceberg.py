"""Reads a lake with PyIceberg and prints as JSON: its namespaces, each table's
rows, and every filter that gives other rows than the whole table holds (files
that are left out wrongly, by bounds or partitions)."""
import json
import sys
from urllib.parse import quote

import pyarrow.compute as pc
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.expressions import EqualTo, GreaterThan, IsNull, LessThanOrEqual


def wrong_filters(table, rows):
    wrong = []
    for name in rows.column_names:
        column = rows.column(name)
        tests = [(IsNull(name), pc.sum(pc.is_null(column)).as_py() or 0)]
        for value in [v for v in pc.unique(column).to_pylist() if v is not None][:6]:
            tests.append((EqualTo(name, value), pc.sum(pc.equal(column, value)).as_py() or 0))
            if not isinstance(value, bool):
                tests.append((GreaterThan(name, value), pc.sum(pc.greater(column, value)).as_py() or 0))
                tests.append((LessThanOrEqual(name, value), pc.sum(pc.less_equal(column, value)).as_py() or 0))
        for expression, want in tests:
            got = table.scan(row_filter=expression).to_arrow().num_rows
            if got != want:
                wrong.append(f"{expression}: {got} rows, want {want}")
    return wrong


home = sys.argv[1]
uri = "sqlite:///" + quote(home) + "/catalog.db"  # SQLAlchemy unquotes it
catalog = SqlCatalog("floe", uri=uri, warehouse="file://" + home + "/warehouse")
out = {"namespaces": sorted(".".join(n) for n in catalog.list_namespaces()), "tables": {}}
for namespace in catalog.list_namespaces():
    for identifier in catalog.list_tables(namespace):
        table = catalog.load_table(identifier)
        rows = table.scan().to_arrow()
        out["tables"][".".join(identifier)] = {
            "rows": sorted(json.dumps(r, default=str, sort_keys=True) for r in rows.to_pylist()),
            "snapshots": len(table.metadata.snapshots),
            "wrong": wrong_filters(table, rows) if len(sys.argv) > 2 else [],
        }
print(json.dumps(out))
