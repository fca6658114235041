"""S3 and ECR."""

import fnmatch
import json
import re

from moto.core.responses import ActionResult


def apply(registry):
    multipart()
    markers()
    notification()
    conditions()
    logging()
    repositories(registry)


def markers():
    """moto cannot remove a key's last version while a delete marker stands over it; AWS can."""
    from moto.s3.models import FakeDeleteMarker

    FakeDeleteMarker.dispose = lambda self, garbage=False: None


def multipart():
    """moto names the answer's root CompleteMultipartUploadResponse; AWS says ...Result, and pyarrow fails otherwise."""
    from moto.s3.responses import S3Response

    old = S3Response._key_response_post

    def mended(self, *args, **kw):
        r = old(self, *args, **kw)
        if isinstance(r, tuple) and len(r) == 3 and r[2]:
            wrong, right = "CompleteMultipartUploadResponse", "CompleteMultipartUploadResult"
            body = r[2]
            body = body.replace(wrong.encode(), right.encode()) if isinstance(body, bytes) else body.replace(wrong, right)
            r = (r[0], r[1], body)
        return r

    S3Response._key_response_post = mended


def conditions():
    """moto does not look at the conditions of a bucket's policy, so that a Deny of plain HTTP denies everything.

    Statements with a condition are left out: what they deny (other keys, plain HTTP, strangers) no test here does.
    """
    from moto.iam.access_control import IAMPolicy, PermissionResult
    from moto.s3.models import FakeBucket

    def get_permission(self, action, resource):
        if self.policy is None:
            return PermissionResult.NEUTRAL
        policy = json.loads(self.policy)
        statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
        policy["Statement"] = [s for s in statements if "Condition" not in s]
        if not policy["Statement"]:
            return PermissionResult.NEUTRAL
        return IAMPolicy(json.dumps(policy)).is_action_permitted(action, resource)

    FakeBucket.get_permission = get_permission


def notification():
    """moto keeps a bucket's EventBridge setting and does not give it back; AWS does."""
    from moto.s3.responses import S3Response

    for name in ("get_bucket_notification", "get_bucket_notification_configuration"):
        old = getattr(S3Response, name, None)
        if old is None:
            continue

        def mended(self, *args, _old=old, **kw):
            r = _old(self, *args, **kw)
            bucket = self.backend.get_bucket(self.bucket_name)
            config = bucket.notification_configuration
            if config is None or config.event_bridge is None:
                return r

            def add(body):
                text = body.decode() if isinstance(body, bytes) else body
                text = re.sub(r"(<NotificationConfiguration[^>]*?)/>", r"\1></NotificationConfiguration>", text)
                return text.replace("</NotificationConfiguration>", "<EventBridgeConfiguration/></NotificationConfiguration>")

            if isinstance(r, tuple):
                return (*r[:-1], add(r[-1]))
            return add(r)

        setattr(S3Response, name, mended)


def logging():
    """moto looks for the right of S3's log delivery in a policy written in one way only: no principal "*", no lists, this very prefix."""
    from moto.s3.models import FakeBucket

    def listed(value):
        return value if isinstance(value, list) else [value]

    def may_put(statement, target):
        principal = statement.get("Principal")
        services = listed(principal.get("Service", [])) if isinstance(principal, dict) else []
        return (statement.get("Effect") == "Allow" and "logging.s3.amazonaws.com" in services and "s3:PutObject" in listed(statement.get("Action", []))
                and any(fnmatch.fnmatchcase(target, r) for r in listed(statement.get("Resource", []))))

    def permitted(target_bucket, target_prefix):
        policy = json.loads(target_bucket.policy) if target_bucket.policy else {"Statement": []}
        target = f"arn:{target_bucket.partition}:s3:::{target_bucket.name}/{target_prefix or ''}x"
        return any(may_put(s, target) for s in listed(policy["Statement"]))

    FakeBucket._log_permissions_enabled_policy = staticmethod(permitted)


def repositories(registry):
    """moto points a repository at <account>.dkr.ecr..., where nothing is; here it lies in the test's own registry."""
    from moto.ecr import models
    from moto.ecr.responses import ECRResponse

    old = models.Repository.__init__

    def init(self, *args, **kw):
        old(self, *args, **kw)
        self.uri = f"{registry}/{self.name}"

    models.Repository.__init__ = init

    token = ECRResponse.get_authorization_token

    def get_authorization_token(self):
        """moto's tokens expired in 2015 and name AWS's host."""
        r = token(self)
        data = r.result if isinstance(r, ActionResult) else json.loads(r)
        for d in data["authorizationData"]:
            d["proxyEndpoint"] = f"http://{registry}"
            d["expiresAt"] = 4102444800.0  # 2100-01-01
        return r if isinstance(r, ActionResult) else json.dumps(data)

    ECRResponse.get_authorization_token = get_authorization_token
