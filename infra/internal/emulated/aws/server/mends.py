"""The mends, one module a group of services. Each says what moto does and what AWS does."""

import mends_catalog
import mends_compute
import mends_residue
import mends_storage
import mends_workflow


def apply(front, registry):
    mends_storage.apply(registry)
    mends_catalog.apply()
    mends_compute.apply(front)
    mends_workflow.apply()


def middleware(app):
    return mends_residue.middleware(app)
