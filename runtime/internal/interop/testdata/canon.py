"""The canonical text of a value and the order-free checksum of a column, as canon_test.go has them.

A value that is not null is given here as a Python int (booleans, longs, dates in days, timestamps in
microseconds since 1970, UTC), float, str, bytes or Decimal.
"""
import decimal
import hashlib
import struct

MASK = (1 << 64) - 1
decimal.getcontext().prec = 60  # decimals have up to 38 digits; the default context would round at 28


def canon(value, kind):
    if value is None:
        return "~"
    if kind == "boolean":
        return "true" if value else "false"
    if kind == "double" or kind == "float":
        return "nan" if value != value else struct.pack(">d", value).hex()
    if kind.startswith("decimal"):
        scale = int(kind[kind.index(",") + 1:-1])
        return str(int(value.scaleb(scale)))
    if kind == "string":
        return "s" + value
    if kind == "binary":
        return "b" + bytes(value).hex()
    return str(int(value))


def short_hash(text):
    return int.from_bytes(hashlib.md5(text.encode("utf-8", "surrogatepass")).digest()[:8], "big")


def digest(columns, kinds):
    """columns: one list of values each. Gives the row count, a checksum of whole rows and one per column."""
    texts = [[canon(v, k) for v in column] for column, k in zip(columns, kinds)]
    sums = [sum(map(short_hash, column)) & MASK for column in texts]
    rows = sum(short_hash("|".join(row)) for row in zip(*texts)) & MASK
    return "%016x" % rows, ["%016x" % s for s in sums]
