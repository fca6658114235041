package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

const functionType = "lambda/function:Function"

var functionRules = []Rule{
	{Row: 40, Title: "functions run an image by digest on the stack's architecture, in a memory that is said, and end before their caller gives up", IDs: []string{"Lambda.2", "CKV_AWS_363"}, Severity: Must,
		Fix: "set architectures, memorySize and timeout; the step's TimeoutSeconds is larger", Check: bounded},
	{Row: 41, Title: "functions reserve concurrency", IDs: []string{"CKV_AWS_115", "W92"}, Severity: Must,
		Fix: "set reserved_concurrency of the source in pipelines.yaml", Check: reserved},
	{Row: 42, Title: "events that a function fails at are kept", IDs: []string{"CKV_AWS_116"}, Severity: Must,
		Fix: "give the function a FunctionEventInvokeConfig with onFailure, an age and a number of retries", Check: failedEvents},
	{Row: 43, Title: "each function logs JSON to a log group of its own", IDs: []string{"CKV_AWS_66", "W84", "W86", "W58"}, Severity: Must,
		Fix: "set loggingConfig to JSON and a log group of the stack", Check: ownLogs},
	{Row: 44, Title: "functions are traced", IDs: []string{"Lambda.7", "CKV_AWS_50"}, Severity: Must,
		Fix: "set tracingConfig.mode to Active", Check: want(functionType, "tracingConfig.mode", "Active")},
	{Row: 45, Title: "environment variables are encrypted by a key of the stack's and hold no secret", IDs: []string{"CKV_AWS_173", "CKV_AWS_45"}, Severity: Must,
		Fix: "set kmsKeyArn; put the secret into Secrets Manager and its ARN into the variable", Check: variables},
	{Row: 46, Title: "a function in a network is in two zones", IDs: []string{"Lambda.3", "CKV_AWS_117", "W89"}, Severity: Offered,
		Fix: "name two subnets and a security group, or leave vpcConfig out", Check: inNetwork},
	{Row: 47, Title: "who may call a function is named", IDs: []string{"Lambda.1", "CKV_AWS_364", "F13", "W24"}, Severity: Must,
		Fix: "set principal, sourceArn and sourceAccount of the Permission", Check: callers},
	{Row: 49, Title: "a function that calls itself is stopped", Severity: Must,
		Fix: "give the function a FunctionRecursionConfig that terminates", Check: func(p *Plan) []Finding {
			return each(p.of(functionType), func(f resource) []Finding {
				return p.beside(f, "lambda/functionRecursionConfig:FunctionRecursionConfig", "functionName", func(c resource) []Finding { return c.want("recursiveLoop", "Terminate") })
			})
		}},
}

func bounded(p *Plan) []Finding {
	return each(p.of(functionType), func(f resource) []Finding {
		all := f.want("architectures.0", p.Stack.Platform.Architecture)
		if f.number("memorySize") == 0 {
			all = append(all, broken(f, "memorySize", "", "the size in MB"))
		}
		if f.text("packageType") != "Image" {
			all = append(all, broken(f, "packageType", f.text("packageType"), "Image"))
		}
		for _, s := range p.steps() {
			if !slices.Contains(f.names(), strings.TrimSuffix(s.calls("FunctionName"), ":$LATEST")) {
				continue
			}
			if limit := number(s.state["TimeoutSeconds"]); limit > 0 && limit <= f.number("timeout") {
				all = append(all, broken(f, "timeout", f.number("timeout"), "less than %g, when step %s of %s gives up", limit, s.name, s.machine.text("name")))
			}
		}
		return all
	})
}

func reserved(p *Plan) []Finding {
	return each(p.of(functionType), func(f resource) []Finding {
		if f.number("reservedConcurrentExecutions") > 0 {
			return nil
		}
		return one(broken(f, "reservedConcurrentExecutions", f.get("reservedConcurrentExecutions"), "1 or more"))
	})
}

func failedEvents(p *Plan) []Finding {
	return each(p.of(functionType), func(f resource) []Finding {
		return p.beside(f, "lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "functionName", func(c resource) []Finding {
			var all []Finding
			for _, property := range []string{"destinationConfig.onFailure.destination", "maximumEventAgeInSeconds", "maximumRetryAttempts"} {
				if c.get(property) == nil {
					all = append(all, broken(c, property, "", "a value: AWS's own default loses the event after 6 hours"))
				}
			}
			const to = "destinationConfig.onFailure.destination"
			if c.get(to) != nil && !p.ours(queueType, c.text(to)) {
				all = append(all, broken(c, to, c.get(to), "a queue of the stack"))
			}
			return all
		})
	})
}

func ownLogs(p *Plan) []Finding {
	used := map[string]string{}
	return each(p.of(functionType), func(f resource) []Finding {
		all := f.want("loggingConfig.logFormat", "JSON")
		group := f.text("loggingConfig.logGroup")
		if !p.ours(logGroupType, group) {
			return append(all, broken(f, "loggingConfig.logGroup", group, "a log group of the stack"))
		}
		if other, taken := used[group]; taken {
			all = append(all, broken(f, "loggingConfig.logGroup", group, "a log group of its own: it is that of %s", other))
		}
		used[group] = f.Name
		return all
	})
}

// secretName is what a variable is called that likely holds a secret.
var secretName = regexp.MustCompile(`(?i)(secret|password|passwd|token|api_?key|access_?key|private_?key|credential)`)

// plainSecrets are the names of variables that hold a secret's value and not its ARN.
func plainSecrets(variables map[string]any) []string {
	var all []string
	for name, v := range variables {
		if text := fmt.Sprint(v); secretName.MatchString(name) && !strings.HasPrefix(text, "arn:") {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

func variables(p *Plan) []Finding {
	return each(p.of(functionType), func(f resource) []Finding {
		all := p.keyed(f, "kmsKeyArn")
		values, _ := f.get("environment.variables").(map[string]any)
		for _, name := range plainSecrets(values) {
			all = append(all, broken(f, "environment.variables."+name, "a value", "the ARN of a secret"))
		}
		return all
	})
}

func inNetwork(p *Plan) []Finding {
	return each(p.of(functionType), func(f resource) []Finding {
		if f.get("vpcConfig") == nil {
			return nil
		}
		var all []Finding
		if n := len(f.list("vpcConfig.subnetIds")); n < 2 {
			all = append(all, broken(f, "vpcConfig.subnetIds", fmt.Sprintf("%d subnets", n), "2 or more, in different zones"))
		}
		if len(f.list("vpcConfig.securityGroupIds")) == 0 {
			all = append(all, broken(f, "vpcConfig.securityGroupIds", "", "a group"))
		}
		return all
	})
}

func callers(p *Plan) []Finding {
	all := absent("a step or a rule that calls the function by a role", "lambda/functionUrl:FunctionUrl")(p)
	return append(all, each(p.of("lambda/permission:Permission"), func(r resource) []Finding {
		var all []Finding
		if who := r.text("principal"); who == "*" || who == "" {
			all = append(all, broken(r, "principal", who, "a service or an account"))
		}
		for _, property := range []string{"sourceArn", "sourceAccount"} {
			if v := r.text(property); v == "" || v == "*" {
				all = append(all, broken(r, property, v, "what calls it, in this account"))
			}
		}
		return all
	})...)
}
