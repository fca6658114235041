"""What guards data: S3's replication, CloudTrail and AWS Backup."""

import json
import time
import uuid

from moto.core.exceptions import JsonRESTError


def apply():
    replication()
    locks()
    trails()
    backups()
    restore_tests()


def replication():
    """moto gives a replication back without most of its settings; AWS gives back what was put."""
    from moto.s3.responses import S3Response

    parse = S3Response._replication_config_from_xml

    def _replication_config_from_xml(self, xml):
        config = parse(self, xml)
        config["put"] = xml
        return config

    get = S3Response.get_bucket_replication

    def get_bucket_replication(self):
        get(self)  # refuses a bucket without
        put = self.backend.get_bucket_replication(self.bucket_name)["put"]
        return 200, {"Content-Type": "application/xml"}, put

    S3Response._replication_config_from_xml = _replication_config_from_xml
    S3Response.get_bucket_replication = get_bucket_replication


def locks():
    """moto changes the lock of an empty bucket only; AWS that of any with versions, which is how a lock is taken off."""
    from moto.s3.exceptions import InvalidBucketState
    from moto.s3.models import S3Backend

    def put_object_lock_configuration(self, bucket_name, lock_enabled, mode=None, days=None, years=None):
        bucket = self.get_bucket(bucket_name)
        if not bucket.is_versioned:
            raise InvalidBucketState("Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration")
        bucket.object_lock_enabled = bool(lock_enabled)
        bucket.default_lock_mode, bucket.default_lock_days, bucket.default_lock_years = mode, days, years

    S3Backend.put_object_lock_configuration = put_object_lock_configuration


def trails():
    """moto says of every trail that it has no selectors of its own, so the provider does not ask for them, and finds one by its ARN only at times."""
    from moto.cloudtrail.models import CloudTrailBackend, Trail

    description = Trail.description

    def mended(self, include_region=False):
        out = description(self, include_region)
        out["HasCustomEventSelectors"] = bool(self.event_selectors or self.advanced_event_selectors)
        return out

    Trail.description = mended

    def by_name(act):
        return lambda self, name: act(self, name.rsplit("/", 1)[-1])

    for act in ("start_logging", "stop_logging", "delete_trail"):
        setattr(CloudTrailBackend, act, by_name(getattr(CloudTrailBackend, act)))


def missing(what):
    return JsonRESTError("ResourceNotFoundException", f"{what} does not exist")


def put_on(cls, *functions):
    for f in functions:
        setattr(cls, f.__name__, f)


def backups():
    """moto keeps a deleted plan, cannot change one, knows neither selections nor what a vault holds, and finds tags by a path that ends in / only."""
    from urllib.parse import unquote

    from moto.backup import urls
    from moto.backup.responses import BackupResponse

    urls.url_paths["{0}/backup-vaults/(?P<name>[^/]+)/recovery-points/?$"] = BackupResponse.dispatch
    delete = BackupResponse.delete_backup_plan

    def plan_of(self):
        parts = self.path.strip("/").split("/")
        return self.backup_backend.get_backup_plan(parts[2], None), parts

    def delete_backup_plan(self):
        plan, _ = plan_of(self)
        if getattr(plan, "selections", {}):
            raise JsonRESTError("InvalidRequestException", "Related backup plan selections must be deleted prior to backup plan deletion")
        out = delete(self)
        del self.backup_backend.plans[plan.backup_plan_id]
        return out

    def update_backup_plan(self):
        plan, _ = plan_of(self)
        plan.backup_plan.update(json.loads(self.body)["BackupPlan"])
        plan.version_id = uuid.uuid4().hex
        return json.dumps(plan.to_dict())

    def create_backup_selection(self):
        plan, _ = plan_of(self)
        if not hasattr(plan, "selections"):
            plan.selections = {}
        ident = str(uuid.uuid4())
        plan.selections[ident] = {"BackupSelection": json.loads(self.body)["BackupSelection"], "SelectionId": ident,
                                  "BackupPlanId": plan.backup_plan_id, "CreationDate": time.time()}
        return json.dumps({k: v for k, v in plan.selections[ident].items() if k != "BackupSelection"})

    def get_backup_selection(self):
        plan, parts = plan_of(self)
        found = getattr(plan, "selections", {}).get(parts[4])
        if found is None:
            raise JsonRESTError("InvalidParameterValueException", "Cannot find Backup plan")  # as AWS says it
        return json.dumps(found)

    def delete_backup_selection(self):
        plan, parts = plan_of(self)
        getattr(plan, "selections", {}).pop(parts[4], None)
        return "{}"

    def list_tags(self):
        arn = unquote(self.path).split("/tags/", 1)[1].rstrip("/")
        return json.dumps({"Tags": self.backup_backend.list_tags(resource_arn=arn)})

    def list_recovery_points_by_backup_vault(self):
        return json.dumps({"RecoveryPoints": []})

    put_on(BackupResponse, delete_backup_plan, update_backup_plan, create_backup_selection, get_backup_selection, delete_backup_selection,
           list_tags, list_recovery_points_by_backup_vault)


def restore_tests():
    """moto has none of it."""
    from moto.backup import urls
    from moto.backup.models import BackupBackend
    from moto.backup.responses import BackupResponse

    urls.url_paths["{0}/restore-testing/plans/?$"] = BackupResponse.dispatch
    urls.url_paths["{0}/restore-testing/plans/(?P<name>.+)/?$"] = BackupResponse.dispatch
    old = BackupBackend.__init__

    def init(self, *args, **kw):
        old(self, *args, **kw)
        self.tests = {}

    BackupBackend.__init__ = init

    def named(self):
        """The plan that the path names, and its selection's name."""
        parts = self.path.strip("/").split("/") + [""] * 3
        plan = self.backup_backend.tests.get(parts[2])
        if plan is None:
            raise missing(f"restore testing plan {parts[2]}")
        return plan, parts[4]

    def selection_of(self):
        plan, name = named(self)
        if name not in plan["selections"]:
            raise missing(f"restore testing selection {name}")
        return plan, plan["selections"][name]

    def answer(of, *keys):
        return json.dumps({k: of[k] for k in ("CreationTime", "UpdateTime", "RestoreTestingPlanArn", "RestoreTestingPlanName", *keys) if k in of})

    def create_restore_testing_plan(self):
        params = json.loads(self.body)
        plan = {"StartWindowHours": 24, "ScheduleExpressionTimezone": "Etc/UTC", **params["RestoreTestingPlan"]}
        name = plan["RestoreTestingPlanName"]
        if name in self.backup_backend.tests:
            raise JsonRESTError("AlreadyExistsException", f"restore testing plan {name} exists")
        backend = self.backup_backend
        plan["RestoreTestingPlanArn"] = f"arn:aws:backup:{backend.region_name}:{backend.account_id}:restore-testing-plan:{name}-{uuid.uuid4()}"
        plan["CreationTime"] = time.time()
        plan["RecoveryPointSelection"] = {"ExcludeVaults": [], "SelectionWindowDays": 30, **plan["RecoveryPointSelection"]}
        backend.tests[name] = {**plan, "selections": {}}
        if params.get("Tags"):
            backend.tag_resource(plan["RestoreTestingPlanArn"], params["Tags"])
        return answer(plan)

    def get_restore_testing_plan(self):
        plan, _ = named(self)
        return json.dumps({"RestoreTestingPlan": {k: v for k, v in plan.items() if k != "selections"}})

    def update_restore_testing_plan(self):
        plan, _ = named(self)
        plan.update(json.loads(self.body)["RestoreTestingPlan"], UpdateTime=time.time())
        return answer(plan)

    def delete_restore_testing_plan(self):
        plan, _ = named(self)
        if plan["selections"]:
            raise JsonRESTError("InvalidRequestException", "the restore testing plan has selections")
        del self.backup_backend.tests[plan["RestoreTestingPlanName"]]
        return "{}"

    def list_restore_testing_plans(self):
        return json.dumps({"RestoreTestingPlans": [{k: v for k, v in p.items() if k not in ("selections", "RecoveryPointSelection")}
                                                   for p in self.backup_backend.tests.values()]})

    def create_restore_testing_selection(self):
        plan, _ = named(self)
        made = {"ValidationWindowHours": 0, **json.loads(self.body)["RestoreTestingSelection"], "CreationTime": time.time(),
                "RestoreTestingPlanName": plan["RestoreTestingPlanName"], "RestoreTestingPlanArn": plan["RestoreTestingPlanArn"]}
        plan["selections"][made["RestoreTestingSelectionName"]] = made
        return answer(made, "RestoreTestingSelectionName")

    def get_restore_testing_selection(self):
        _, found = selection_of(self)
        return json.dumps({"RestoreTestingSelection": found})

    def update_restore_testing_selection(self):
        _, found = selection_of(self)
        found.update(json.loads(self.body)["RestoreTestingSelection"], UpdateTime=time.time())
        return answer(found, "RestoreTestingSelectionName")

    def delete_restore_testing_selection(self):
        plan, found = selection_of(self)
        del plan["selections"][found["RestoreTestingSelectionName"]]
        return "{}"

    put_on(BackupResponse, create_restore_testing_plan, get_restore_testing_plan, update_restore_testing_plan, delete_restore_testing_plan,
           list_restore_testing_plans, create_restore_testing_selection, get_restore_testing_selection, update_restore_testing_selection,
           delete_restore_testing_selection)
