package policy

import (
	"slices"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/live"
)

const (
	logGroupType = "cloudwatch/logGroup:LogGroup"
	filterType   = "cloudwatch/logMetricFilter:LogMetricFilter"
)

// year is how many days a log of production is kept at least.
const year = 365

var logRules = []Rule{
	{Row: 116, Title: "logs are encrypted, go some day, in production after a year, and hide what is personal", IDs: []string{"CKV_AWS_66", "CKV_AWS_158", "CKV_AWS_338", "W84", "W86"}, Severity: Must,
		Fix: "make the group by operations.LogGroup; set retention.logs_days to 365 or more in production", Check: logGroups},
}

func logGroups(p *Plan) []Finding {
	least := 1.0
	if p.Stack.Name == live.Production {
		least = year
	}
	all := each(p.of(logGroupType), func(g resource) []Finding {
		all := p.keyed(g, "kmsKeyId")
		if days := g.number("retentionInDays"); days < least {
			all = append(all, broken(g, "retentionInDays", g.get("retentionInDays"), "%g days or more", least))
		}
		return all
	})
	return append(all, p.unmasked()...)
}

const (
	dataClass = "floe:data-class"
	personal  = "personal"
)

// personal says whether what a program of a source reads is personal; "" is a
// program of all sources.
func (p *Plan) personal(source string) bool {
	return slices.ContainsFunc(p.of(databaseType), func(d resource) bool {
		schema, _ := d.get("parameters").(map[string]any)[environment.ParameterSchema].(string)
		return d.tag(dataClass) == personal && (source == "" || schema == "landing_"+source)
	})
}

// programs are functions and tasks by their log groups.
func (p *Plan) programs() map[string]resource {
	programs := map[string]resource{}
	for _, f := range p.of(functionType) {
		programs[f.text("loggingConfig.logGroup")] = f
	}
	for _, t := range p.of(taskType) {
		for _, c := range t.containers {
			group, _ := at(c, "logConfiguration.options.awslogs-group").(string)
			programs[group] = t
		}
	}
	return programs
}

// unmasked finds logs of programs that read what is personal and that hide none of it.
func (p *Plan) unmasked() []Finding {
	programs := p.programs()
	return each(p.of(logGroupType), func(g resource) []Finding {
		program, ok := programs[g.text("name")]
		if !ok || !p.personal(program.tag(pipelineTag)) {
			return nil
		}
		return p.beside(g, "cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy", "logGroupName", func(resource) []Finding { return nil })
	})
}
