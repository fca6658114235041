package operations

import (
	"fmt"
	"strings"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/runtime/environment"
)

// Refusals is where a network notes what it refused, in lines of
// RefusedFormat. Without a log group there is none.
type Refusals struct {
	LogGroup string
	Ready    []pulumi.Resource
}

// A field of a line (Amazon VPC, "Flow log records"), and what it must be for
// the line to count.
type field struct{ name, counts string }

// refused are the fields that are counted by, and those that tell people from
// where to where. What comes in does not count: wherever there is a public
// address, it is refused all day. Nor does what comes from an endpoint, from
// port 443: the last packets of a connection that has ended already.
var refused = []field{
	{"flow-direction", "=egress"}, {"packets", ""}, {"interface-id", ""}, {"srcaddr", ""}, {"srcport", "!=443"}, {"dstaddr", ""}, {"dstport", ""}, {"protocol", ""}, {"start", ""},
}

// RefusedFormat is the format of a flow log of what was refused.
func RefusedFormat() string {
	var all []string
	for _, f := range refused {
		all = append(all, "${"+f.name+"}")
	}
	return strings.Join(all, " ")
}

// outgoing is the pattern of lines that count.
func outgoing() string {
	var all []string
	for _, f := range refused {
		all = append(all, strings.ReplaceAll(f.name, "-", "_")+f.counts)
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// manyPackets are fewer than one connection sends that is tried once and not
// answered: at 0, 1, 3 and 7 seconds, until its client gives up after ten.
const manyPackets = 3

// refusals watch what a network refuses: a program that looks for a way that
// is not open, by mistake or by somebody else's will.
func (w *watcher) refusals(r Refusals) (alarm, error) {
	metric := w.site.Name(site.Alarm, "network-refused-packets") // a line has no stack to be told apart by
	_, err := cloudwatch.NewLogMetricFilter(w.ctx, "network-refused", &cloudwatch.LogMetricFilterArgs{
		Name: pulumi.String("refused"), LogGroupName: pulumi.String(r.LogGroup), Pattern: pulumi.String(outgoing()),
		MetricTransformation: cloudwatch.LogMetricFilterMetricTransformationArgs{
			Namespace: pulumi.String(environment.MetricSpace), Name: pulumi.String(metric), Value: pulumi.String("$packets"), Unit: pulumi.String("Count"),
		},
	}, pulumi.Parent(w), pulumi.DependsOn(r.Ready))
	if err != nil {
		return alarm{}, fmt.Errorf("metric of what the network refuses: %w", err)
	}
	return alarm{
		name: "network-refused", space: environment.MetricSpace, metrics: []string{metric},
		statistic: "Sum", threshold: manyPackets, period: time.Hour, periods: 1, missing: fine,
		says: fmt.Sprintf("the network refused %d packets or more that a task sent in an hour", manyPackets),
		do:   "The log group " + r.LogGroup + " tells from where to where. " + see("The network refuses", "the-network-refuses"),
	}, nil
}
