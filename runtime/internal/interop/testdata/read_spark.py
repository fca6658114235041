"""usage: read_spark.py REQUEST REPORT: reads what compare_test.go asks for through Spark and Iceberg's own runtime."""
import json
import os
import sys
import time
import traceback

from canon import digest

os.environ["TZ"] = "UTC"
time.tzset()

from pyspark.sql import SparkSession  # noqa: E402

METADATA = ("snapshots", "files", "manifests", "partitions", "all_entries", "history", "refs", "position_deletes")
SPARK_TYPES = {"bigint": "long", "int": "int", "timestamp": "timestamptz", "timestamp_ntz": "timestamp"}


def start(jars):
    return (
        SparkSession.builder.master("local[2]").appName("floe interop")
        .config("spark.jars", ",".join(jars)).config("spark.driver.extraClassPath", ":".join(jars))
        .config("spark.driver.memory", "1500m").config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.session.timeZone", "UTC").config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.extensions", "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions")
        .getOrCreate()
    )


def session(spark, home):
    """A session of its own for each home: the catalog's rows bear its name, so that all are called floe."""
    own = spark.newSession()
    catalog = "spark.sql.catalog.floe"
    for key, value in {
        "": "org.apache.iceberg.spark.SparkCatalog",
        ".catalog-impl": "org.apache.iceberg.jdbc.JdbcCatalog",
        ".uri": "jdbc:sqlite:" + home["catalog"],
        ".warehouse": home["warehouse"],
        ".jdbc.schema-version": "V1",
    }.items():
        own.conf.set(catalog + key, value)
    return own


def quoted(name):
    return "`" + name.replace("`", "``") + "`"


def text(value):
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def literal(value, kind):
    if kind == "date":
        return "DATE'" + value + "'"
    if kind == "timestamp":
        return "TIMESTAMP_NTZ'" + value + "'"
    if kind == "timestamptz":
        return "TIMESTAMP'" + value + "Z'"
    if kind == "binary":
        return "X'" + value + "'"
    if kind == "boolean":
        return value
    if kind == "double":
        return "CAST('" + value + "' AS DOUBLE)"
    if kind == "long":
        return "CAST('" + value + "' AS BIGINT)"
    if kind == "int":
        return "CAST('" + value + "' AS INT)"
    if kind.startswith("decimal"):
        return "CAST('" + value + "' AS " + kind + ")"
    return text(value)


def selected(field, kind):
    """Times and dates leave Spark as numbers: Python's own cannot hold all that Spark's can."""
    name = quoted(field.name)
    if kind == "timestamptz":
        return "unix_micros(" + name + ")"
    if kind == "timestamp":
        return "unix_micros(CAST(" + name + " AS TIMESTAMP))"
    if kind == "date":
        return "unix_date(" + name + ")"
    return name


def read(spark, wanted, inspect):
    schema, name = wanted["table"].split(".", 1)
    table = "floe." + quoted(schema) + "." + quoted(name)
    frame = spark.table(table)
    fields = frame.schema.fields
    kinds = [SPARK_TYPES.get(f.dataType.simpleString(), f.dataType.simpleString()) for f in fields]
    rows = spark.sql("SELECT " + ", ".join(selected(f, k) for f, k in zip(fields, kinds)) + " FROM " + table).collect()
    rows_sum, sums = digest([[r[i] for r in rows] for i in range(len(fields))], kinds)
    report = {
        "rows": len(rows),
        "counted": spark.sql("SELECT count(*) FROM " + table).collect()[0][0],
        "columns": [{"name": f.name, "type": k, "sum": s} for f, k, s in zip(fields, kinds, sums)],
        "sum": rows_sum,
        "filters": {},
        "metadata": {},
    }
    for view in METADATA if inspect else ():
        # every column is computed, none comes to Python, whose times end with the year 1
        try:
            spark.sql("SELECT * FROM " + table + "." + view).write.format("noop").mode("overwrite").save()
        except Exception as e:
            report["metadata"][view] = "%s: %s" % (type(e).__name__, str(e).split("\n")[0][:200])
    for f in wanted["filters"]:
        column = quoted(f["column"])
        if "null" in f["op"]:
            where = column + " IS " + f["op"]
        else:
            where = column + " " + f["op"] + " " + literal(f["value"], f["type"])
        try:
            report["filters"][f["id"]] = spark.sql("SELECT * FROM " + table + " WHERE " + where).count()
        except Exception as e:
            report["filters"][f["id"]] = "%s: %s" % (type(e).__name__, str(e).split("\n")[0][:200])
    return report


def home(spark, asked):
    answer = {"tables": {}}
    for wanted in asked["tables"]:
        try:
            answer["tables"][wanted["table"]] = read(spark, wanted, asked["inspect"])
        except Exception as e:
            traceback.print_exc()
            answer["tables"][wanted["table"]] = {"error": "%s: %s" % (type(e).__name__, str(e)[:500])}
    return answer


def main(request, report):
    with open(request) as f:
        asked = json.load(f)
    spark = start(asked["jars"])
    spark.sparkContext.setLogLevel("ERROR")
    print("spark", spark.version, flush=True)
    answer = [home(session(spark, h), h) for h in asked["homes"]]
    with open(report, "w") as f:
        json.dump(answer, f)
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
