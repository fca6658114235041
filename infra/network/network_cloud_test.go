//go:build cloud

package network_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/catalog"
	"github.com/floe-data/floe/infra/internal/emulated"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/sitetest"
	"github.com/floe-data/floe/infra/network"
	"github.com/floe-data/floe/infra/storage"
	"github.com/floe-data/floe/runtime/live"
)

func TestCloud(t *testing.T) {
	ctx := t.Context()
	e := emulated.Start(t, emulated.Options{Log: func(s string) { t.Log(s) }})
	for _, kv := range e.Env() {
		if k, v, _ := strings.Cut(kv, "="); strings.HasPrefix(k, "AWS_") {
			t.Setenv(k, v)
		}
	}
	s := sitetest.Load(t, "dev", func(s *site.Site) { s.Live.Platform.Network.Egress = "nat" })
	run := func(ctx *pulumi.Context) error {
		st, err := storage.New(ctx, s, storage.Args{UploadsDays: 30, AccessLogs: true})
		if err != nil {
			return err
		}
		made, err := catalog.Made(ctx.Context(), e.AWS.Config(), s)
		if err != nil {
			return err
		}
		if _, err := catalog.New(ctx, s, catalog.Args{Storage: st, Made: made}); err != nil {
			return err
		}
		_, err = network.New(ctx, s, network.Args{Endpoints: network.Endpoints(s), Logs: st.Logs})
		return err
	}
	stack, err := e.Stack(ctx, "dev", emulated.Program{Run: run})
	if err != nil {
		t.Fatal(err)
	}
	step := func(what string, r *emulated.Result, err error) {
		t.Helper()
		t.Logf("%s: %s %v", what, r, r.Elapsed)
		if err != nil {
			t.Fatalf("%s: %v\n%s", what, err, r.Output)
		}
	}
	r, err := stack.Preview(ctx)
	step("preview", r, err)
	r, err = stack.Up(ctx)
	step("up", r, err)
	r, err = stack.Up(ctx, emulated.NoChanges)
	step("again", r, err)
	r, err = stack.Refresh(ctx, emulated.NoChanges)
	step("refresh", r, err)
	s.Live.Platform.Network.Egress = "endpoints"
	s.Pipelines.Sources["store"] = s.Pipelines.Sources["shop"]
	delete(s.Pipelines.Sources, "shop")
	r, err = stack.Up(ctx)
	step("to endpoints, and a rename", r, err)
	for _, st := range r.Steps {
		if strings.Contains(st.Type, "glue") && (st.Op == "delete" || st.Op == "replace") {
			t.Errorf("%s of %s", st.Op, st.Name)
		}
	}
	r, err = stack.Up(ctx, emulated.NoChanges)
	step("again", r, err)
	r, err = stack.Refresh(ctx, emulated.NoChanges)
	step("refresh", r, err)

	other, err := e.Stack(ctx, "theirs", emulated.Program{Run: func(ctx *pulumi.Context) error {
		tags := pulumi.StringMap{"team": pulumi.String("x")}
		v, err := ec2.NewVpc(ctx, "v", &ec2.VpcArgs{CidrBlock: pulumi.String("10.1.0.0/16"), Tags: tags})
		if err != nil {
			return err
		}
		for _, n := range []string{"1", "2"} {
			if _, err := ec2.NewSubnet(ctx, n, &ec2.SubnetArgs{VpcId: v.ID(), CidrBlock: pulumi.String("10.1." + n + ".0/24"), Tags: tags}); err != nil {
				return err
			}
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	find := sitetest.Load(t, "dev", func(s *site.Site) {
		s.Live.Platform.Network = live.Network{Egress: "existing", Existing: &live.Existing{Tags: map[string]string{"team": "x"}}}
	})
	mine, err := e.Stack(ctx, "mine", emulated.Program{Run: func(ctx *pulumi.Context) error {
		_, err := network.New(ctx, find, network.Args{})
		return err
	}})
	if err != nil {
		t.Fatal(err)
	}
	r, err = mine.Preview(ctx)
	if err == nil || !strings.Contains(err.Error()+r.Output, "exactly one VPC") {
		t.Errorf("without their VPC: %v %s", err, r)
	}
	r, err = other.Up(ctx)
	step("theirs", r, err)
	r, err = mine.Up(ctx)
	step("mine", r, err)
	r, err = mine.Up(ctx, emulated.NoChanges)
	step("mine again", r, err)
	r, err = mine.Destroy(ctx)
	step("mine destroyed", r, err)
	r, err = other.Destroy(ctx)
	step("theirs destroyed", r, err)
	r, err = stack.Destroy(ctx)
	step("destroy", r, err)
	left, err := e.AWS.Residue(ctx, "")
	t.Logf("left: %v %v", left, err)
}
