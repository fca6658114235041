package transformation

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/athena"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/storage"
)

// Workgroup is a workgroup of Athena.
type Workgroup struct {
	Name string // known at preview
	ARN  string // known at preview
	// Ready must be there before a query is run.
	Ready []pulumi.Resource
	// Prefix is that of its results: analyst/.
	Prefix string
}

const (
	million = 1_000_000
	// leastBytes is the smallest cap that Athena takes.
	leastBytes = 10 * 1024 * 1024
	// analystShare: people's queries are stopped at a tenth of what a model may read.
	analystShare = 10
)

// workgroups makes one for models and one for people, so that each has its own
// cap, its own results and its own numbers.
func (t *Transformation) workgroups(ctx *pulumi.Context, s *site.Site, results *storage.Bucket) error {
	bytes := s.Live.Platform.Athena.MBPerQuery * million
	var err error
	if t.Transform, err = t.workgroup(ctx, s, results, "transform", "models", bytes); err != nil {
		return err
	}
	t.Analyst, err = t.workgroup(ctx, s, results, "analyst", "people's questions", bytes/analystShare)
	return err
}

func (t *Transformation) workgroup(ctx *pulumi.Context, s *site.Site, results *storage.Bucket, name, purpose string, bytes int64) (Workgroup, error) {
	w := Workgroup{Name: s.Name(site.Workgroup, name), Prefix: name + "/"}
	w.ARN = s.ARN("athena", "workgroup/"+w.Name)
	made, err := athena.NewWorkgroup(ctx, name, &athena.WorkgroupArgs{
		Name: pulumi.String(w.Name), Description: pulumi.Sprintf("%s %s: %s", s.Project, s.Stack, purpose),
		ForceDestroy: pulumi.Bool(s.Live.Platform.Deletable()), State: pulumi.String("ENABLED"),
		Configuration: athena.WorkgroupConfigurationArgs{
			EnforceWorkgroupConfiguration:   pulumi.Bool(true),
			PublishCloudwatchMetricsEnabled: pulumi.Bool(true),
			BytesScannedCutoffPerQuery:      pulumi.Int(int(max(bytes, leastBytes))),
			EngineVersion:                   athena.WorkgroupConfigurationEngineVersionArgs{SelectedEngineVersion: pulumi.String("Athena engine version 3")},
			ResultConfiguration: athena.WorkgroupConfigurationResultConfigurationArgs{
				OutputLocation:      pulumi.String("s3://" + results.Name + "/" + w.Prefix),
				ExpectedBucketOwner: pulumi.String(s.Account),
				EncryptionConfiguration: athena.WorkgroupConfigurationResultConfigurationEncryptionConfigurationArgs{
					EncryptionOption: pulumi.String("SSE_KMS"), KmsKeyArn: results.Key.Arn,
				},
			},
		},
	}, pulumi.Parent(t), pulumi.DependsOn(results.Ready))
	if err != nil {
		return w, fmt.Errorf("workgroup %s: %w", w.Name, err)
	}
	w.Ready = append([]pulumi.Resource{made}, results.Ready...)
	return w, nil
}
