"""Athena, Step Functions and Budgets."""

import json

from moto.core.responses import ActionResult


def apply():
    workgroups()
    state_machines()
    budgets()


def workgroups():
    """moto has no UpdateWorkGroup; AWS changes what ConfigurationUpdates names."""
    from moto.athena.responses import AthenaResponse

    renamed = {"ResultConfigurationUpdates": "ResultConfiguration"}

    def update_work_group(self):
        group = self.athena_backend.work_groups[self._get_param("WorkGroup")]
        for key, value in (self._get_param("ConfigurationUpdates") or {}).items():
            if key.startswith("Remove"):
                if value:
                    group.configuration.pop(key.removeprefix("Remove"), None)
                continue
            key = renamed.get(key, key)
            if isinstance(value, dict):
                value = {**(group.configuration.get(key) or {}), **{k: v for k, v in value.items() if not k.startswith("Remove")}}
            group.configuration[key] = value
        group.description = self._get_param("Description") or group.description
        group.state = self._get_param("State") or group.state
        return json.dumps({})

    AthenaResponse.update_work_group = update_work_group


def state_machines():
    """moto lacks both calls, which the provider makes at plan and at read."""
    from moto.stepfunctions.responses import StepFunctionResponse

    StepFunctionResponse.validate_state_machine_definition = lambda self: ActionResult({"result": "OK", "diagnostics": [], "truncated": False})
    StepFunctionResponse.list_state_machine_versions = lambda self: ActionResult({"stateMachineVersions": []})


def budgets():
    """moto forgets a budget's tags and subscribers and cannot change a budget."""
    from moto.budgets.exceptions import NotFoundException
    from moto.budgets.responses import BudgetsResponse

    create = BudgetsResponse.create_budget

    def budget_of(self, name):
        b = self.backend.budgets[self._get_param("AccountId") or self.current_account].get(name)
        if b is None:
            raise NotFoundException(f"Unable to get budget: {name} - the budget doesn't exist.")
        return b

    def create_budget(self):
        out = create(self)
        budget_of(self, self._get_param("Budget")["BudgetName"]).tags = self._get_param("ResourceTags") or []
        return out

    def update_budget(self):
        new = self._get_param("NewBudget")
        b = budget_of(self, new["BudgetName"])
        b.budget.update(new)
        return json.dumps({})

    def arn_budget(self):
        return budget_of(self, self._get_param("ResourceARN").rsplit("/", 1)[-1])

    def list_tags_for_resource(self):
        return json.dumps({"ResourceTags": getattr(arn_budget(self), "tags", [])})

    def tag_resource(self):
        b, new = arn_budget(self), self._get_param("ResourceTags") or []
        keys = {t["Key"] for t in new}
        b.tags = [t for t in getattr(b, "tags", []) if t["Key"] not in keys] + new
        return json.dumps({})

    def untag_resource(self):
        b, keys = arn_budget(self), set(self._get_param("ResourceTagKeys") or [])
        b.tags = [t for t in getattr(b, "tags", []) if t["Key"] not in keys]
        return json.dumps({})

    def describe_subscribers_for_notification(self):
        want = self._get_param("Notification")
        for n in budget_of(self, self._get_param("BudgetName")).notifications:
            if all(n.details.get(k) == want[k] for k in ("NotificationType", "ComparisonOperator", "Threshold")):
                return json.dumps({"Subscribers": n.subscribers})
        raise NotFoundException("Unable to find notification.")

    for f in (create_budget, update_budget, list_tags_for_resource, tag_resource, untag_resource, describe_subscribers_for_notification):
        setattr(BudgetsResponse, f.__name__, f)
