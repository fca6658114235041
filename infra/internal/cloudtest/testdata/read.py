"""Print the rows of a table in Glue, as PyIceberg reads them: a JSON object a line, sorted.

usage: read.py ENDPOINT REGION DATABASE.TABLE
"""
import json
import sys

from pyiceberg.catalog import load_catalog

endpoint, region, name = sys.argv[1:]
catalog = load_catalog("glue", **{
    "type": "glue",
    "glue.endpoint": endpoint, "glue.region": region,
    "glue.access-key-id": "test", "glue.secret-access-key": "test",
    "s3.endpoint": endpoint, "s3.region": region,
    "s3.access-key-id": "test", "s3.secret-access-key": "test",
    "s3.force-virtual-addressing": "false",
})
rows = catalog.load_table(name).scan().to_arrow().to_pylist()
for line in sorted(json.dumps(r, sort_keys=True, default=str) for r in rows):
    print(line)
