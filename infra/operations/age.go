package operations

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/runtime/environment"
)

// oldSecret is the age at which a secret is to be changed.
const oldSecret = 90 * day

// Secret is a source's secret that is watched.
type Secret struct {
	Name     string // in Secrets Manager
	LogGroup string // of the program that reads it
	// Ready are what must be there before: the log group among them.
	Ready []pulumi.Resource
}

// secret watches a secret's age, which Secrets Manager has no metric of: the
// program that reads it logs when its value was set, and a filter makes a
// metric of that line. A secret that nothing reads is not watched: it opens
// nothing that floe knows of.
func (w *watcher) secret(source string, s Secret) (alarm, error) {
	_, err := cloudwatch.NewLogMetricFilter(w.ctx, "secret-"+source+"-age", &cloudwatch.LogMetricFilterArgs{
		Name: pulumi.String("secret-age"), LogGroupName: pulumi.String(s.LogGroup),
		Pattern: pulumi.Sprintf("{ $.%s = * }", environment.LogSecretAge),
		MetricTransformation: cloudwatch.LogMetricFilterMetricTransformationArgs{
			Namespace: pulumi.String(environment.MetricSpace), Name: pulumi.String(environment.MetricSecretAge),
			Value: pulumi.String("$." + environment.LogSecretAge), Unit: pulumi.String("None"),
			Dimensions: pulumi.StringMap{environment.MetricSecret: pulumi.String("$." + environment.LogSecret)},
		},
	}, pulumi.Parent(w), pulumi.DependsOn(s.Ready))
	if err != nil {
		return alarm{}, fmt.Errorf("metric of the age of secret %s: %w", s.Name, err)
	}
	days := int(oldSecret / day)
	return alarm{
		name: "secret-" + source + "-old", space: environment.MetricSpace, metrics: []string{environment.MetricSecretAge},
		dimension: [2]string{environment.MetricSecret, s.Name}, statistic: "Maximum", threshold: float64(days), period: day, periods: 1,
		missing: unknown, // between two loads it is as old as it was
		says:    fmt.Sprintf("the secret of source %s was set more than %d days ago", source, days),
		do:      fmt.Sprintf("Have the source give another, then: floe secret set %s --stack %s. ", source, w.site.Stack) + see("A secret is old", "a-secret-is-old"),
	}, nil
}
