"""Reads a lake with PyIceberg: relations, and each table's rows in a fixed order, as JSON."""
import json
import sys
from urllib.parse import quote

from pyiceberg.catalog.sql import SqlCatalog

home = sys.argv[1]
uri = "sqlite:///" + quote(home) + "/catalog.db"  # SQLAlchemy unquotes it
catalog = SqlCatalog("floe", uri=uri, warehouse="file://" + home + "/warehouse")
out = {"namespaces": sorted(".".join(n) for n in catalog.list_namespaces()), "tables": {}}
for namespace in catalog.list_namespaces():
    for identifier in catalog.list_tables(namespace):
        table = catalog.load_table(identifier)
        rows = table.scan().to_arrow().to_pylist()
        out["tables"][".".join(identifier)] = {
            "rows": sorted(json.dumps(r, default=str, sort_keys=True) for r in rows),
            "snapshots": len(table.metadata.snapshots),
        }
print(json.dumps(out))
