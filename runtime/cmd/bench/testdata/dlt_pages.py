"""What bench lets dlt do: import | load URL PAGES.json | count LAKE.

load is dlt's own REST source over the pages that floe reads too, appended to an Iceberg table by its filesystem
destination; nothing is tuned but what DATA_WRITER__DISABLE_COMPRESSION in the environment says.
"""
import glob
import json
import sys


def load(url, pages):
    import dlt
    from dlt.sources.rest_api import rest_api_source

    with open(pages) as f:
        paths = json.load(f)

    @dlt.resource(name="pages", selected=False)
    def list_pages():
        yield [{"path": p} for p in paths]

    source = rest_api_source({
        "client": {"base_url": url + "/", "paginator": "single_page"},
        "resources": [
            list_pages(),
            {
                "name": "games",
                "endpoint": {"path": "{resources.pages.path}", "data_selector": "games"},
                "write_disposition": "append",
                "table_format": "iceberg",
            },
        ],
    })
    pipeline = dlt.pipeline("chess", destination="filesystem", dataset_name="chess")
    info = pipeline.run(source, loader_file_format="parquet")
    info.raise_on_failed_jobs()


def count(lake):
    from pyiceberg.table import StaticTable

    newest = max(glob.glob(lake + "/chess/games/metadata/*.metadata.json"))
    print(StaticTable.from_metadata(newest).scan().count())


if __name__ == "__main__":
    if sys.argv[1] == "import":
        import dlt.destinations  # noqa: F401
        import dlt.sources.rest_api  # noqa: F401
        import pyiceberg.table  # noqa: F401
    else:
        {"load": load, "count": count}[sys.argv[1]](*sys.argv[2:])
