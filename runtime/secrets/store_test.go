package secrets

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/internal/awstest"
)

const canary = "canary-5e1f0c"

func tags(project, stack, source string) map[string]string {
	return map[string]string{environment.TagProject: project, environment.TagStack: stack, environment.TagSource: source}
}

// wantFault wants an error of a kind that tells text, has this advice, and not the secret.
func wantFault(t *testing.T, err error, kind fault.Kind, text, next string) {
	t.Helper()
	if err == nil || fault.Code(err) != int(kind) || !strings.Contains(err.Error(), text) || !strings.Contains(fault.Next(err), next) {
		t.Errorf("code %d, %v, next %q; want %d, %q, %q", fault.Code(err), err, fault.Next(err), kind, text, next)
	}
	if err != nil && strings.Contains(err.Error()+fault.Next(err), canary) {
		t.Errorf("the error tells the secret: %v", err)
	}
}

func TestEmptyThenSet(t *testing.T) {
	a, ctx := awstest.New(t), context.Background()
	arn := a.TagSecret("floe-dev-shop-1a2b", tags("floe", "dev", "shop"))
	s := NewStore(a.Config(), "floe", "dev")
	_, err := s.Value(ctx, "shop", arn)
	wantFault(t, err, fault.Usage, "is empty", "floe secret set shop --stack dev")
	secret, err := s.Put(ctx, "shop", canary+"\r\n")
	if err != nil || secret.Name != "floe-dev-shop-1a2b" || secret.ARN != arn || !secret.Set {
		t.Fatalf("%+v, %v", secret, err)
	}
	value, err := s.Value(ctx, "shop", arn)
	if err != nil || value.Text != canary || value.Name != "floe-dev-shop-1a2b" || value.Set.IsZero() {
		t.Errorf("value %+v, %v", value, err)
	}
	if age := value.Age(value.Set.Add(36 * time.Hour)); age != 1.5 {
		t.Errorf("after a day and a half it is %g days old", age)
	}
}

func TestAnotherStacksSecretIsNotFound(t *testing.T) {
	a, ctx := awstest.New(t), context.Background()
	// AWS takes the values of a filter as prefixes, and does not pair keys with values.
	a.TagSecret("a", tags("floe", "dev-x", "shop"))
	a.TagSecret("b", tags("floe2", "dev", "shop"))
	a.TagSecret("c", map[string]string{environment.TagProject: "floe", environment.TagStack: "prod", environment.TagSource: "dev"})
	a.TagSecret("d", nil)
	s := NewStore(a.Config(), "floe", "dev")
	if all, err := s.List(ctx); err != nil || len(all) > 0 {
		t.Errorf("found %v, %v", all, err)
	}
	_, err := s.Put(ctx, "shop", canary)
	wantFault(t, err, fault.Usage, "no secret for source shop", "make deploy STACK=dev makes it")
	for _, name := range []string{"a", "b", "c", "d"} {
		if _, set := a.SecretValue(name); set {
			t.Errorf("secret %s was set", name)
		}
	}
}

func TestListManyAndTwins(t *testing.T) {
	a, ctx := awstest.New(t), context.Background()
	for _, source := range strings.Split("abcdefghijklmnopqrstuvwxyz", "") {
		a.TagSecret("s-"+source, tags("floe", "dev", source))
	}
	a.SetSecret("s-q", canary)
	s := NewStore(a.Config(), "floe", "dev")
	all, err := s.List(ctx)
	if err != nil || len(all) != 26 || !all["q"].Set || all["r"].Set || all["r"].Name != "s-r" {
		t.Fatalf("%d secrets, %v: %+v", len(all), err, all)
	}
	a.TagSecret("twin", tags("floe", "dev", "q"))
	_, err = s.List(ctx)
	wantFault(t, err, fault.Failed, "two secrets, s-q and twin", "delete")
}

func TestDeniedTellsNoSecret(t *testing.T) {
	a, ctx := awstest.New(t), context.Background()
	arn := a.TagSecret("floe-dev-shop", tags("floe", "dev", "shop"))
	a.Fail(func(r awstest.Request) *awstest.Failure {
		if r.Action == "PutSecretValue" || r.Action == "GetSecretValue" {
			return awstest.GlueDenied
		}
		return nil
	})
	s := NewStore(a.Config(), "floe", "dev")
	_, err := s.Put(ctx, "shop", canary)
	wantFault(t, err, fault.Failed, "write the secret of source shop", "")
	_, err = s.Value(ctx, "shop", arn)
	wantFault(t, err, fault.Failed, "read the secret of source shop", "")
}

func TestCheck(t *testing.T) {
	for _, tc := range []struct{ in, want, wrong string }{
		{"a b", "a b", ""}, {"a\n", "a", ""}, {"a\r\n", "a", ""}, {"a\n\n", "a\n", ""}, {" a", " a", ""},
		{"", "", "empty"}, {"\n", "", "empty"}, {strings.Repeat("x", MaxValue), strings.Repeat("x", MaxValue), ""}, {strings.Repeat("x", MaxValue+1), "", "more than 65536"},
	} {
		got, err := Check(tc.in)
		if got != tc.want || (err == nil) != (tc.wrong == "") || err != nil && !strings.Contains(err.Error(), tc.wrong) {
			t.Errorf("%.20q: %.20q, %v", tc.in, got, err)
		}
	}
}

func TestLocal(t *testing.T) {
	t.Setenv("FLOE_SECRET_MY_SHOP", canary+"\n")
	if got := Local("my-shop"); got != canary {
		t.Errorf("%q", got)
	}
	if got := LocalNext("my-shop"); got != "export FLOE_SECRET_MY_SHOP=…" {
		t.Errorf("%q", got)
	}
}
