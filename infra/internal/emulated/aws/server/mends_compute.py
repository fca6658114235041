"""Lambda and ECS."""

import base64
import json
import threading
import urllib.request


def apply(front):
    configuration()
    recursion()
    event_invocation()
    invocation(front)
    nat_interfaces()
    flow_logs()
    rule_descriptions()
    endpoint_routes()


def endpoint_routes():
    """moto gives route tables that a gateway endpoint is added to later no route, and then cannot delete the endpoint for
    want of it; AWS keeps the routes itself."""
    from moto.ec2.models.vpcs import VPCBackend

    modify = VPCBackend.modify_vpc_endpoint

    def modify_vpc_endpoint(self, vpc_id, *args, **kw):
        endpoint = self.describe_vpc_endpoints(vpc_end_point_ids=[vpc_id])[0]
        before = set(endpoint.route_table_ids or [])
        modify(self, vpc_id, *args, **kw)
        after = set(endpoint.route_table_ids or [])
        for table in after - before:
            self.create_route(table, None, gateway_id=endpoint.id, destination_prefix_list_id=endpoint.destination_prefix_list_id)
        for table in before - after:
            self.delete_route(table, endpoint.destination_prefix_list_id)

    VPCBackend.modify_vpc_endpoint = modify_vpc_endpoint


def configuration():
    """moto forgets these settings of a function, or changes of them, and answers with an empty ImageConfig where none
    was given; AWS keeps them, and answers with no ImageConfig."""
    from moto.awslambda.models import ImageConfig, LambdaFunction

    FORGOTTEN = ("LoggingConfig", "KMSKeyArn", "DeadLetterConfig")
    init, get, update = LambdaFunction.__init__, LambdaFunction.get_configuration, LambdaFunction.update_configuration

    def keep(self, spec):
        self.kept.update({k: spec[k] for k in FORGOTTEN if k in spec})

    def __init__(self, account_id, spec, *args, **kw):
        self.kept = {}
        init(self, account_id, spec, *args, **kw)
        keep(self, spec)

    def get_configuration(self, *args, **kw):
        config = get(self, *args, **kw)
        image = (config.get("ImageConfigResponse") or {}).get("ImageConfig")
        if image is not None and not any(image.values()):
            del config["ImageConfigResponse"]
        config.update({k: v for k, v in self.kept.items() if v})
        config.setdefault("LoggingConfig", {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{self.function_name}"})
        return config

    def update_configuration(self, updates):
        keep(self, updates)
        if "TracingConfig" in updates:
            self.tracing_config = updates["TracingConfig"]
        if "EphemeralStorage" in updates:
            self.ephemeral_storage = updates["EphemeralStorage"]["Size"]
        if "ImageConfig" in updates:
            self.image_config = ImageConfig(updates["ImageConfig"])
        return update(self, updates)

    for f in (__init__, get_configuration, update_configuration):
        setattr(LambdaFunction, f.__name__, f)


def recursion():
    """moto lacks both calls of the recursion setting; on AWS its default is Terminate."""
    from moto.awslambda import urls
    from moto.awslambda.responses import LambdaResponse

    def function(self):
        return self.backend.get_function(self.path.rstrip("/").split("/")[-2], None)

    def get_function_recursion_config(self):
        return json.dumps({"RecursiveLoop": getattr(function(self), "recursive_loop", "Terminate")})

    def put_function_recursion_config(self):
        function(self).recursive_loop = self.json_body["RecursiveLoop"]
        return json.dumps({"RecursiveLoop": self.json_body["RecursiveLoop"]})

    LambdaResponse.get_function_recursion_config = get_function_recursion_config
    LambdaResponse.put_function_recursion_config = put_function_recursion_config
    urls.url_paths[r"{0}/(?P<api_version>[^/]+)/functions/(?P<function_name>[\w_:%-]+)/recursion-config/?$"] = LambdaResponse.dispatch


def event_invocation():
    """moto keeps the first settings of asynchronous calls when they are put again; AWS the last."""
    from moto.awslambda.models import LambdaBackend

    put = LambdaBackend.put_function_event_invoke_config

    def put_function_event_invoke_config(self, function_name, config):
        self.get_function(function_name, None).event_invoke_config = []
        return put(self, function_name, config)

    LambdaBackend.put_function_event_invoke_config = put_function_event_invoke_config


def nat_interfaces():
    """moto leaves a NAT gateway's network interface behind; AWS deletes it with the gateway."""
    from moto.ec2.models.nat_gateways import NatGatewayBackend

    delete = NatGatewayBackend.delete_nat_gateway

    def delete_nat_gateway(self, nat_gateway_id):
        gateway = delete(self, nat_gateway_id)
        interface = getattr(gateway, "_eni", None)
        if interface is not None:
            self.enis.pop(interface.id, None)
        return gateway

    NatGatewayBackend.delete_nat_gateway = delete_nat_gateway


def flow_logs():
    """moto forgets a flow log's file format and partitions; AWS gives them back. moto takes a
    destination's folder for part of the bucket's name; AWS writes into the folder."""
    from moto.ec2.models.flow_logs import FlowLogsBackend
    from moto.ec2.responses.flow_logs import FlowLogs

    create = FlowLogs.create_flow_logs

    def create_flow_logs(self):
        r = create(self)
        options = self._get_param("DestinationOptions", {})
        for key in r.result["FlowLogIds"] if options else []:  # AWS gives none back where none were given
            self.ec2_backend.flow_logs[key].destination_options = options
        return r

    FlowLogs.create_flow_logs = create_flow_logs
    make = FlowLogsBackend.create_flow_logs

    def create_in_folder(self, *args, log_destination=None, **kw):
        bucket, slash, folder = (log_destination or "").partition("/")
        made, refused = make(self, *args, log_destination=bucket or log_destination, **kw)
        for log in made:
            log.log_destination = bucket + slash + folder
        return made, refused

    FlowLogsBackend.create_flow_logs = create_in_folder


def rule_descriptions():
    """moto forgets the description of a security group's rule that names a group or a prefix list; AWS gives it back."""
    from moto.ec2.models.security_groups import SecurityGroupRule

    init = SecurityGroupRule.__init__

    def remembering(self, ec2_backend, ip_protocol, group_id, from_port, to_port, ip_range, source_group=None, prefix_list_id=None, **kw):
        init(self, ec2_backend, ip_protocol, group_id, from_port, to_port, ip_range, source_group, prefix_list_id, **kw)
        self._named = (source_group or {}).get("Description") or (prefix_list_id or {}).get("Description")

    SecurityGroupRule.__init__ = remembering
    SecurityGroupRule.description = property(lambda self: self.ip_range.get("Description") or self._named)


def invocation(front):
    """moto echoes the event; here the image's own program runs, started by the Go side."""
    from moto.awslambda.models import LambdaFunction

    def run(fn, body):
        image = getattr(fn, "image_config", None)
        request = {
            "name": fn.function_name, "arn": fn.function_arn, "version": str(fn.version), "role": fn.role, "region": fn.region,
            "memory": int(fn.memory_size), "timeout": int(fn.timeout), "environment": fn.environment_vars or {},
            "image": (fn.code or {}).get("ImageUri", ""), "logGroup": fn.logs_group_name,
            "entrypoint": getattr(image, "entry_point", None) or [], "command": getattr(image, "cmd", None) or [],
            "workingDirectory": getattr(image, "working_directory", None) or "",
            "event": base64.b64encode(body).decode(),
        }
        req = urllib.request.Request(front + "/_emulated/invoke", json.dumps(request).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(req, timeout=1000) as resp:
            out = json.load(resp)
        try:
            fn.save_logs(out["log"])
        except Exception:  # no log group: AWS drops the lines as well
            pass
        return out

    def invoke(self, body, request_headers, response_headers):
        body = body.encode() if isinstance(body, str) else body or b"{}"
        if request_headers.get("X-Amz-Invocation-Type") == "DryRun":
            return b""
        if request_headers.get("X-Amz-Invocation-Type") == "Event":
            threading.Thread(target=run, args=(self, body), daemon=True).start()
            return b""
        out = run(self, body)
        response_headers["x-amz-executed-version"] = "$LATEST"
        response_headers["x-amz-log-result"] = base64.b64encode(out["log"].encode()[-4096:]).decode()
        if out["functionError"]:
            response_headers["x-amz-function-error"] = out["functionError"]
        return base64.b64decode(out["payload"])

    LambdaFunction.invoke = invoke
