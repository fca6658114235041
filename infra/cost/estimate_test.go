package cost

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/floe-data/floe/infra/plan"
	"github.com/floe-data/floe/runtime/fault"
)

func planned(kind, name string, inputs map[string]any) plan.Resource {
	return plan.Resource{Type: kind, Name: name, Inputs: inputs}
}

// estimated is what resources cost in us-east-1, where no factor is in the figures.
func estimated(t *testing.T, resources ...plan.Resource) *Estimate {
	t.Helper()
	e, err := New(resources, Args{Stack: "dev", Region: home, Models: 10})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestIdle(t *testing.T) {
	three := []any{"a", "b", "c"}
	metric := map[string]any{"id": "m1", "metric": map[string]any{"metricName": "x"}}
	for name, tc := range map[string]struct {
		resource plan.Resource
		want     float64
	}{
		"key":                 {planned("aws:kms/key:Key", "k", nil), 1},
		"secret":              {planned("aws:secretsmanager/secret:Secret", "s", nil), 0.40},
		"interface endpoint":  {planned("aws:ec2/vpcEndpoint:VpcEndpoint", "e", map[string]any{"vpcEndpointType": "Interface", "subnetIds": three}), 21.90},
		"gateway endpoint":    {planned("aws:ec2/vpcEndpoint:VpcEndpoint", "e", map[string]any{"vpcEndpointType": "Gateway"}), 0},
		"NAT gateway":         {planned("aws:ec2/natGateway:NatGateway", "n", nil), 32.85},
		"address":             {planned("aws:ec2/eip:Eip", "n", nil), 3.65},
		"alarm":               {planned("aws:cloudwatch/metricAlarm:MetricAlarm", "a", map[string]any{"metricName": "x"}), 0.10},
		"alarm of two":        {planned("aws:cloudwatch/metricAlarm:MetricAlarm", "a", map[string]any{"metricQueries": []any{map[string]any{"id": "all"}, metric, metric}}), 0.20},
		"composite alarm":     {planned("aws:cloudwatch/compositeAlarm:CompositeAlarm", "a", nil), 0.50},
		"log group":           {planned("aws:cloudwatch/logGroup:LogGroup", "l", map[string]any{"retentionInDays": 365.0}), 0.01 * (0.50 + 0.03*365/30)},
		"insights off":        {planned("aws:ecs/cluster:Cluster", "c", map[string]any{"settings": []any{map[string]any{"name": "containerInsights", "value": "disabled"}}}), 0},
		"insights on":         {planned("aws:ecs/cluster:Cluster", "c", map[string]any{"settings": []any{map[string]any{"name": "containerInsights", "value": "enabled"}}}), 6},
		"repository":          {planned("aws:ecr/repository:Repository", "r", nil), 0.08},
		"bucket":              {planned("aws:s3/bucketV2:BucketV2", "b", nil), 0.023},
		"table bucket":        {planned("aws:s3tables/tableBucket:TableBucket", "b", nil), 0.0265 + 0.025},
		"replica":             {planned("aws:s3/bucketReplicationConfig:BucketReplicationConfig", "b", nil), 0.02},
		"trail":               {planned("aws:cloudtrail/trail:Trail", "t", nil), 0.10},
		"flow log":            {planned("aws:ec2/flowLog:FlowLog", "f", nil), 0.05 * (0.25 + 0.023)},
		"flow log to a group": {planned("aws:ec2/flowLog:FlowLog", "f", map[string]any{"logDestinationType": "cloud-watch-logs"}), 0},
		"role":                {planned("aws:iam/role:Role", "r", nil), 0},
	} {
		if e := estimated(t, tc.resource); math.Abs(e.IdleUSD-tc.want) > 1e-9 || len(e.Unknown) != 0 {
			t.Errorf("%s: %g, want %g; unknown %v", name, e.IdleUSD, tc.want, e.Unknown)
		}
	}
}

func TestWhatNobodyPricedIsTold(t *testing.T) {
	e := estimated(t, planned("aws:redshift/cluster:Cluster", "r", nil), planned("aws:redshift/cluster:Cluster", "q", nil))
	var b strings.Builder
	if err := e.Write(&b); err != nil || !slices.Equal(e.Unknown, []string{"aws:redshift/cluster:Cluster"}) || !strings.Contains(b.String(), "aws:redshift/cluster:Cluster is NOT in the figures") {
		t.Errorf("%v %v\n%s", e.Unknown, err, b.String())
	}
	if e := estimated(t, planned("aws:backup/plan:Plan", "p", nil)); !strings.Contains(strings.Join(e.Notes, "\n"), "backups of databases are not in the figures") {
		t.Error(e.Notes)
	}
}

func TestRotation(t *testing.T) {
	on := map[string]any{"enableKeyRotation": true}
	e := estimated(t, planned("aws:kms/key:Key", "a", on), planned("aws:kms/key:Key", "b", nil), planned("aws:kms/replicaKey:ReplicaKey", "a", nil))
	if e.IdleUSD != 3 || e.MonthUSD != 3 || e.RotationUSD != 2 {
		t.Errorf("idle %g, a month %g, a rotation %g", e.IdleUSD, e.MonthUSD, e.RotationUSD)
	}
	var b strings.Builder
	if err := e.Write(&b); err != nil || !regexp.MustCompile(`once the keys were rotated +5\.00\n.*twice or more +7\.00\n`).MatchString(b.String()) || !strings.Contains(b.String(), "each add $2.00 a month") {
		t.Errorf("%v\n%s", err, b.String())
	}
	b.Reset()
	if err := estimated(t, planned("aws:kms/key:Key", "b", map[string]any{"enableKeyRotation": false})).Write(&b); err != nil || strings.Contains(b.String(), "rotated") {
		t.Errorf("%v\n%s", err, b.String())
	}
}

func TestCheck(t *testing.T) {
	var resources []plan.Resource
	for _, name := range []string{"a", "b", "c"} {
		resources = append(resources, planned("aws:kms/key:Key", name, nil), planned("aws:ec2/natGateway:NatGateway", name, nil), planned("aws:secretsmanager/secret:Secret", name, nil), planned("aws:ec2/eip:Eip", name, nil))
	}
	resources = append(resources, planned("aws:cloudwatch/dashboard:Dashboard", "d", nil))
	e := estimated(t, resources...)
	for _, enough := range []float64{0, e.MonthUSD, 1000} {
		if err := e.Check(enough); err != nil {
			t.Errorf("%g: %v", enough, err)
		}
	}
	err := e.Check(50)
	want := "live/dev/platform.yaml: budget.monthly_usd: found $50.00, and this plan would cost $116.70 a month (prices of " + e.Read + "), most of it for NAT $109.50, KMS keys $3.00, dashboards $3.00"
	if err == nil || err.Error() != want {
		t.Errorf("\ngot  %v\nwant %s", err, want)
	}
	if next := fault.Next(err); fault.Code(err) != int(fault.Usage) || !strings.Contains(next, "make cost STACK=dev") || !strings.Contains(next, "raise budget.monthly_usd in live/dev/platform.yaml") {
		t.Errorf("next %q", next)
	}
}

func TestCompare(t *testing.T) {
	key := planned("aws:kms/key:Key", "k", nil)
	before := estimated(t, key, planned("aws:secretsmanager/secret:Secret", "s", nil))
	after := estimated(t, key, planned("aws:ec2/natGateway:NatGateway", "n", nil))
	d := Compare(before, after)
	want := []Change{{"NAT", 0, 32.85}, {"secrets", 0.40, 0}}
	if len(d.Idle) != 2 || d.Idle[0].Component != want[0].Component || math.Abs(d.Idle[0].New-32.85) > 1e-9 || d.Idle[1] != want[1] || d.None() {
		t.Errorf("%+v", d)
	}
	var b strings.Builder
	if err := d.Write(&b); err != nil || !strings.Contains(b.String(), "+32.85") || !strings.Contains(b.String(), "-0.40") || !strings.Contains(b.String(), "+32.45") {
		t.Errorf("%v\n%s", err, b.String())
	}
	b.Reset()
	same := Compare(before, before)
	if err := same.Write(&b); err != nil || !same.None() || b.String() != "stack dev: the cost does not change, 1.40 a month\n" {
		t.Errorf("%v %s", err, b.String())
	}
}
