package policy

import (
	"fmt"
	"slices"
	"strings"
)

const workgroupType = "athena/workgroup:Workgroup"

// day is how many seconds an alarm of a day's sum is about.
const day = 86400

// least is the smallest cap that Athena takes, in bytes.
const least = 10_000_000

var athenaRules = []Rule{
	{Row: 82, Title: "models and people have workgroups of their own, and nobody uses primary", Severity: Must,
		Fix: "name a workgroup of the stack in the role's policy", Check: workgroups},
	{Row: 83, Title: "a workgroup's settings hold for every query", IDs: []string{"CKV_AWS_82"}, Severity: Must,
		Fix: "set enforceWorkgroupConfiguration", Check: sql(func(_ *Plan, w resource) []Finding {
			return w.want("configuration.enforceWorkgroupConfiguration", true)
		})},
	{Row: 84, Title: "answers are encrypted, in a bucket of this account", IDs: []string{"Athena.1", "CKV_AWS_159", "CKV_AWS_77"}, Severity: Must,
		Fix: "set the encryption of results and expectedBucketOwner", Check: sql(answers)},
	{Row: 85, Title: "workgroups are measured", IDs: []string{"Athena.4"}, Severity: Must,
		Fix: "set publishCloudwatchMetricsEnabled", Check: sql(func(_ *Plan, w resource) []Finding {
			return w.want("configuration.publishCloudwatchMetricsEnabled", true)
		})},
	{Row: 86, Title: "a query may read so much, another limit for each workgroup, and a day's sum rings a bell", Severity: Must,
		Fix: "set bytesScannedCutoffPerQuery and give the workgroup an alarm of ProcessedBytes", Check: caps},
	{Row: 87, Title: "a Spark workgroup has a role of the stack's and encrypts what it computes", Severity: Offered,
		Fix: "set executionRole and the encryption of results", Check: spark},
}

// isSpark says whether a workgroup is for notebooks, which have no SQL limits.
func isSpark(w resource) bool {
	return strings.HasPrefix(w.text("configuration.engineVersion.selectedEngineVersion"), "PySpark")
}

// sql looks at each workgroup that is for SQL.
func sql(look func(*Plan, resource) []Finding) func(*Plan) []Finding {
	return func(p *Plan) []Finding {
		return each(p.of(workgroupType), func(w resource) []Finding {
			if isSpark(w) {
				return nil
			}
			return look(p, w)
		})
	}
}

func workgroups(p *Plan) []Finding {
	all := sql(func(p *Plan, w resource) []Finding {
		if w.text("name") == "primary" || w.text("state") == "DISABLED" {
			return one(broken(w, "name", w.text("name"), "an enabled workgroup of the stack's"))
		}
		return nil
	})(p)
	count := len(p.of(workgroupType))
	for _, r := range p.rolePolicies() {
		for _, s := range r.policies["policy"] {
			if !s.allows() || !s.has("athena:StartQueryExecution") {
				continue
			}
			if count < 2 {
				all = append(all, broken(r, s.name("policy"), fmt.Sprintf("%d workgroups for everybody", count), "one for models, another for people"))
			}
			for _, arn := range s.Resource {
				if !slices.ContainsFunc(p.of(workgroupType), func(w resource) bool { return w.ARN == arn }) {
					all = append(all, broken(r, s.name("policy"), "queries in "+arn, "a workgroup of the stack's"))
				}
			}
		}
	}
	return all
}

// results is where a workgroup says what becomes of its answers.
const results = "configuration.resultConfiguration."

// sealed finds answers that are not in a bucket of the stack, or not encrypted
// by a key of the stack's.
func (p *Plan) sealed(w resource) []Finding {
	all := append(w.want(results+"encryptionConfiguration.encryptionOption", "SSE_KMS"), p.keyed(w, results+"encryptionConfiguration.kmsKeyArn")...)
	location := w.text(results + "outputLocation")
	if bucket, _ := split(location); len(p.bucketsOf(bucket)) == 0 {
		all = append(all, broken(w, results+"outputLocation", location, "a bucket of the stack"))
	}
	return all
}

func answers(p *Plan, w resource) []Finding {
	return append(p.sealed(w), w.want(results+"expectedBucketOwner", w.account())...)
}

func caps(p *Plan) []Finding {
	taken := map[float64]string{}
	return sql(func(p *Plan, w resource) []Finding {
		const property = "configuration.bytesScannedCutoffPerQuery"
		var all []Finding
		limit := w.number(property)
		if limit < least {
			all = append(all, broken(w, property, w.get(property), "%d bytes or more", least))
		}
		if other, ok := taken[limit]; ok {
			all = append(all, broken(w, property, fmt.Sprintf("%.0f", limit), "another figure than that of %s", other))
		}
		taken[limit] = w.text("name")
		perDay := float64(p.Stack.Platform.Athena.GBPerDay) * 1e9
		if !p.rings("AWS/Athena", "ProcessedBytes", "WorkGroup", w.text("name"), func(a resource) bool {
			return a.number("threshold") <= perDay && a.above() && a.text("statistic") == "Sum" && a.number("period") == day
		}) {
			all = append(all, broken(w, "MetricAlarm", "none", "an alarm of a day's sum of ProcessedBytes, %.0f or less (athena.gb_per_day)", perDay))
		}
		return all
	})(p)
}

func spark(p *Plan) []Finding {
	return each(p.of(workgroupType), func(w resource) []Finding {
		if !isSpark(w) {
			return nil
		}
		// The provider cannot set the key of notebooks' text (customerContentEncryptionConfiguration), nor the end of a session.
		all := p.sealed(w)
		if !p.ours(roleType, w.text("configuration.executionRole")) {
			all = append(all, broken(w, "configuration.executionRole", w.get("configuration.executionRole"), "a role of the stack's"))
		}
		return all
	})
}
