"""S3 Tables: what a table bucket has beside its tables."""

import json
from urllib.parse import unquote


def apply():
    """moto knows neither encryption, nor maintenance, nor policies of table buckets, and has them in three regions only; of tables it knows no maintenance, and makes one twice."""
    import boto3
    from moto.core.exceptions import JsonRESTError
    from moto.s3tables import urls
    from moto.s3tables.exceptions import TableAlreadyExists
    from moto.s3tables.models import FakeTableBucket, s3tables_backends
    from moto.s3tables.responses import S3TablesResponse

    s3tables_backends._additional_regions = boto3.session.Session().get_available_regions("s3")
    old = FakeTableBucket.__init__

    def init(self, *args, **kw):
        old(self, *args, **kw)
        self.encryption = {"sseAlgorithm": "AES256"}
        self.maintenance = {"icebergUnreferencedFileRemoval": {
            "status": "enabled", "settings": {"icebergUnreferencedFileRemoval": {"unreferencedDays": 3, "nonCurrentDays": 10}}}}
        self.resource_policy = None

    FakeTableBucket.__init__ = init
    create = S3TablesResponse.create_table_bucket

    def parts(self):
        return [unquote(p) for p in self.raw_path.strip("/").split("/")]

    def bucket_of(self):
        return self.s3tables_backend.get_table_bucket(table_bucket_arn=parts(self)[1])

    def answer(self, body):
        return 200, self.default_response_headers, json.dumps(body)

    def create_table_bucket(self):
        out = create(self)
        asked = json.loads(self.body).get("encryptionConfiguration")
        if asked:
            self.s3tables_backend.get_table_bucket(table_bucket_arn=json.loads(out[2])["arn"]).encryption = asked
        return out

    def get_table_bucket_encryption(self):
        return answer(self, {"encryptionConfiguration": bucket_of(self).encryption})

    def put_table_bucket_encryption(self):
        bucket_of(self).encryption = json.loads(self.body)["encryptionConfiguration"]
        return answer(self, {})

    def delete_table_bucket_encryption(self):
        bucket_of(self).encryption = {"sseAlgorithm": "AES256"}
        return 204, {}, ""

    def get_table_bucket_maintenance_configuration(self):
        bucket = bucket_of(self)
        return answer(self, {"tableBucketARN": bucket.arn, "configuration": bucket.maintenance})

    def put_table_bucket_maintenance_configuration(self):
        bucket_of(self).maintenance[parts(self)[3]] = json.loads(self.body)["value"]
        return 204, {}, ""

    def get_table_bucket_policy(self):
        policy = bucket_of(self).resource_policy
        if policy is None:
            raise JsonRESTError("NotFoundException", "The specified bucket policy does not exist.")
        return answer(self, {"resourcePolicy": policy})

    def put_table_bucket_policy(self):
        bucket_of(self).resource_policy = json.loads(self.body)["resourcePolicy"]
        return answer(self, {})

    def delete_table_bucket_policy(self):
        bucket_of(self).resource_policy = None
        return 204, {}, ""

    make, update, listed = S3TablesResponse.create_table, S3TablesResponse.update_table_metadata_location, S3TablesResponse.list_tables

    def create_table(self):
        _, arn, namespace = parts(self)
        held = self.s3tables_backend.get_table_bucket(table_bucket_arn=arn).namespaces.get(namespace)
        if held and json.loads(self.body)["name"] in held.tables:  # moto would put a new table in its place
            raise TableAlreadyExists()
        return make(self)

    def update_table_metadata_location(self):
        status, headers, text = update(self)
        body = json.loads(text)
        body["namespace"], body["tableARN"] = [body["namespace"]], body.pop("tableArn")
        return status, headers, json.dumps(body)

    def list_tables(self):
        status, headers, text = listed(self)
        body = json.loads(text)
        for table in body["tables"]:
            table.update(type="customer", tableARN=parts(self)[1] + "/table/" + table["name"])
        return status, headers, json.dumps(body)

    def put_table_maintenance_configuration(self):
        _, arn, namespace, name, _, kind = parts(self)
        table = self.s3tables_backend.get_table(table_bucket_arn=arn, namespace=namespace, name=name)
        vars(table).setdefault("maintenance", {})[kind] = json.loads(self.body)["value"]
        return 204, {}, ""

    def get_table_maintenance_configuration(self):
        _, arn, namespace, name, _ = parts(self)
        table = self.s3tables_backend.get_table(table_bucket_arn=arn, namespace=namespace, name=name)
        return answer(self, {"tableARN": table.arn, "configuration": vars(table).get("maintenance", {})})

    for arn in ("(?P<tableBucketARN>[^/]+)", "(?P<tableBucketARN_pt_1>[^/]+)/(?P<tableBucketARN_pt_2>[^/]+)"):  # as moto's own paths are
        one = "{0}/tables/" + arn + "/(?P<namespace>[^/]+)/(?P<name>[^/]+)/maintenance"
        urls.url_paths[one + "$"] = urls.url_paths[one + "/(?P<type>[^/]+)$"] = S3TablesResponse.dispatch

    for f in (create_table, update_table_metadata_location, list_tables, put_table_maintenance_configuration, get_table_maintenance_configuration,
              create_table_bucket, get_table_bucket_encryption, put_table_bucket_encryption, delete_table_bucket_encryption,
              get_table_bucket_maintenance_configuration, put_table_bucket_maintenance_configuration,
              get_table_bucket_policy, put_table_bucket_policy, delete_table_bucket_policy):
        setattr(S3TablesResponse, f.__name__, f)
