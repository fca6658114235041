"""What tells of costs and of logs: Budgets, Cost Explorer, composite alarms, data protection."""

import json
import time
import uuid

from moto.core.exceptions import JsonRESTError


def apply():
    budgets()
    notifications()
    anomalies()
    allocation()
    composites()
    protection()


def answering(act):
    """Makes a method of a JSON service of a function of the request's parameters."""

    def method(self):
        return json.dumps(act(self, json.loads(self.body)))

    return method


def found(record, what):
    if record is None:
        raise JsonRESTError("NotFoundException", f"Unable to find {what}.")
    return record


def budgets():
    """moto lacks changes and tags of budgets."""
    from moto.budgets.responses import BudgetsResponse

    tags = {}

    def budget(self, p):
        return found(self.backend.budgets[p["AccountId"]].get(p.get("BudgetName") or p["NewBudget"]["BudgetName"]), "the budget")

    def update_budget(self, p):
        old = budget(self, p)
        period = old.budget["TimePeriod"]
        old.budget = {"TimePeriod": period, **p["NewBudget"], "LastUpdatedTime": time.time()}
        return {}

    def tag_resource(self, p):
        tags.setdefault(p["ResourceARN"], {}).update({t["Key"]: t["Value"] for t in p["ResourceTags"]})
        return {}

    def untag_resource(self, p):
        for key in p["ResourceTagKeys"]:
            tags.get(p["ResourceARN"], {}).pop(key, None)
        return {}

    def list_tags_for_resource(self, p):
        return {"ResourceTags": [{"Key": k, "Value": v} for k, v in tags.get(p["ResourceARN"], {}).items()]}

    create = BudgetsResponse.create_budget

    def create_budget(self):
        p = json.loads(self.body)
        answer = create(self)
        name = p["Budget"]["BudgetName"]
        tags[f"arn:aws:budgets::{p['AccountId']}:budget/{name}"] = {t["Key"]: t["Value"] for t in p.get("ResourceTags") or []}
        return answer

    BudgetsResponse.create_budget = create_budget
    for act in (update_budget, tag_resource, untag_resource, list_tags_for_resource):
        setattr(BudgetsResponse, act.__name__, answering(act))


def notifications():
    """moto lacks a notification's subscribers and changes of both."""
    from moto.budgets.responses import BudgetsResponse

    same = ("NotificationType", "ComparisonOperator", "Threshold")

    def notification(self, p, key="Notification"):
        budget = found(self.backend.budgets[p["AccountId"]].get(p["BudgetName"]), "the budget")
        for n in budget.notifications:
            if all(n.details.get(k) == p[key].get(k) for k in same):
                return n
        return found(None, "the notification")

    def describe_subscribers_for_notification(self, p):
        return {"Subscribers": notification(self, p).subscribers}

    def update_notification(self, p):
        notification(self, p, "OldNotification").details = p["NewNotification"]
        return {}

    def create_subscriber(self, p):
        notification(self, p).subscribers.append(p["Subscriber"])
        return {}

    def delete_subscriber(self, p):
        notification(self, p).subscribers.remove(p["Subscriber"])
        return {}

    for act in (describe_subscribers_for_notification, update_notification, create_subscriber, delete_subscriber):
        setattr(BudgetsResponse, act.__name__, answering(act))


def anomalies():
    """moto lacks anomaly monitors and subscriptions."""
    from moto.ce.responses import CostExplorerResponse

    def unknown(kind):
        return JsonRESTError(f"Unknown{kind}Exception", f"No such {kind.lower()}.")

    def methods(kind, arn_of, path, listed, arns):
        """The four acts of a kind of record, which its ARN names."""

        def store(self):
            return self.ce_backend.__dict__.setdefault(path, {})

        def create(self, p):
            arn = f"arn:aws:ce::{self.current_account}:{path}/{uuid.uuid4()}"
            record = dict(p["Anomaly" + kind])
            record[arn_of] = arn
            store(self)[arn] = record
            self.ce_backend.tag_resource(arn, p.get("ResourceTags") or [])
            return {arn_of: arn}

        def get(self, p):
            wanted = p.get(arns)
            for arn in wanted or []:
                if arn not in store(self):
                    raise unknown(kind)
            return {listed: [r for arn, r in store(self).items() if not wanted or arn in wanted]}

        def update(self, p):
            if p[arn_of] not in store(self):
                raise unknown(kind)
            record = store(self)[p[arn_of]]
            record.update({k: v for k, v in p.items() if k != arn_of and v is not None})
            return {arn_of: p[arn_of]}

        def delete(self, p):
            if store(self).pop(p[arn_of], None) is None:
                raise unknown(kind)
            return {}

        name = kind.lower()
        for verb, act in (("create_anomaly_" + name, create), (f"get_anomaly_{name}s", get), ("update_anomaly_" + name, update), ("delete_anomaly_" + name, delete)):
            setattr(CostExplorerResponse, verb, answering(act))

    methods("Monitor", "MonitorArn", "anomalymonitor", "AnomalyMonitors", "MonitorArnList")
    methods("Subscription", "SubscriptionArn", "anomalysubscription", "AnomalySubscriptions", "SubscriptionArnList")


def allocation():
    """moto lacks cost allocation tags. AWS knows a key once something that costs has borne it for a day; here floe's own are known."""
    from moto.ce.responses import CostExplorerResponse

    def known(self):
        return self.ce_backend.__dict__.setdefault("allocation", {"floe:stack": "Inactive", "floe:project": "Inactive"})

    def list_cost_allocation_tags(self, p):
        return {"CostAllocationTags": [{"TagKey": k, "Type": "UserDefined", "Status": s} for k, s in known(self).items()
                                       if not p.get("TagKeys") or k in p["TagKeys"]]}

    def update_cost_allocation_tags_status(self, p):
        errors = []
        for t in p["CostAllocationTagsStatus"]:
            if t["TagKey"] in known(self):
                known(self)[t["TagKey"]] = t["Status"]
            else:
                errors.append({"TagKey": t["TagKey"], "Code": "TagKeysNotFoundException", "Message": f"Tag keys not found: {t['TagKey']}"})
        return {"Errors": errors}

    for act in (list_cost_allocation_tags, update_cost_allocation_tags_status):
        setattr(CostExplorerResponse, act.__name__, answering(act))


def composites():
    """moto lists composite alarms, and lacks the call that makes one."""
    from moto.cloudwatch.responses import CloudWatchResponse

    CloudWatchResponse.put_composite_alarm = CloudWatchResponse.put_metric_alarm


def protection():
    """moto lacks the data protection policies of log groups. AWS takes one to a group, and looks that both of its statements name the same."""
    from moto.logs.responses import LogsResponse

    def group(self, p):
        name = p["logGroupIdentifier"].split(":log-group:")[-1].removesuffix(":*")
        if name not in self.logs_backend.groups:
            raise JsonRESTError("ResourceNotFoundException", "The specified log group does not exist.")
        return self.logs_backend.groups[name]

    def put_data_protection_policy(self, p):
        statements = json.loads(p["policyDocument"])["Statement"]
        if len(statements) != 2 or statements[0]["DataIdentifier"] != statements[1]["DataIdentifier"]:
            raise JsonRESTError("InvalidParameterException", "Policy document is invalid.")
        group(self, p).protection = p["policyDocument"]
        return {"logGroupIdentifier": p["logGroupIdentifier"], "policyDocument": p["policyDocument"], "lastUpdatedTime": int(time.time() * 1000)}

    def get_data_protection_policy(self, p):
        document = getattr(group(self, p), "protection", None)
        return {"logGroupIdentifier": p["logGroupIdentifier"], **({"policyDocument": document} if document else {})}

    def delete_data_protection_policy(self, p):
        group(self, p).protection = None
        return {}

    for act in (put_data_protection_policy, get_data_protection_policy, delete_data_protection_policy):
        setattr(LogsResponse, act.__name__, answering(act))
