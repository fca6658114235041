"""Lake Formation: grants, tags and filters as AWS keeps them. moto keeps grants literally, knows no tags in them, no
filters and no paging, and grants nobody anything when a database or a table is made."""

import functools
import json
import threading

from moto.core.exceptions import JsonRESTError

ALL_TABLES = "ALL_TABLES"
PAGE = 50
LOCK = threading.RLock()  # the server has a thread for each connection


def apply():
    grants()
    tags()


class Lake:
    """One region's. Grants by principal and by what they are of, as JSON without the catalog's id."""

    def __init__(self):
        self.grants = {}  # (principal, resource) -> {permission: grantable}
        self.tags = {}  # key -> values
        self.assigned = {}  # (database, table or "", column or "") -> {key: value}
        self.filters = {}  # (database, table, name) -> data cells filter


def lake(backend):
    return backend.__dict__.setdefault("lake", Lake())


def locked(act):
    @functools.wraps(act)
    def one_by_one(*args, **kw):
        with LOCK:
            return act(*args, **kw)

    return one_by_one


def missing(what):
    return JsonRESTError("EntityNotFoundException", f"{what} not found")


def invalid(what):
    return JsonRESTError("InvalidInputException", what)


def glue(backend):
    from moto.glue.models import glue_backends

    return glue_backends[backend.account_id][backend.region_name]


def table_of(backend, database, name):
    found = glue(backend).databases.get(database)
    if found is None or name is not None and name not in found.tables:
        raise missing(f"{database}.{name or '*'}")
    return found.tables.get(name)


def columns_of(table):
    made = table.as_dict()
    return ((made.get("StorageDescriptor") or {}).get("Columns") or []) + (made.get("PartitionKeys") or [])


def plain(resource):
    """What a grant is of: without catalogs, a list of columns apart from the table (see columns)."""
    (kind, body), = resource.items()
    body = {k: v for k, v in (body or {}).items() if k not in ("CatalogId", "TableCatalogId")}
    if kind == "TableWithColumns" and body.get("ColumnWildcard") is not None and not body["ColumnWildcard"].get("ExcludedColumnNames"):
        kind, body = "Table", {"DatabaseName": body["DatabaseName"], "Name": body["Name"]}
    if kind == "Table" and (body.get("TableWildcard") is not None or body.get("Name") == ALL_TABLES):
        body = {"DatabaseName": body["DatabaseName"], "TableWildcard": {}}
    if kind == "LFTagPolicy":
        body["Expression"] = sorted(({"TagKey": t["TagKey"], "TagValues": sorted(set(t["TagValues"]))} for t in body["Expression"]), key=lambda t: t["TagKey"])
    if kind == "LFTag":
        body["TagValues"] = sorted(set(body.get("TagValues") or ["*"]))
    return kind, body


def text(kind, body):
    return json.dumps({kind: body}, sort_keys=True)


def columns(kind, body):
    """Each column that is named is a grant of its own, so that two lists add up and one of them can be taken away."""
    if kind != "TableWithColumns" or not body.get("ColumnNames"):
        return [text(kind, body)]
    return [text(kind, {**body, "ColumnNames": [c]}) for c in body["ColumnNames"]]


def check_columns(kind, body, table):
    if kind == "TableWithColumns" and set(body.get("ColumnNames") or []) - {c["Name"] for c in columns_of(table)}:
        raise invalid("Cannot grant/revoke permission on non-existent column.")


def check(backend, kind, body):
    """AWS grants on what is there."""
    here = lake(backend)
    if kind == "Database" and body["Name"] not in glue(backend).databases:
        raise missing(body["Name"])
    if kind in ("Table", "TableWithColumns"):
        check_columns(kind, body, table_of(backend, body["DatabaseName"], body.get("Name")))
    if kind == "DataCellsFilter" and (body["DatabaseName"], body["TableName"], body["Name"]) not in here.filters:
        raise invalid("Cell Filter not found.")
    for t in body.get("Expression", [body] if kind == "LFTag" else []):
        for v in t["TagValues"]:
            if t["TagKey"] not in here.tags or v != "*" and v not in here.tags[t["TagKey"]]:
                raise missing(f"the tag {t['TagKey']}={v}")


def grant(backend, principal, resource, permissions, grantable):
    kind, body = plain(resource)
    check(backend, kind, body)
    for key in columns(kind, body):
        have = lake(backend).grants.setdefault((principal, key), {})
        for p in permissions or []:
            have[p] = have.get(p, False) or p in (grantable or [])


def revoke(backend, principal, resource, permissions, grantable):
    taken = False
    kind, body = plain(resource)
    table = getattr(glue(backend).databases.get(body.get("DatabaseName")), "tables", {}).get(body.get("Name"))
    if table is not None:
        check_columns(kind, body, table)
    for key in columns(kind, body):
        have = lake(backend).grants.get((principal, key), {})
        for p in permissions or []:
            taken = have.pop(p, None) is not None or taken
        for p in grantable or []:
            taken = have.get(p, False) or taken
            if p in have:
                have[p] = False
        if not have:
            lake(backend).grants.pop((principal, key), None)
    if not taken:
        raise invalid("No permissions revoked. Grantee does not have any permissions on the resource.")


def listed(backend):
    """The grants as ListPermissions shows them: columns of a table together, SELECT of a table as one of its columns."""
    lists = {}
    for (principal, key), have in sorted(lake(backend).grants.items()):
        (kind, body), = json.loads(key).items()
        if kind == "TableWithColumns" and body.get("ColumnNames"):
            at = (principal, body["DatabaseName"], body["Name"], json.dumps(have, sort_keys=True))
            lists.setdefault(at, []).extend(body["ColumnNames"])
            continue
        if kind == "Table" and "TableWildcard" in body:
            body["Name"] = ALL_TABLES
        if kind == "Table" and "SELECT" in have:
            yield shown(principal, "TableWithColumns", {"DatabaseName": body["DatabaseName"], "Name": body["Name"], "ColumnWildcard": {}}, {"SELECT": have["SELECT"]})
            have = {p: g for p, g in have.items() if p != "SELECT"}
        if have:
            yield shown(principal, kind, body, have)
    for (principal, database, table, have), names in lists.items():
        yield shown(principal, "TableWithColumns", {"DatabaseName": database, "Name": table, "ColumnNames": sorted(names)}, json.loads(have))


def shown(principal, kind, body, have):
    catalog = "TableCatalogId" if kind == "DataCellsFilter" else "CatalogId"
    body = {"Id": "123456789012"} if kind == "Catalog" else {catalog: "123456789012", **body}
    return {"Principal": {"DataLakePrincipalIdentifier": principal}, "Resource": {kind: body}, "Permissions": sorted(have),
            "PermissionsWithGrantOption": sorted(p for p, g in have.items() if g)}


def about(one, asked, related):
    """Whether a grant that is shown is of what was asked for."""
    (kind, body), (wanted, of) = *one.items(), plain(asked)
    if wanted in ("Table", "TableWithColumns"):
        name = ALL_TABLES if "TableWildcard" in of else of.get("Name")
        if kind == "DataCellsFilter":
            return related and (body["DatabaseName"], body["TableName"]) == (of["DatabaseName"], name)
        return kind in ("Table", "TableWithColumns") and (body["DatabaseName"], body["Name"]) == (of["DatabaseName"], name)
    if wanted == "LFTag":
        return kind == "LFTag" and body["TagKey"] == of["TagKey"]
    return plain(one) == (wanted, of)


def of_type(one, wanted):
    (kind, body), = one.items()
    if kind == "LFTagPolicy":
        return wanted in ("LF_TAG_POLICY", "LF_TAG_POLICY_" + body["ResourceType"])
    return wanted == {"TableWithColumns": "TABLE", "DataCellsFilter": "TABLE", "DataLocation": "DATA_LOCATION", "LFTag": "LF_TAG"}.get(kind, kind.upper())


def page(self, name, found):
    start, size = int(self._get_param("NextToken") or 0), min(int(self._get_param("MaxResults") or PAGE), PAGE)
    out = {name: found[start:start + size]}
    if start + size < len(found):
        out["NextToken"] = str(start + size)
    return json.dumps(out)


def grants():
    from moto.lakeformation.responses import LakeFormationResponse as R

    def each(act):
        def one(self):
            act(self.lakeformation_backend, self._get_param("Principal")["DataLakePrincipalIdentifier"], self._get_param("Resource"),
                self._get_param("Permissions"), self._get_param("PermissionsWithGrantOption"))
            return "{}"

        def batch(self):
            failures = []
            for e in self._get_param("Entries"):
                try:
                    act(self.lakeformation_backend, e["Principal"]["DataLakePrincipalIdentifier"], e["Resource"], e.get("Permissions"), e.get("PermissionsWithGrantOption"))
                except JsonRESTError as err:
                    failures.append({"RequestEntry": e, "Error": {"ErrorCode": err.error_type, "ErrorMessage": err.message}})
            return json.dumps({"Failures": failures})

        return one, batch

    def list_permissions(self):
        who, what, kind = self._get_param("Principal"), self._get_param("Resource"), self._get_param("ResourceType")
        if who and not what and kind is None:
            raise invalid("Resource is mandatory if Principal is set in the input.")
        related = self._get_param("IncludeRelated") == "TRUE"
        found = [g for g in listed(self.lakeformation_backend)
                 if (not who or g["Principal"] == who) and (not what or about(g["Resource"], what, related)) and (not kind or of_type(g["Resource"], kind))]
        return page(self, "PrincipalResourcePermissions", found)

    R.grant_permissions, R.batch_grant_permissions = map(locked, each(grant))
    R.revoke_permissions, R.batch_revoke_permissions = map(locked, each(revoke))
    R.list_permissions = locked(list_permissions)


def place(resource):
    """What has tags: a database, a table, or columns of one."""
    (kind, body), = resource.items()
    if kind == "Database":
        return [(body["Name"], "", "")]
    return [(body["DatabaseName"], body["Name"], c) for c in (body.get("ColumnNames") or [""])]


def tags():
    from moto.lakeformation.responses import LakeFormationResponse as R

    def create_lf_tag(self):
        here, key = lake(self.lakeformation_backend), self._get_param("TagKey").lower()
        if key in here.tags:
            raise JsonRESTError("AlreadyExistsException", f"tag {key} is there")
        here.tags[key] = sorted(self._get_param("TagValues"))
        return "{}"

    def known(self):
        here, key = lake(self.lakeformation_backend), self._get_param("TagKey")
        if key not in here.tags:
            raise missing(f"the tag {key}")
        return here, key

    def get_lf_tag(self):
        here, key = known(self)
        return json.dumps({"CatalogId": self.current_account, "TagKey": key, "TagValues": here.tags[key]})

    def list_lf_tags(self):
        here = lake(self.lakeformation_backend)
        return page(self, "LFTags", [{"CatalogId": self.current_account, "TagKey": k, "TagValues": v} for k, v in sorted(here.tags.items())])

    def update_lf_tag(self):
        here, key = known(self)
        gone = set(self._get_param("TagValuesToDelete") or [])
        if any(a.get(key) in gone for a in here.assigned.values()):
            raise invalid("Update not allowed. Untag the attribute before deleting the tag key's value.")
        here.tags[key] = sorted(set(here.tags[key]) - gone | set(self._get_param("TagValuesToAdd") or []))
        return "{}"

    def delete_lf_tag(self):
        here, key = known(self)
        del here.tags[key]
        for a in here.assigned.values():
            a.pop(key, None)
        for principal, of in [k for k in here.grants if f'"TagKey": "{key}"' in k[1]]:
            del here.grants[principal, of]
        return "{}"

    def add_lf_tags_to_resource(self):
        here, failures = lake(self.lakeformation_backend), []
        for at in place(self._get_param("Resource")):
            if at[1]:
                table_of(self.lakeformation_backend, at[0], at[1])
            elif at[0] not in glue(self.lakeformation_backend).databases:
                raise missing(at[0])
            for t in self._get_param("LFTags"):
                key, value = t["TagKey"], t["TagValues"][0]
                if value not in here.tags.get(key, []):
                    failures.append({"LFTag": t, "Error": {"ErrorCode": "EntityNotFoundException", "ErrorMessage": "Tag or tag value does not exist."}})
                    continue
                here.assigned.setdefault(at, {})[key] = value
        return json.dumps({"Failures": failures})

    def remove_lf_tags_from_resource(self):
        here, failures = lake(self.lakeformation_backend), []
        for at in place(self._get_param("Resource")):
            for t in self._get_param("LFTags"):
                if here.assigned.get(at, {}).pop(t["TagKey"], None) is None:
                    failures.append({"LFTag": t, "Error": {"ErrorCode": "EntityNotFoundException", "ErrorMessage": "Tag is not assigned."}})
        return json.dumps({"Failures": failures})

    def get_resource_lf_tags(self):
        here, own = lake(self.lakeformation_backend), str(self._get_param("ShowAssignedLFTags")).lower() == "true"
        pairs = lambda d: [{"CatalogId": self.current_account, "TagKey": k, "TagValues": [v]} for k, v in sorted(d.items())]  # noqa: E731
        database, table, column = place(self._get_param("Resource"))[0]
        of_database = here.assigned.get((database, "", ""), {})
        out = {"LFTagOnDatabase": pairs(of_database)}
        if table:
            of_table = {**({} if own else of_database), **here.assigned.get((database, table, ""), {})}
            names = [c["Name"] for c in columns_of(table_of(self.lakeformation_backend, database, table))]
            asked = [c for _, _, c in place(self._get_param("Resource")) if c]
            of_columns = {n: {**({} if own else of_table), **here.assigned.get((database, table, n), {})} for n in names if not asked or n in asked}
            out["LFTagsOnTable"] = pairs(of_table)
            out["LFTagsOnColumns"] = [{"Name": n, "LFTags": pairs(d)} for n, d in of_columns.items() if d]
        return json.dumps(out)

    for act in (create_lf_tag, get_lf_tag, list_lf_tags, update_lf_tag, delete_lf_tag, add_lf_tags_to_resource, remove_lf_tags_from_resource, get_resource_lf_tags):
        setattr(R, act.__name__, locked(act))
