"""Lake Formation's filters and locations, and what of Glue's databases and tables is open to whom when they are made."""

import json
import uuid

from moto.core.exceptions import JsonRESTError

from mends_lake import grant, lake, locked, missing, page, table_of, text


def apply():
    filters()
    hybrid_access()
    made_open()


def filters():
    from moto.lakeformation import urls
    from moto.lakeformation.responses import LakeFormationResponse as R

    def key(f):
        return f["DatabaseName"], f["TableName"], f["Name"]

    def write(there):
        def act(self):
            here, f = lake(self.lakeformation_backend), self._get_param("TableData")
            table_of(self.lakeformation_backend, f["DatabaseName"], f["TableName"])
            if (key(f) in here.filters) != there:
                raise missing("the filter " + f["Name"]) if there else JsonRESTError("AlreadyExistsException", f"filter {f['Name']} is there")
            here.filters[key(f)] = {**f, "VersionId": str(uuid.uuid4())}
            return "{}"

        return act

    def asked(self):
        at = tuple(self._get_param(k) for k in ("DatabaseName", "TableName", "Name"))
        if at not in lake(self.lakeformation_backend).filters:
            raise missing(f"the filter {at[2]}")
        return at

    def get_data_cells_filter(self):
        return json.dumps({"DataCellsFilter": lake(self.lakeformation_backend).filters[asked(self)]})

    def delete_data_cells_filter(self):
        here, at = lake(self.lakeformation_backend), asked(self)
        del here.filters[at]
        of = text("DataCellsFilter", dict(zip(("DatabaseName", "TableName", "Name"), at)))
        here.grants = {k: v for k, v in here.grants.items() if k[1] != of}
        return "{}"

    def list_data_cells_filter(self):
        here, table = lake(self.lakeformation_backend), self._get_param("Table")
        return page(self, "DataCellsFilters", [f for k, f in sorted(here.filters.items()) if not table or k[:2] == (table["DatabaseName"], table["Name"])])

    R.create_data_cells_filter, R.update_data_cells_filter = locked(write(False)), locked(write(True))
    for act in (get_data_cells_filter, delete_data_cells_filter, list_data_cells_filter):
        setattr(R, act.__name__, locked(act))
    for name in ("Create", "Update", "Get", "Delete"):
        urls.url_paths["{0}/" + name + "DataCellsFilter$"] = urls.response.dispatch


def hybrid_access():
    """moto forgets whether a registered location is in hybrid access mode."""
    from moto.lakeformation.responses import LakeFormationResponse as R

    register, describe = R.register_resource, R.describe_resource
    FLAGS = ("HybridAccessEnabled", "WithFederation")

    def register_resource(self):
        out = register(self)
        self.lakeformation_backend.resources[self._get_param("ResourceArn")].flags = {f: bool(self._get_param(f)) for f in FLAGS}
        return out

    def describe_resource(self):
        out = json.loads(describe(self))
        out["ResourceInfo"].update(self.lakeformation_backend.resources[self._get_param("ResourceArn")].flags)
        return json.dumps(out)

    R.register_resource, R.describe_resource = register_resource, describe_resource


def made_open():
    """What is made is open as the account's settings and the database say; what is removed takes its grants, tags and
    filters with it. An update that says nothing of new tables opens them again: the worst of what AWS may do."""
    from moto.glue.models import GlueBackend as G

    make, change, remove = G.create_database, G.update_database, G.delete_database
    make_table, remove_table = G.create_table, G.delete_table

    def of(self):
        from moto.lakeformation.models import lakeformation_backends

        backend = lakeformation_backends[self.account_id][self.region_name]
        return backend, backend.settings[self.account_id]

    def defaults(self, body):
        return {**body, "CreateTableDefaultPermissions": body.get("CreateTableDefaultPermissions", of(self)[1].get("CreateTableDefaultPermissions") or [])}

    def give(self, resource, permissions):
        for p in permissions or []:
            who = (p.get("Principal") or {}).get("DataLakePrincipalIdentifier")
            if who:
                grant(of(self)[0], who, resource, p.get("Permissions"), [])

    def forget(self, database, table=None):
        here = lake(of(self)[0])
        here.assigned = {k: v for k, v in here.assigned.items() if k[0] != database or table and k[1] != table}
        here.filters = {k: v for k, v in here.filters.items() if k[0] != database or table and k[1] != table}
        for who, key in list(here.grants):
            (kind, body), = json.loads(key).items()
            name = body.get("Name") if kind == "Database" and not table else body.get("DatabaseName")
            if name == database and (not table or table in (body.get("Name"), body.get("TableName"))):
                del here.grants[who, key]

    def create_database(self, database_name, database_input, *args, **kw):
        out = make(self, database_name, defaults(self, database_input), *args, **kw)
        give(self, {"Database": {"Name": database_name}}, of(self)[1].get("CreateDatabaseDefaultPermissions"))
        return out

    def update_database(self, database_name, database_input):
        change(self, database_name, defaults(self, database_input))

    def delete_database(self, database_name):
        remove(self, database_name)
        forget(self, database_name)

    def create_table(self, database_name, table_name, *args, **kw):
        out = make_table(self, database_name, table_name, *args, **kw)
        give(self, {"Table": {"DatabaseName": database_name, "Name": table_name}}, self.databases[database_name].input.get("CreateTableDefaultPermissions"))
        return out

    def delete_table(self, database_name, table_name):
        remove_table(self, database_name, table_name)
        forget(self, database_name, table_name)

    for act in (create_database, update_database, delete_database, create_table, delete_table):
        setattr(G, act.__name__, locked(act))
