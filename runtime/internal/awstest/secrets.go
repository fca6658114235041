package awstest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

type secrets struct {
	byName map[string]*secret
	made   int
}

type secret struct {
	name, arn, value, version string
	set                       bool
	tags                      map[string]string
}

// Secret makes a secret without a value, as infra does, and gives its ARN.
func (a *AWS) Secret(name string) (arn string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	arn = fmt.Sprintf("arn:aws:secretsmanager:%s:%s:secret:%s-AbCdEf", Region, Account, name)
	a.secrets.byName[name] = &secret{name: name, arn: arn}
	return arn
}

// TagSecret makes a secret without a value that has tags, and gives its ARN.
func (a *AWS) TagSecret(name string, tags map[string]string) (arn string) {
	arn = a.Secret(name)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.secrets.byName[name].tags = tags
	return arn
}

// SetSecret gives a secret a value.
func (a *AWS) SetSecret(name, value string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.secrets.set(a.secrets.byName[name], value)
}

// SecretValue is a secret's value, by its name or ARN; false if it has none.
func (a *AWS) SecretValue(id string) (string, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.secrets.find(id)
	if s == nil {
		return "", false
	}
	return s.value, s.set
}

func (s *secrets) set(to *secret, value string) {
	s.made++
	to.value, to.set, to.version = value, true, fmt.Sprintf("00000000-0000-4000-8000-%012d", s.made)
}

func (s *secrets) find(id string) *secret {
	for _, one := range s.byName {
		if one.name == id || one.arn == id {
			return one
		}
	}
	return nil
}

func (s *secret) describe() object {
	o := object{"ARN": s.arn, "Name": s.name, "CreatedDate": now()}
	tags := []object{}
	for _, k := range slices.Sorted(maps.Keys(s.tags)) {
		tags = append(tags, object{"Key": k, "Value": s.tags[k]})
	}
	o["Tags"] = tags
	if s.set {
		o["VersionIdsToStages"] = object{s.version: []string{"AWSCURRENT"}}
		o["SecretVersionsToStages"] = object{s.version: []string{"AWSCURRENT"}} // ListSecrets' word for it
	}
	return o
}

func (s *secrets) serve(c *call, out *answer) {
	if c.Action == "ListSecrets" {
		s.list(c, out)
		return
	}
	one := s.find(c.text("SecretId"))
	if one == nil {
		out.fail(c, 400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
		return
	}
	switch c.Action {
	case "DescribeSecret":
		out.json(one.describe())
	case "PutSecretValue":
		s.set(one, c.text("SecretString"))
		out.json(object{"ARN": one.arn, "Name": one.name, "VersionId": one.version, "VersionStages": []string{"AWSCURRENT"}})
	case "GetSecretValue":
		if !one.set {
			out.fail(c, 400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT")
			return
		}
		out.json(object{"ARN": one.arn, "Name": one.name, "SecretString": one.value, "VersionId": one.version,
			"VersionStages": []string{"AWSCURRENT"}, "CreatedDate": now()})
	default:
		out.fail(c, 400, "InvalidRequestException", "awstest has no Secrets Manager action %s", c.Action)
	}
}

// list answers a page of those that pass the filters.
func (s *secrets) list(c *call, out *answer) {
	var names []string
	for _, n := range slices.Sorted(maps.Keys(s.byName)) {
		if s.byName[n].passes(c.input["Filters"]) {
			names = append(names, n)
		}
	}
	from, _ := slices.BinarySearch(names, c.text("NextToken"))
	to := min(from+gluePage, len(names))
	items := make([]object, 0, gluePage)
	for _, n := range names[from:to] {
		items = append(items, s.byName[n].describe())
	}
	page := object{"SecretList": items}
	if to < len(names) {
		page["NextToken"] = names[to]
	}
	out.json(page)
}

// passes says whether a secret has, for each filter, a name, a tag's key or a
// tag's value that begins with one of the filter's values.
func (s *secret) passes(filters any) bool {
	list, _ := filters.([]any)
	for _, f := range list {
		one, _ := f.(object)
		values, _ := one["Values"].([]any)
		have := map[any][]string{"name": {s.name}, "tag-key": slices.Collect(maps.Keys(s.tags)), "tag-value": slices.Collect(maps.Values(s.tags))}
		begins := func(text string) bool {
			return slices.ContainsFunc(values, func(v any) bool { return strings.HasPrefix(text, fmt.Sprint(v)) })
		}
		if texts, known := have[one["Key"]]; known && !slices.ContainsFunc(texts, begins) {
			return false
		}
	}
	return true
}
