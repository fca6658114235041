package demand

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/floe-data/floe/infra/internal/rights"
)

// names are what calls name differently each time, and how a line of a golden
// file has it: tables and files of a schema, and the end of a secret's ARN.
var names = []struct {
	is  *regexp.Regexp
	the string
}{
	{regexp.MustCompile(`^(arn:aws:s3:::[^/]+/[^/]+/).+$`), "${1}*"},
	{regexp.MustCompile(`^(arn:aws:glue:[^:]*:[^:]*:table/[^/]+/).+$`), "${1}*"},
	{regexp.MustCompile(`^(arn:aws:secretsmanager:.*)-[A-Za-z0-9]{6}$`), "${1}-??????"},
}

// shared are what a deployment names: of what the stack owns, the beginning.
var shared = []struct {
	is  *regexp.Regexp
	the string
}{
	{regexp.MustCompile(`^(arn:aws:ec2:[^:]*:[^:]*:[a-z-]+/).*$`), "${1}*"},
	{regexp.MustCompile(`^(arn:aws:kms:[^:]*:[^:]*:key/).*$`), "${1}*"},
	{regexp.MustCompile(`^(arn:aws:ce::[^:]*:anomaly(monitor|subscription)/).*$`), "${1}*"},
	{regexp.MustCompile(`^(arn:aws:backup:[^:]*:[^:]*:(backup|restore-testing)-plan:).*$`), "${1}*"},
}

// ec2Types are the kinds of what EC2's tags are put on, by how ids begin.
var ec2Types = map[string]string{"sg": "security-group", "sgr": "security-group-rule", "vpc": "vpc", "subnet": "subnet", "rtb": "route-table",
	"igw": "internet-gateway", "vpce": "vpc-endpoint", "fl": "vpc-flow-log", "eipalloc": "elastic-ip", "nat": "natgateway"}

// Calls are the lines of a golden file: each call once, sorted, without what
// differs from run to run.
func Calls(all []rights.Request) []string {
	var lines []string
	for _, r := range all {
		for _, n := range names {
			r.Resource = n.is.ReplaceAllString(r.Resource, n.the)
		}
		if prefix := r.Context["s3:prefix"]; len(prefix) > 0 {
			schema, _, _ := strings.Cut(prefix[0], "/")
			r.Context = with(r.Context, rights.Context{"s3:prefix": {schema + "/*"}})
		}
		lines = append(lines, r.String())
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// Deployment are the lines of what deploys project and stack: names are cut
// to what all names of the stack begin with.
func Deployment(all []rights.Request, project, stack string) []string {
	hyphens, low := project+"-"+stack, strings.ReplaceAll(project+"_"+stack, "-", "_")+"_"
	own := regexp.MustCompile(`([/:])(` + regexp.QuoteMeta(hyphens) + `|` + regexp.QuoteMeta(low) + `)(.*)$`)
	short := func(arn string) string {
		arn = tagged(arn)
		for _, n := range shared {
			arn = n.is.ReplaceAllString(arn, n.the)
		}
		m := own.FindStringSubmatch(arn)
		if m == nil {
			return arn
		}
		return arn[:len(arn)-len(m[0])] + m[1] + m[2] + ending(m[3], strings.HasPrefix(arn, "arn:aws:s3:"))
	}
	var lines []string
	for _, r := range all {
		r.Resource = short(r.Resource)
		r.Context = maps.Clone(r.Context)
		delete(r.Context, "s3:prefix")
		lines = append(lines, r.String())
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// ending is what stands for the end of names: of things of the stack's own name
// (a cluster) nothing, of what is below such a one (a schedule in its group) all.
func ending(rest string, files bool) string {
	switch {
	case rest == "":
		return ""
	case strings.HasPrefix(rest, "/"):
		return "/*"
	case strings.HasPrefix(rest, "-") && files && strings.Contains(rest, "/"):
		return "-*/*"
	case strings.HasPrefix(rest, "-"):
		return "-*"
	}
	return "*" // of a database: its beginning ends with an underscore
}

// tagged finds the type of what EC2 puts tags on, which a call names by id only.
func tagged(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[2] != "ec2" || strings.Contains(parts[5], "/") {
		return arn
	}
	begin, _, _ := strings.Cut(parts[5], "-")
	if kind := ec2Types[begin]; kind != "" {
		parts[5] = kind + "/*"
	}
	return strings.Join(parts, ":")
}

// Parse reads a golden file's lines.
func Parse(text string) ([]rights.Request, error) {
	var all []rights.Request
	for n, line := range strings.Split(strings.TrimSpace(text), "\n") {
		words := strings.Fields(line)
		if len(words) < 2 || !strings.Contains(words[0], ":") {
			return nil, fmt.Errorf("line %d: %q: service:Action and a resource would be right", n+1, line)
		}
		r := rights.Request{Action: words[0], Resource: words[1]}
		for _, word := range words[2:] {
			key, value, ok := strings.Cut(word, "=")
			if !ok {
				return nil, fmt.Errorf("line %d: %q is no key=value", n+1, word)
			}
			r.Context = with(r.Context, rights.Context{key: {value}})
		}
		all = append(all, r)
	}
	return all, nil
}
