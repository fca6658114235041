"""Renders cases.json with jinja2 and writes what came out to oracle.json.

Run once after cases.json has changed, with jinja2 3.1.6 in a virtual environment:
    python testdata/oracle.py
The environment is dbt's: sandboxed, with the extensions do and loopcontrols.
"""
import json
import pathlib

import jinja2
from jinja2.sandbox import SandboxedEnvironment

here = pathlib.Path(__file__).parent
assert jinja2.__version__ == "3.1.6", jinja2.__version__


class NS:
    def m(self, a, caller):
        return f"<{a}{caller()}>"


def context():
    return {
        "x": None,
        "f": lambda a, b: f"{a}+{b}",
        "g": lambda: [1, 2],
        "ns": NS(),
        "people": [
            {"name": "Bo", "age": 30, "tags": ["a"], "boss": {"name": "Cy"}},
            {"name": "al", "age": 25, "tags": [], "boss": {"name": "Di"}},
            {"name": "Cy", "age": 30, "tags": ["b", "c"], "boss": {}},
        ],
        "d": {"b": 2, "a": 1, "C": 3},
        "text": "The quick  brown\tfox\njumps over the lazy dog",
    }


def run(source):
    env = SandboxedEnvironment(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"])
    try:
        return {"ok": env.from_string(source).render(context())}
    except Exception as e:
        return {"error": type(e).__name__}


out = []
for area, sources in json.loads((here / "cases.json").read_text()).items():
    for s in sources:
        out.append({"area": area, "source": s, **run(s)})
snippets = json.loads((here / "snippets.json").read_text())
for name, source, want in snippets:
    got = run(source)
    assert got == {"ok": want}, (name, source, want, got)
text = ",\n".join(json.dumps(c, ensure_ascii=True) for c in out)
(here / "oracle.json").write_text("[\n" + text + "\n]\n")
print(len(out), "cases;", len(snippets), "snippets agree")
