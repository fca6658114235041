package policy

import (
	"fmt"
	"slices"
	"strings"
)

const (
	taskType      = "ecs/taskDefinition:TaskDefinition"
	clusterType   = "ecs/cluster:Cluster"
	providersType = "ecs/clusterCapacityProviders:ClusterCapacityProviders"
)

var taskRules = []Rule{
	{Row: 60, Title: "nothing waits for work: tasks run in workflows, there is no service", Severity: Must,
		Fix: "run the task from a workflow's step", Check: absent("a step of a workflow that runs the task", "ecs/service:Service")},
	{Row: 61, Title: "tasks have no public address", IDs: []string{"ECS.2", "CKV_AWS_333"}, Severity: Must,
		Fix: "set network.egress to endpoints or nat", Check: privateTasks},
	{Row: 62, Title: "a container's root file system is read-only, with a volume for /tmp", IDs: []string{"ECS.5", "CKV_AWS_336"}, Severity: Must,
		Fix: "set readonlyRootFilesystem and mount a volume at /tmp", Check: containers(readOnly)},
	{Row: 63, Title: "containers run as nobody in particular, and share nothing with their host", IDs: []string{"ECS.1", "ECS.3", "ECS.4", "CKV_AWS_334", "CKV_AWS_335"}, Severity: Must,
		Fix: "set a user other than root, no privileges, networkMode awsvpc and no pidMode", Check: unprivileged},
	{Row: 64, Title: "what starts a task is another role than the task's", IDs: []string{"CKV_AWS_249"}, Severity: Must,
		Fix: "give the task an execution role of its own", Check: twoRoles},
	{Row: 65, Title: "a container's environment holds no secret", IDs: []string{"ECS.8"}, Severity: Must,
		Fix: "put it into Secrets Manager and name its ARN", Check: containers(noSecrets)},
	{Row: 66, Title: "containers log to a log group of the stack and never wait for it", IDs: []string{"ECS.9", "CKV_AWS_66"}, Severity: Must,
		Fix: "set logDriver awslogs, the group, and mode non-blocking", Check: taskLogs},
	{Row: 67, Title: "tasks run on spare capacity first, on demand when that is taken away, and on the stack's architecture", IDs: []string{"ECS.10", "CKV_AWS_332"}, Severity: Prod,
		Fix: "give the cluster FARGATE_SPOT and FARGATE", Check: spareFirst},
	{Row: 68, Title: "clusters have Container Insights", IDs: []string{"ECS.12", "CKV_AWS_65"}, Severity: Prod,
		Fix: "enable containerInsights", Check: insights},
	{Row: 69, Title: "nobody opens a shell in a task", IDs: []string{"CKV_AWS_223", "CKV_AWS_224"}, Severity: Must,
		Fix: "set EnableExecuteCommand to false", Check: noShell},
	{Row: 70, Title: "tasks have time to stop, a disk of a known size, and a process that buries others", Severity: Must,
		Fix: "set stopTimeout, ephemeralStorage and initProcessEnabled", Check: orderly},
}

// absent finds what a stack ought not to have at all.
func absent(right string, tokens ...string) func(*Plan) []Finding {
	return func(p *Plan) []Finding {
		return each(p.of(tokens...), func(r resource) []Finding {
			return one(broken(r, "(that it is here)", strings.TrimPrefix(r.Type, "aws:"), "%s", right))
		})
	}
}

// containers looks at each container of each task.
func containers(look func(p *Plan, t resource, c map[string]any, path string) []Finding) func(*Plan) []Finding {
	return func(p *Plan) []Finding {
		return each(p.of(taskType), func(t resource) []Finding {
			var all []Finding
			for _, c := range t.containers {
				all = append(all, look(p, t, c, fmt.Sprintf("containerDefinitions: %v: ", c["name"]))...)
			}
			return all
		})
	}
}

func privateTasks(p *Plan) []Finding {
	var all []Finding
	for _, s := range p.steps() {
		if !s.is("ecs:runTask") {
			continue
		}
		const property = "NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp"
		if v := s.calls(property); v != "DISABLED" {
			all = append(all, s.broken(property, v, "DISABLED"))
		}
	}
	return all
}

func readOnly(_ *Plan, t resource, c map[string]any, path string) []Finding {
	var all []Finding
	if c["readonlyRootFilesystem"] != true {
		all = append(all, broken(t, path+"readonlyRootFilesystem", c["readonlyRootFilesystem"], "true"))
	}
	mounts, _ := c["mountPoints"].([]any)
	if !slices.ContainsFunc(mounts, func(m any) bool { return at(m, "containerPath") == "/tmp" && at(m, "readOnly") != true }) {
		all = append(all, broken(t, path+"mountPoints", c["mountPoints"], "a volume at /tmp"))
	}
	return all
}

func unprivileged(p *Plan) []Finding {
	all := containers(func(_ *Plan, t resource, c map[string]any, path string) []Finding {
		var found []Finding
		user, _ := c["user"].(string)
		if name, _, _ := strings.Cut(user, ":"); name == "" || name == "root" || name == "0" {
			found = append(found, broken(t, path+"user", user, "a user other than root"))
		}
		if c["privileged"] == true {
			found = append(found, broken(t, path+"privileged", true, "false"))
		}
		return found
	})(p)
	return append(all, each(p.of(taskType), func(t resource) []Finding {
		found := append(t.want("networkMode", "awsvpc"), t.want("requiresCompatibilities", "[FARGATE]")...)
		for _, mode := range []string{"pidMode", "ipcMode"} {
			if v := t.text(mode); v != "" {
				found = append(found, broken(t, mode, v, "nothing"))
			}
		}
		return found
	})...)
}

func twoRoles(p *Plan) []Finding {
	return each(p.of(taskType), func(t resource) []Finding {
		if task := t.text("taskRoleArn"); task == "" || task == t.text("executionRoleArn") {
			return one(broken(t, "taskRoleArn", task, "a role other than executionRoleArn"))
		}
		return nil
	})
}

func noSecrets(_ *Plan, t resource, c map[string]any, path string) []Finding {
	values := map[string]any{}
	list, _ := c["environment"].([]any)
	for _, v := range list {
		values[fmt.Sprint(at(v, "name"))] = at(v, "value")
	}
	var all []Finding
	for _, name := range plainSecrets(values) {
		all = append(all, broken(t, path+"environment."+name, "a value", "secrets: with the ARN, or the ARN itself"))
	}
	return all
}

func taskLogs(p *Plan) []Finding {
	return containers(func(p *Plan, t resource, c map[string]any, path string) []Finding {
		const options = "logConfiguration.options."
		var all []Finding
		if v := at(c, "logConfiguration.logDriver"); v != "awslogs" {
			all = append(all, broken(t, path+"logConfiguration.logDriver", v, "awslogs"))
		}
		if v := at(c, options+"mode"); v != "non-blocking" {
			all = append(all, broken(t, path+options+"mode", v, "non-blocking: a task that cannot log goes on"))
		}
		group, _ := at(c, options+"awslogs-group").(string)
		if !p.ours(logGroupType, group) {
			all = append(all, broken(t, path+options+"awslogs-group", group, "a log group of the stack"))
		}
		return all
	})(p)
}

func spareFirst(p *Plan) []Finding {
	architecture := map[string]string{"arm64": "ARM64", "x86_64": "X86_64"}[p.Stack.Platform.Architecture]
	all := want(taskType, "runtimePlatform.cpuArchitecture", architecture)(p)
	for _, c := range p.of(clusterType) {
		all = append(all, p.beside(c, providersType, "clusterName", func(r resource) []Finding {
			var found []Finding
			for _, provider := range []string{"FARGATE", "FARGATE_SPOT"} {
				if !slices.Contains(r.list("capacityProviders"), any(provider)) {
					found = append(found, broken(r, "capacityProviders", r.list("capacityProviders"), "%s among them", provider))
				}
			}
			return found
		})...)
	}
	for _, s := range p.steps() {
		if v := s.calls("PlatformVersion"); s.is("ecs:runTask") && v != "" && v != "LATEST" {
			all = append(all, s.broken("PlatformVersion", v, "LATEST"))
		}
	}
	return all
}

func insights(p *Plan) []Finding {
	return each(p.of(clusterType), func(c resource) []Finding {
		for _, s := range c.list("settings") {
			if at(s, "name") == "containerInsights" && (at(s, "value") == "enabled" || at(s, "value") == "enhanced") {
				return nil
			}
		}
		return one(broken(c, "settings.containerInsights", c.get("settings"), "enabled"))
	})
}

func noShell(p *Plan) []Finding {
	all := each(p.of(clusterType), func(c resource) []Finding {
		const property = "configuration.executeCommandConfiguration"
		if c.get(property) == nil {
			return nil
		}
		found := p.keyed(c, property+".kmsKeyId")
		if c.text(property+".logging") != "OVERRIDE" {
			found = append(found, broken(c, property+".logging", c.get(property+".logging"), "nothing at all, or OVERRIDE to an encrypted log group"))
		}
		return found
	})
	for _, s := range p.steps() {
		if v := at(s.state, "Parameters.EnableExecuteCommand"); s.is("ecs:runTask") && v == true {
			all = append(all, s.broken("EnableExecuteCommand", v, "false"))
		}
	}
	return all
}

func orderly(p *Plan) []Finding {
	all := containers(func(_ *Plan, t resource, c map[string]any, path string) []Finding {
		var found []Finding
		if number(c["stopTimeout"]) == 0 {
			found = append(found, broken(t, path+"stopTimeout", "", "seconds"))
		}
		if at(c, "linuxParameters.initProcessEnabled") != true {
			found = append(found, broken(t, path+"linuxParameters.initProcessEnabled", at(c, "linuxParameters.initProcessEnabled"), "true"))
		}
		return found
	})(p)
	return append(all, each(p.of(taskType), func(t resource) []Finding {
		if t.number("ephemeralStorage.sizeInGib") > 0 {
			return nil
		}
		return one(broken(t, "ephemeralStorage.sizeInGib", "", "the size in GB"))
	})...)
}
