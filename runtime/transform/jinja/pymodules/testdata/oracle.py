"""Renders cases.json with jinja2 and Python's own modules, and writes oracle.json.

Run once after cases.json has changed, with jinja2 3.1.6 and pytz:
    TZ=UTC python testdata/oracle.py
The clock stands at 2026-01-15 10:11:12.123456 UTC.
"""
import datetime
import itertools
import json
import pathlib
import re
from types import SimpleNamespace

import jinja2
import pytz

here = pathlib.Path(__file__).parent


class Datetime(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        t = datetime.datetime(2026, 1, 15, 10, 11, 12, 123456, tzinfo=datetime.timezone.utc)
        return t.astimezone(tz) if tz else t.replace(tzinfo=None)

    utcnow = today = now


class Date(datetime.date):
    @classmethod
    def today(cls):
        return datetime.date(2026, 1, 15)


def pick(module, names):
    return SimpleNamespace(**{n: getattr(module, n) for n in names.split()})


dt = pick(datetime, "time timedelta timezone MINYEAR MAXYEAR")
# the classes themselves, with a clock that stands still
dt.datetime = SimpleNamespace(
    now=Datetime.now, utcnow=Datetime.now, today=Datetime.now, strptime=datetime.datetime.strptime,
    fromisoformat=datetime.datetime.fromisoformat, combine=datetime.datetime.combine,
    fromtimestamp=datetime.datetime.fromtimestamp, utcfromtimestamp=datetime.datetime.utcfromtimestamp,
    min=datetime.datetime.min, max=datetime.datetime.max)
dt.date = SimpleNamespace(today=Date.today, fromisoformat=datetime.date.fromisoformat, min=datetime.date.min, max=datetime.date.max)


def run(source):
    env = jinja2.Environment(extensions=["jinja2.ext.do"])
    try:
        return {"ok": env.from_string(source).render(
            datetime=dt, new=datetime.datetime, day=datetime.date, pytz=pytz, re=re, itertools=itertools)}
    except Exception as e:
        return {"error": type(e).__name__}


cases = json.loads((here / "cases.json").read_text())
out = [{"source": s, **run(s)} for s in cases]
(here / "oracle.json").write_text("[\n" + ",\n".join(json.dumps(c) for c in out) + "\n]\n")
print(len(out), "cases")
