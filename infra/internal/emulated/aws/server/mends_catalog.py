"""Glue."""

import threading

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult


def apply():
    versions()
    statistics()
    tags()


def versions():
    """moto ignores VersionId of UpdateTable, so that concurrent commits lose data; AWS refuses a stale one."""
    from moto.glue.responses import GlueResponse

    lock, old = threading.Lock(), GlueResponse.update_table

    def update_table(self):
        want, table = self.parameters.get("VersionId"), self.parameters["TableInput"]
        with lock:
            have = str(self.glue_backend.get_table(self.parameters["DatabaseName"], table["Name"])._current_version)
            if want is not None and want != have:
                raise JsonRESTError("ConcurrentModificationException",
                                    f"Update table failed due to concurrent modifications. (VersionId {want}, now {have})")
            return old(self)

    GlueResponse.update_table = update_table


def statistics():
    """moto lacks column statistics; engines write them with a table. Accepted and forgotten."""
    from moto.glue.responses import GlueResponse

    for kind in ("table", "partition"):
        setattr(GlueResponse, f"update_column_statistics_for_{kind}", lambda self: ActionResult({"Errors": []}))
        setattr(GlueResponse, f"delete_column_statistics_for_{kind}", lambda self: ActionResult({}))
        setattr(GlueResponse, f"get_column_statistics_for_{kind}", lambda self: ActionResult({"ColumnStatisticsList": [], "Errors": []}))


def tags():
    """moto keeps a deleted database's tags, and tells of them as of a resource; AWS forgets them."""
    from moto.glue.models import GlueBackend

    old = GlueBackend.delete_database

    def delete_database(self, database_name):
        old(self, database_name)
        for arn in [a for a in self.tagger.tags if a.endswith(f":database/{database_name}")]:
            self.tagger.delete_all_tags_for_resource(arn)

    GlueBackend.delete_database = delete_database
