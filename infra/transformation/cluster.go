package transformation

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/operations"
	"github.com/floe-data/floe/runtime/fault"
)

// Cluster is the ECS cluster that tasks run in.
type Cluster struct {
	Name string // known at preview
	ARN  string // known at preview
	// Spot says that the cluster has Fargate's spare capacity, which is ours
	// to say; of a cluster that is the user's own it is not known.
	Spot bool
	// Ready must be there before a task is run; empty where the cluster is the user's own.
	Ready []pulumi.Resource
}

// cluster makes the cluster, or finds the one that live/ names.
func (t *Transformation) cluster(ctx *pulumi.Context, s *site.Site, o *operations.Operations) error {
	if e := s.Live.Platform.Network.Existing; e != nil && e.Cluster != "" {
		return t.existing(ctx, s, e.Cluster)
	}
	name := s.Name(site.Family)
	t.Cluster = Cluster{Name: name, ARN: s.ARN("ecs", "cluster/"+name), Spot: true}
	insights := "disabled" // costs by the metric
	var before []pulumi.Resource
	if s.Production() {
		insights = "enabled"
		// ECS would make it itself, without key and for ever.
		group := s.LogGroup("ecs/containerinsights", name+"/performance")
		made, err := operations.LogGroup(ctx, s, "insights", group, o.Key, pulumi.Parent(t))
		if err != nil {
			return err
		}
		before = append(before, made)
	}
	// Without a configuration nobody can run commands in a task: ECS asks that
	// of each RunTask, whose role is not allowed to.
	c, err := ecs.NewCluster(ctx, "tasks", &ecs.ClusterArgs{
		Name:     pulumi.String(name),
		Settings: ecs.ClusterSettingArray{ecs.ClusterSettingArgs{Name: pulumi.String("containerInsights"), Value: pulumi.String(insights)}},
	}, pulumi.Parent(t), pulumi.DependsOn(before))
	if err != nil {
		return fmt.Errorf("cluster %s: %w", name, err)
	}
	providers, err := ecs.NewClusterCapacityProviders(ctx, "tasks", &ecs.ClusterCapacityProvidersArgs{
		ClusterName: c.Name, CapacityProviders: pulumi.StringArray{pulumi.String("FARGATE"), pulumi.String("FARGATE_SPOT")},
		// Spare capacity first; who starts a task again asks for FARGATE.
		DefaultCapacityProviderStrategies: ecs.ClusterCapacityProvidersDefaultCapacityProviderStrategyArray{
			ecs.ClusterCapacityProvidersDefaultCapacityProviderStrategyArgs{CapacityProvider: pulumi.String("FARGATE_SPOT"), Weight: pulumi.Int(1)},
		},
	}, pulumi.Parent(t))
	if err != nil {
		return fmt.Errorf("capacity of cluster %s: %w", name, err)
	}
	t.Cluster.Ready = []pulumi.Resource{c, providers}
	return nil
}

// existing looks the user's cluster up, so that a preview tells if it is not there.
func (t *Transformation) existing(ctx *pulumi.Context, s *site.Site, name string) error {
	if _, err := ecs.LookupCluster(ctx, &ecs.LookupClusterArgs{ClusterName: name}, pulumi.Parent(t)); err != nil {
		return fault.New(fault.Usage, fmt.Errorf("live/%s/platform.yaml: network.existing.cluster: found %s, which ECS does not have in account %s, region %s: %w", s.Stack, name, s.Account, s.Region, err),
			"write the name of a cluster that is there, or leave it out: the stack then makes one")
	}
	t.Cluster = Cluster{Name: name, ARN: s.ARN("ecs", "cluster/"+name)}
	return nil
}
