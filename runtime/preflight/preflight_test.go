package preflight

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/naming"
	"github.com/floe-data/floe/runtime/project"
)

var update = flag.Bool("update", false, "write the golden files")

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// files are those of the test projects, whose source wants a secret.
var files = sync.OnceValues(func() (Options, error) {
	dir, err := os.MkdirTemp("", "preflight-")
	if err != nil {
		return Options{}, err
	}
	defer os.RemoveAll(dir)
	for _, from := range []string{"../project/testdata/good", "../live/testdata/good"} {
		if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
			return Options{}, err
		}
	}
	source := filepath.Join(dir, "runtime/pipelines/ingest/shop/source.yaml")
	text, err := os.ReadFile(source)
	if err != nil {
		return Options{}, err
	}
	if err := os.WriteFile(source, bytes.Replace(text, []byte("client:\n"), []byte("client:\n  auth: {type: bearer}\n"), 1), 0o600); err != nil {
		return Options{}, err
	}
	p, err := project.Load(dir)
	if err != nil {
		return Options{}, err
	}
	s, err := live.Load(p, "prod")
	return Options{Project: p, Stack: s}, err
})

// options are of the prod stack of the test projects; what tests change of them
// is their own.
func options(t *testing.T, w *world) Options {
	t.Helper()
	o, err := files()
	if err != nil {
		t.Fatal(err)
	}
	p, shop, s := *o.Project, *o.Project.Sources["shop"], *o.Stack
	p.Sources = map[string]*project.Source{"shop": &shop}
	s.Pipelines.Workflows, s.Pipelines.Sources = slices.Clone(s.Pipelines.Workflows), maps.Clone(s.Pipelines.Sources)
	s.Access.Grants, s.Waivers.Waivers = slices.Clone(s.Access.Grants), slices.Clone(s.Waivers.Waivers)
	return Options{Project: &p, Stack: &s, Config: w.config, Now: now, Resolve: func(context.Context, string) error { return nil }}
}

// setting is a case: what is changed of the world and of the stack, and what
// is found then. A want begins with the state; "" is that nothing is said.
type setting struct {
	name  string
	world func(*world)
	stack func(*live.Stack)
	want  []string
}

// hold runs a check in each setting.
func hold(t *testing.T, c check, settings []setting) {
	t.Helper()
	for _, tc := range settings {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			o := options(t, w)
			if tc.world != nil {
				tc.world(w)
			}
			if tc.stack != nil {
				tc.stack(o.Stack)
			}
			a := newAccount(o)
			a.place.Account, a.caller = w.account, w.arn
			a.wanted = naming.Of(o.Project, o.Stack, a.place)
			compare(t, c(context.Background(), a), tc.want)
		})
	}
}

// compare holds findings against wants: a state, and texts that | parts.
func compare(t *testing.T, found []Finding, want []string) {
	t.Helper()
	if len(found) != len(want) {
		t.Errorf("%d findings, want %d: %+v", len(found), len(want), found)
		return
	}
	for i, f := range found {
		state, texts, _ := strings.Cut(want[i], " ")
		for _, text := range strings.Split(texts, "|") {
			if string(f.State) != state || !strings.Contains(f.What+": "+f.Says+" -> "+f.Next, text) {
				t.Errorf("found %s %s: %s -> %s\n want %s", f.State, f.What, f.Says, f.Next, want[i])
			}
		}
		if (f.State == Bad || f.State == Warn) && f.Next == "" {
			t.Errorf("%s: nothing says what to do", f.What)
		}
	}
}

func deny(actions ...string) func(*world) {
	return func(w *world) {
		for _, a := range actions {
			w.denied[a] = true
		}
	}
}

func TestCredentials(t *testing.T) {
	identify := func(ctx context.Context, a *account) []Finding {
		a.place.Account, a.caller = "", ""
		found, _ := a.identify(ctx)
		return found
	}
	hold(t, identify, []setting{
		{name: "good", want: []string{"ok admin/ann in account 012345678901", "ok region: eu-west-1 answers"}},
		{name: "another account", world: func(w *world) { w.account = "999999999999" }, want: []string{"bad of account 999999999999|says account 012345678901|AWS_PROFILE"}},
		{name: "no account in live", stack: func(s *live.Stack) { s.Platform.Account = "" },
			want: []string{"ok 012345678901", "warn account: live/prod/platform.yaml names none|account: \"012345678901\"", "ok region"}},
		{name: "region is off", world: func(w *world) { w.off["eu-west-1"] = true }, want: []string{"bad region: eu-west-1 is not switched on|aws account enable-region --region-name eu-west-1"}},
		{name: "no credentials of AWS", world: func(w *world) { w.off["eu-west-1"], w.off["us-east-1"] = true, true }, want: []string{"bad credentials: AWS in eu-west-1 does not take them|InvalidClientTokenId|log in"}},
		{name: "refused", world: deny("sts:GetCallerIdentity"), want: []string{"bad credentials|AccessDenied"}},
	})
}

func TestReplicaRegion(t *testing.T) {
	copied := func(s *live.Stack) { s.Platform.Replica = &live.Replica{Region: "eu-south-1"} }
	hold(t, replicaRegion, []setting{
		{name: "no replica"},
		{name: "answers", stack: copied, want: []string{"ok eu-south-1 answers"}},
		{name: "is off", stack: copied, world: func(w *world) { w.off["eu-south-1"] = true }, want: []string{"bad eu-south-1 is not switched on|replica.region"}},
		{name: "may not be asked", stack: copied, world: deny("sts:GetCallerIdentity"), want: []string{"unchecked not checked: permission sts:GetCallerIdentity is missing"}},
	})
}

func TestEndpoints(t *testing.T) {
	const arm = "unchecked Fargate on arm64: not checked|architecture: x86_64"
	with := func(answer func(host string) error) check {
		return func(ctx context.Context, a *account) []Finding {
			a.Config.BaseEndpoint = nil
			a.Resolve = func(_ context.Context, host string) error { return answer(host) }
			return endpoints(ctx, a)
		}
	}
	all := with(func(string) error { return nil })
	hold(t, all, []setting{
		{name: "all", want: []string{arm, "ok services: eu-west-1 has all 17"}},
		{name: "more of them", stack: func(s *live.Stack) {
			s.Platform.Architecture, s.Platform.Audit, s.Platform.Backup = "x86_64", "trail", &live.Backup{}
		}, want: []string{"ok has all 18"}},
	})
	hold(t, with(func(host string) error {
		if host == "scheduler.eu-west-1.amazonaws.com" {
			return &net.DNSError{Err: "no such host", IsNotFound: true}
		}
		return nil
	}), []setting{{name: "one is missing", want: []string{arm, "bad eu-west-1 has no scheduler|stacks/Pulumi.prod.yaml"}}})
	hold(t, with(func(string) error { return errors.New("no network") }), []setting{{name: "unknown", want: []string{arm, "unchecked not checked: look up api.ecr: no network"}}})
	hold(t, endpoints, []setting{{name: "all calls go elsewhere", want: []string{arm, "unchecked AWS_ENDPOINT_URL"}}})
}

func TestWaivers(t *testing.T) {
	until := func(day string) func(*live.Stack) {
		return func(s *live.Stack) { s.Waivers.Waivers[0].Until = day }
	}
	hold(t, waivers, []setting{
		{name: "hold", want: []string{"ok 6 hold beyond 2026-12-21"}},
		{name: "none", stack: func(s *live.Stack) { s.Waivers.Waivers = nil }, want: []string{"ok there are none"}},
		{name: "yesterday", stack: until("2026-11-20"), want: []string{"bad rule 75 for * was good until 2026-11-20|ask data-team"}},
		{name: "today", stack: until("2026-11-21"), want: []string{"warn is good until 2026-11-21 only|ask data-team"}},
		{name: "in 29 days", stack: until("2026-12-20"), want: []string{"warn is good until 2026-12-20 only"}},
		{name: "in 31 days", stack: until("2026-12-22"), want: []string{"ok 6 hold"}},
	})
}

func TestPromises(t *testing.T) {
	hold(t, promises, []setting{
		{name: "all", want: []string{"ok alarms to data@example.org; budget of $200 a month; RTO 4h, RPO 24h"}},
		{name: "none", stack: func(s *live.Stack) { s.Platform.Alarms, s.Platform.Budget, s.Platform.Objectives = nil, nil, nil },
			want: []string{"warn alarms: nobody hears|email", "warn budget|monthly_usd", "warn objectives|rto"}},
	})
}

// TestRun holds the whole text: before the first deployment, and where nothing may be asked.
func TestRun(t *testing.T) {
	for name, change := range map[string]func(*world, *live.Stack){
		"first": func(*world, *live.Stack) {},
		"wrong": func(w *world, s *live.Stack) {
			w.admins, w.linked = nil, false
			w.buckets = map[string]*bucket{"floe-prod-landing-012345678901-eu-west-1": {foreign: true}}
			w.roles["floe-prod-evolve"] = tags{}
			w.secrets["floe-prod-shop-auth"] = &secret{deleted: true}
			s.Waivers.Waivers[0].Until = "2026-01-31"
			s.Platform.Repository, s.Platform.PermissionsBoundary = "acme/floe", "arn:aws:iam::012345678901:policy/bounds"
		},
		"denied": func(w *world, s *live.Stack) {
			s.Platform.Repository, s.Platform.PermissionsBoundary = "acme/floe", "arn:aws:iam::012345678901:policy/bounds"
			deny("iam:GetRole", "iam:GetUser", "iam:GetPolicy", "iam:ListRoles", "iam:GetOpenIDConnectProvider", "iam:GetAccountSummary", "s3:ListBucket", "s3:ListAllMyBuckets", "ec2:DescribeVpcs",
				"servicequotas:GetServiceQuota", "glue:GetDatabase", "athena:ListTagsForResource", "secretsmanager:DescribeSecret", "secretsmanager:ListSecrets", "lakeformation:GetDataLakeSettings")(w)
		},
		"another account": func(w *world, _ *live.Stack) { w.account = "999999999999" },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			o := options(t, w)
			change(w, o.Stack)
			var b bytes.Buffer
			Print(&b, Run(context.Background(), o))
			got := strings.ReplaceAll(b.String(), *w.config.BaseEndpoint, "http://127.0.0.1")
			file := filepath.Join("testdata", strings.ReplaceAll(name, " ", "-")+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s: found\n%s", file, got)
			}
		})
	}
}
