"""Glue and Lake Formation."""

import json
import threading

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult


def apply():
    versions()
    statistics()
    revoke()
    permissions()
    hybrid_access()


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


def unnamed_catalog(resource):
    """AWS takes an absent CatalogId for the account's; moto compares literally, and the provider names it when it
    revokes but not when it grants."""
    if not isinstance(resource, dict):
        return resource
    return {k: {n: v for n, v in r.items() if n != "CatalogId"} if isinstance(r, dict) else r for k, r in resource.items()}


def revoke():
    """moto accepts any revocation; AWS refuses one of what is not granted, and the provider revokes until it does."""
    from moto.lakeformation.exceptions import InvalidInput
    from moto.lakeformation.responses import LakeFormationResponse

    get = LakeFormationResponse._get_param

    def _get_param(self, name, *args, **kw):
        v = get(self, name, *args, **kw)
        if name == "Resource" and self.path.endswith(("Permissions",)):
            return unnamed_catalog(v)
        return v

    LakeFormationResponse._get_param = _get_param
    old = LakeFormationResponse.revoke_permissions

    def revoke_permissions(self):
        catalog = self._get_param("CatalogId") or self.current_account
        granted = self.lakeformation_backend.grants.get(catalog)
        who, what = self._get_param("Principal"), self._get_param("Resource")
        if not granted or not any(p.principal == who and p.resource == what for p in granted.permissions):
            raise InvalidInput("No permissions revoked. Grantee has no permissions on the resource.")
        return old(self)

    LakeFormationResponse.revoke_permissions = revoke_permissions


def permissions():
    """moto lists grants by database, table or location only, and compares catalogs literally; AWS knows tags as well,
    and names the columns' grants with the table's."""
    from moto.lakeformation.responses import LakeFormationResponse

    def same(granted, asked):
        if "Table" in asked and "TableWithColumns" in granted:
            return all(granted["TableWithColumns"].get(k) == v for k, v in asked["Table"].items() if k in ("DatabaseName", "Name"))
        return all(k in granted and (not isinstance(v, dict) or all(granted[k].get(n) == w for n, w in v.items())) for k, v in asked.items())

    def list_permissions(self):
        catalog = self._get_param("CatalogId") or self.current_account
        who, what, kind = self._get_param("Principal"), self._get_param("Resource"), self._get_param("ResourceType")
        granted = self.lakeformation_backend.grants.get(catalog)
        found = []
        for p in granted.permissions if granted else []:
            kinds = {k.upper().replace("TABLEWITHCOLUMNS", "TABLE") for k in p.resource} | ({"DATA_LOCATION"} if "DataLocation" in p.resource else set())
            if (who is None or p.principal == who) and (what is None or same(p.resource, what)) and (kind is None or kind in kinds):
                found.append(p.to_external_form())
        return json.dumps({"PrincipalResourcePermissions": found})

    LakeFormationResponse.list_permissions = list_permissions


def hybrid_access():
    """moto forgets whether a registered location is in hybrid access mode."""
    from moto.lakeformation.responses import LakeFormationResponse

    register, describe = LakeFormationResponse.register_resource, LakeFormationResponse.describe_resource
    FLAGS = ("HybridAccessEnabled", "WithFederation")

    def register_resource(self):
        out = register(self)
        self.lakeformation_backend.resources[self._get_param("ResourceArn")].flags = {f: bool(self._get_param(f)) for f in FLAGS}
        return out

    def describe_resource(self):
        out = json.loads(describe(self))
        out["ResourceInfo"].update(self.lakeformation_backend.resources[self._get_param("ResourceArn")].flags)
        return json.dumps(out)

    LakeFormationResponse.register_resource = register_resource
    LakeFormationResponse.describe_resource = describe_resource
