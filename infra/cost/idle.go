package cost

import (
	"github.com/floe-data/floe/infra/plan"
)

// idle is what a resource costs while nothing runs, by its type. What costs
// only when it is used is in run.go, what costs nothing in free.go.
var idle = map[string]func(*meter, plan.Resource){
	"aws:cloudtrail/trail:Trail":                             trail,
	"aws:cloudwatch/compositeAlarm:CompositeAlarm":           each("alarms", "composite_alarm"),
	"aws:cloudwatch/dashboard:Dashboard":                     each("dashboards", "dashboard"),
	"aws:cloudwatch/logGroup:LogGroup":                       logGroup,
	"aws:cloudwatch/logMetricFilter:LogMetricFilter":         each("alarms", "metric"),
	"aws:cloudwatch/metricAlarm:MetricAlarm":                 alarm,
	"aws:ec2/eip:Eip":                                        hourly("NAT", "address_hour"),
	"aws:ec2/flowLog:FlowLog":                                flowLog,
	"aws:ec2/natGateway:NatGateway":                          hourly("NAT", "nat_hour"),
	"aws:ec2/vpcEndpoint:VpcEndpoint":                        endpoint,
	"aws:ecr/repository:Repository":                          repository,
	"aws:ecs/cluster:Cluster":                                cluster,
	"aws:kms/key:Key":                                        each("KMS keys", "kms_key"),
	"aws:kms/replicaKey:ReplicaKey":                          each("KMS keys", "kms_key"),
	"aws:s3/bucketReplicationConfig:BucketReplicationConfig": copies,
	"aws:s3/bucketV2:BucketV2":                               bucket,
	"aws:s3tables/tableBucket:TableBucket":                   tableBucket,
	"aws:secretsmanager/secret:Secret":                       each("secrets", "secret"),
}

// rotated prices what a rotation adds to a key. A replica is rotated with the
// key that it is of.
func rotated(m *meter, r plan.Resource) {
	if r.Type == "aws:kms/replicaKey:ReplicaKey" || r.Type == "aws:kms/key:Key" && r.Inputs["enableKeyRotation"] == true {
		m.add("KMS keys", r.Name, "kms_rotation", 1)
	}
}

// each is one unit a month.
func each(component, price string) func(*meter, plan.Resource) {
	return func(m *meter, r plan.Resource) { m.add(component, r.Name, price, 1) }
}

// hourly is one unit an hour.
func hourly(component, price string) func(*meter, plan.Resource) {
	return func(m *meter, r plan.Resource) { m.add(component, r.Name, price, m.book.MonthHours) }
}

// endpoint costs by zone, if it is an interface; gateways are free.
func endpoint(m *meter, r plan.Resource) {
	if r.Inputs["vpcEndpointType"] != "Interface" {
		return
	}
	zones := len(list(r.Inputs["subnetIds"]))
	m.add("interface endpoints", r.Name, "endpoint_hour", float64(zones)*m.book.MonthHours)
}

// alarm costs by the metrics that it looks at.
func alarm(m *meter, r plan.Resource) {
	metrics := 0
	for _, q := range list(r.Inputs["metricQueries"]) {
		if object(q)["metric"] != nil {
			metrics++
		}
	}
	m.add("alarms", r.Name, "alarm", float64(max(metrics, 1)))
}

// logGroup keeps what it is told for its retention.
func logGroup(m *meter, r plan.Resource) {
	gb := m.assume("logs_mb") / 1000
	days, _ := r.Inputs["retentionInDays"].(float64)
	m.add("logs", r.Name, "log_gb", gb)
	m.add("logs", r.Name, "log_gb_month", gb*max(days, 1)/30)
}

// flowLog writes to a bucket, or to a group, which is priced as one.
func flowLog(m *meter, r plan.Resource) {
	if r.Inputs["logDestinationType"] == "cloud-watch-logs" {
		return
	}
	gb := m.assume("flow_mb") / 1000
	m.add("flow logs", r.Name, "flow_gb", gb)
	m.add("flow logs", r.Name, "s3_gb", gb)
}

func repository(m *meter, r plan.Resource) {
	m.add("images", r.Name, "ecr_gb", m.assume("images_kept")*m.assume("image_mb")/1000)
}

// cluster costs where Container Insights is on: by the metric.
func cluster(m *meter, r plan.Resource) {
	for _, s := range list(r.Inputs["settings"]) {
		if o := object(s); o["name"] == "containerInsights" && o["value"] != "disabled" {
			m.add("Container Insights", r.Name, "metric", m.assume("insights_metrics"))
		}
	}
}

// bucket keeps data; one of logs or results keeps as much, at the most.
func bucket(m *meter, r plan.Resource) {
	m.add("buckets", r.Name, "s3_gb", m.assume("data_gb"))
}

func tableBucket(m *meter, r plan.Resource) {
	m.add("table buckets", r.Name, "s3tables_gb", m.assume("data_gb"))
	m.add("table buckets", r.Name, "s3tables_object", m.assume("data_objects"))
}

// copies are what a replica gets; the bucket that it lies in is counted as one.
func copies(m *meter, r plan.Resource) {
	m.add("replica", r.Name, "region_gb", m.assume("copied_gb"))
}

func trail(m *meter, r plan.Resource) {
	m.add("audit trail", r.Name, "data_event", m.assume("data_events"))
}

func list(v any) []any {
	all, _ := v.([]any)
	return all
}

func object(v any) map[string]any {
	o, _ := v.(map[string]any)
	return o
}

func text(v any) string {
	t, _ := v.(string)
	return t
}
