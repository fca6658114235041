"""Lists what the account holds, over the APIs, as a client would see it."""

import os
from urllib.parse import parse_qs

import boto3


def everything(query):
    region = parse_qs(query)["region"][0]
    session = boto3.session.Session(region_name=region)
    endpoint = f"http://127.0.0.1:{os.environ['MOTO_PORT']}"
    found = []
    for service, listing in SERVICES.items():
        client = session.client(service, endpoint_url=endpoint)
        for kind, ident, state in listing(client):
            if state == "deleted":  # AWS shows what was deleted for an hour
                continue
            found.append({"service": service, "kind": kind, "id": ident, "state": state or ""})
    return sorted(found, key=lambda f: (f["service"], f["kind"], f["id"]))


def pages(client, action, key, **args):
    if client.can_paginate(action):
        for page in client.get_paginator(action).paginate(**args):
            yield from page.get(key) or []
    else:
        yield from getattr(client, action)(**args).get(key) or []


def ec2(c):
    for v in pages(c, "describe_vpcs", "Vpcs"):
        if not v["IsDefault"]:
            yield "vpc", v["VpcId"], ""
    default = {v["VpcId"] for v in pages(c, "describe_vpcs", "Vpcs") if v["IsDefault"]}
    for s in pages(c, "describe_subnets", "Subnets"):
        if s["VpcId"] not in default:
            yield "subnet", s["SubnetId"], ""
    for t in pages(c, "describe_route_tables", "RouteTables"):
        if t["VpcId"] not in default:
            yield "route table", t["RouteTableId"], ""
    for g in pages(c, "describe_security_groups", "SecurityGroups"):
        if g.get("VpcId") not in default:
            yield "security group", g["GroupId"], ""
    for g in pages(c, "describe_internet_gateways", "InternetGateways"):
        if not any(a["VpcId"] in default for a in g["Attachments"]):
            yield "internet gateway", g["InternetGatewayId"], ""
    for e in pages(c, "describe_vpc_endpoints", "VpcEndpoints"):
        yield "vpc endpoint", e["VpcEndpointId"], e["State"]
    for n in pages(c, "describe_nat_gateways", "NatGateways"):
        yield "nat gateway", n["NatGatewayId"], n["State"]
    for a in pages(c, "describe_addresses", "Addresses"):
        yield "address", a["AllocationId"], ""
    for f in pages(c, "describe_flow_logs", "FlowLogs"):
        yield "flow log", f["FlowLogId"], ""
    for n in pages(c, "describe_network_interfaces", "NetworkInterfaces"):
        yield "network interface", n["NetworkInterfaceId"], n["Status"]


def s3(c):
    for b in pages(c, "list_buckets", "Buckets"):
        yield "bucket", b["Name"], ""


def kms(c):
    for k in pages(c, "list_keys", "Keys"):
        meta = c.describe_key(KeyId=k["KeyId"])["KeyMetadata"]
        if meta["KeyManager"] == "CUSTOMER":
            yield "key", k["KeyId"], meta["KeyState"]
    for a in pages(c, "list_aliases", "Aliases"):
        if not a["AliasName"].startswith("alias/aws/"):
            yield "alias", a["AliasName"], ""


def glue(c):
    for d in pages(c, "get_databases", "DatabaseList"):
        yield "database", d["Name"], ""
        for t in pages(c, "get_tables", "TableList", DatabaseName=d["Name"]):
            yield "table", d["Name"] + "." + t["Name"], ""


def athena(c):
    for w in pages(c, "list_work_groups", "WorkGroups"):
        if w["Name"] != "primary":
            yield "workgroup", w["Name"], w["State"]


def iam(c):
    for r in pages(c, "list_roles", "Roles"):
        yield "role", r["RoleName"], ""
    for p in pages(c, "list_policies", "Policies", Scope="Local"):
        yield "policy", p["PolicyName"], ""


def ecr(c):
    for r in pages(c, "describe_repositories", "repositories"):
        yield "repository", r["repositoryName"], ""


def secretsmanager(c):
    for s in c.list_secrets(IncludePlannedDeletion=True)["SecretList"]:
        yield "secret", s["Name"], "PendingDeletion" if s.get("DeletedDate") else ""


def logs(c):
    for g in pages(c, "describe_log_groups", "logGroups"):
        yield "log group", g["logGroupName"], ""


def cloudwatch(c):
    for page in c.get_paginator("describe_alarms").paginate():
        for a in page["MetricAlarms"] + page["CompositeAlarms"]:
            yield "alarm", a["AlarmName"], ""
    for d in pages(c, "list_dashboards", "DashboardEntries"):
        yield "dashboard", d["DashboardName"], ""


def events(c):
    for r in pages(c, "list_rules", "Rules"):
        yield "rule", r["Name"], r["State"]


def sns(c):
    for t in pages(c, "list_topics", "Topics"):
        yield "topic", t["TopicArn"].rsplit(":", 1)[-1], ""


def sqs(c):
    for q in pages(c, "list_queues", "QueueUrls"):
        yield "queue", q.rsplit("/", 1)[-1], ""


def functions(c):
    for f in pages(c, "list_functions", "Functions"):
        yield "function", f["FunctionName"], ""


def ecs(c):
    for arn in pages(c, "list_clusters", "clusterArns"):
        for d in c.describe_clusters(clusters=[arn])["clusters"]:
            yield "cluster", d["clusterName"], d["status"]
    for status in ("ACTIVE", "INACTIVE"):
        for arn in pages(c, "list_task_definitions", "taskDefinitionArns", status=status):
            yield "task definition", arn.rsplit("/", 1)[-1], status


def stepfunctions(c):
    for m in pages(c, "list_state_machines", "stateMachines"):
        yield "state machine", m["name"], ""


def scheduler(c):
    for s in pages(c, "list_schedules", "Schedules"):
        yield "schedule", s["GroupName"] + "/" + s["Name"], s["State"]
    for g in pages(c, "list_schedule_groups", "ScheduleGroups"):
        if g["Name"] != "default":
            yield "schedule group", g["Name"], ""


def lakeformation(c):
    for r in c.list_resources()["ResourceInfoList"]:
        yield "resource", r["ResourceArn"], ""
    for p in pages(c, "list_permissions", "PrincipalResourcePermissions"):
        yield "permission", p["Principal"]["DataLakePrincipalIdentifier"] + " " + " ".join(sorted(p["Resource"])), ""
    for t in pages(c, "list_lf_tags", "LFTags"):
        yield "tag", t["TagKey"], ""
    for f in pages(c, "list_data_cells_filter", "DataCellsFilters"):
        yield "filter", f["Name"], ""
    for a in c.get_data_lake_settings()["DataLakeSettings"].get("DataLakeAdmins") or []:
        yield "admin", a["DataLakePrincipalIdentifier"], ""


def budgets(c):
    for b in pages(c, "describe_budgets", "Budgets", AccountId="123456789012"):
        yield "budget", b["BudgetName"], ""


def ce(c):
    for m in pages(c, "get_anomaly_monitors", "AnomalyMonitors"):
        yield "anomaly monitor", m["MonitorName"], ""
    for s in pages(c, "get_anomaly_subscriptions", "AnomalySubscriptions"):
        yield "anomaly subscription", s["SubscriptionName"], ""


def backup(c):
    for v in pages(c, "list_backup_vaults", "BackupVaultList"):
        yield "vault", v["BackupVaultName"], ""
    for p in pages(c, "list_backup_plans", "BackupPlansList"):
        yield "plan", p["BackupPlanName"], ""
    for p in c.list_restore_testing_plans()["RestoreTestingPlans"]:
        yield "restore testing plan", p["RestoreTestingPlanName"], ""


def cloudtrail(c):
    for t in pages(c, "list_trails", "Trails"):
        yield "trail", t["Name"], ""


def s3tables(c):
    for b in pages(c, "list_table_buckets", "tableBuckets"):
        yield "table bucket", b["name"], ""


SERVICES = {"ec2": ec2, "s3": s3, "kms": kms, "glue": glue, "athena": athena, "iam": iam, "ecr": ecr, "secretsmanager": secretsmanager,
            "logs": logs, "cloudwatch": cloudwatch, "events": events, "sns": sns, "sqs": sqs, "lambda": functions, "ecs": ecs,
            "stepfunctions": stepfunctions, "scheduler": scheduler, "lakeformation": lakeformation, "backup": backup, "cloudtrail": cloudtrail, "s3tables": s3tables, "budgets": budgets, "ce": ce}
