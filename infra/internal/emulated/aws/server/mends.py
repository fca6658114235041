"""The mends, one module a group of services. Each says what moto does and what AWS does."""

import mends_catalog
import mends_compute
import mends_cost
import mends_filters
import mends_lake
import mends_residue
import mends_safety
import mends_storage
import mends_tables
import mends_workflow


def apply(front, registry):
    mends_storage.apply(registry)
    mends_safety.apply()
    mends_tables.apply()
    mends_catalog.apply()
    mends_lake.apply()
    mends_filters.apply()
    mends_compute.apply(front)
    mends_cost.apply()
    mends_workflow.apply()


def middleware(app):
    return mends_residue.middleware(app)
