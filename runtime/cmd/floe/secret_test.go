package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/internal/awstest"
	"github.com/floe-data/floe/runtime/secrets"
)

const canary = "canary-0a1b2c3d4e"

// secretBench is a bench whose source shop needs a secret, and an AWS that has one, empty.
func secretBench(t *testing.T) (*bench, *awstest.AWS) {
	t.Helper()
	b, a := newBench(t), awstest.New(t)
	b.edit("runtime/pipelines/ingest/shop/source.yaml", "client:\n", "client:\n  auth: {type: bearer}\n")
	for _, pair := range a.Env() {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	t.Setenv("AWS_REGION", "ap-southeast-4") // the stack's region counts, not this one
	a.TagSecret("floe-dev-shop-1a2b3c", map[string]string{environment.TagProject: "floe", environment.TagStack: "dev", environment.TagSource: "shop"})
	return b, a
}

// floeWith runs a command line with a standard input.
func (b *bench) floeWith(in string, args ...string) answer {
	b.t.Helper()
	var out, errs bytes.Buffer
	args = append(args, "--project", b.root, "--home", b.home)
	code := execute(context.Background(), args, strings.NewReader(in), &out, &errs)
	return answer{code, out.String(), errs.String()}
}

func TestSecretSet(t *testing.T) {
	b, a := secretBench(t)
	b.wants(b.floe("secret", "list", "--stack", "dev"), 0, "shop", "bearer", "floe-dev-shop-1a2b3c", "empty", "floe secret set shop --stack dev")
	got := b.floeWith(canary+"\n", "secret", "set", "shop", "--stack", "dev")
	b.wants(got, 0, "The secret of source shop is set: floe-dev-shop-1a2b3c in eu-central-1.")
	if strings.Contains(got.out+got.err, canary) {
		t.Errorf("the secret is shown: %+v", got)
	}
	if value, _ := a.SecretValue("floe-dev-shop-1a2b3c"); value != canary {
		t.Errorf("the secret is %q", value)
	}
	for _, r := range a.Requests() {
		if !strings.Contains(r.Header.Get("Authorization"), "/eu-central-1/secretsmanager/") {
			t.Errorf("asked with %s", r.Header.Get("Authorization"))
		}
	}
	want := `[{"source":"shop","auth":"bearer","secret":"floe-dev-shop-1a2b3c","state":"set"}]` + "\n"
	if out := b.ok("secret", "list", "--stack", "dev", "--output", "json"); out != want {
		t.Errorf("got %s want %s", out, want)
	}
	b.wants(b.floeWith(canary, "secret", "set", "shop", "--stack", "dev", "--output", "json"), 0, `"set":true`, `"stack":"dev"`)
}

func TestSecretSetUsedWrongly(t *testing.T) {
	b, a := secretBench(t)
	b.wants(b.floeWith("", "secret", "set", "shop", "--stack", "dev"), 2, "the secret is empty")
	b.wants(b.floeWith("\n", "secret", "set", "shop", "--stack", "dev"), 2, "the secret is empty")
	b.wants(b.floeWith(strings.Repeat("x", secrets.MaxValue+1), "secret", "set", "shop", "--stack", "dev"), 2, "more than 65536 bytes")
	b.wants(b.floeWith(strings.Repeat("x", 3*secrets.MaxValue), "secret", "set", "shop", "--stack", "dev"), 2, "more than 65536 bytes")
	b.wants(b.floeWith(canary, "secret", "set", "shop"), 2, "which stack?", "export FLOE_SECRET_SHOP=")
	b.wants(b.floeWith(canary, "secret", "set", "shopp", "--stack", "dev"), 2, `no source "shopp"`)
	b.wants(b.floeWith(canary, "secret", "set", "shop", "--stack", "prod"), 2, `no stack "prod"`)
	b.wants(b.floeWith(canary, "secret", "set", "--stack", "dev"), 2, "accepts 1 arg")
	b.edit("Pulumi.yaml", "name: floe", "name: other")
	b.wants(b.floeWith(canary, "secret", "set", "shop", "--stack", "dev"), 2, "no secret for source shop", "make deploy STACK=dev makes it")
	b.wants(b.floe("secret", "list", "--stack", "dev"), 0, "missing", "make deploy STACK=dev")
	b.edit("runtime/pipelines/ingest/shop/source.yaml", "  auth: {type: bearer}\n", "")
	b.wants(b.floeWith(canary, "secret", "set", "shop", "--stack", "dev"), 2, "source shop needs no secret")
	b.wants(b.floe("secret", "list", "--stack", "dev"), 0, "No source needs a secret.")
	if _, set := a.SecretValue("floe-dev-shop-1a2b3c"); set {
		t.Error("the secret was set")
	}
}

// Nothing is done in another account than platform.yaml's.
func TestSecretsAccount(t *testing.T) {
	b, a := secretBench(t)
	b.edit("live/dev/platform.yaml", "version: 1\n", "version: 1\naccount: \"123456789012\"\n")
	account := "123456789012"
	sts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Account>%s</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`, account)
	}))
	defer sts.Close()
	t.Setenv("AWS_ENDPOINT_URL_STS", sts.URL)
	b.wants(b.floeWith(canary, "secret", "set", "shop", "--stack", "dev"), 0, "is set")
	account = "999999999999"
	before := len(a.Requests())
	b.wants(b.floeWith(canary, "secret", "set", "shop", "--stack", "dev"), 2, "account 999999999999", "live/dev/platform.yaml says account 123456789012")
	b.wants(b.floe("secret", "list", "--stack", "dev"), 2, "account 999999999999")
	if len(a.Requests()) > before {
		t.Error("the other account's Secrets Manager was asked")
	}
}

func TestLocalSecrets(t *testing.T) {
	b, _ := secretBench(t)
	t.Setenv("FLOE_SECRET_SHOP", "")
	b.wants(b.floe("secret", "list"), 0, "FLOE_SECRET_SHOP", "empty", "export FLOE_SECRET_SHOP=")
	b.wants(b.floe("ingest", "shop", "--set", "base_url="+b.url), 2, "there is none", "export FLOE_SECRET_SHOP=")
	t.Setenv("FLOE_SECRET_SHOP", canary)
	b.wants(b.floe("secret", "list"), 0, "FLOE_SECRET_SHOP", "set")
	got := b.floe("ingest", "shop", "--set", "base_url="+b.url)
	b.wants(got, 0, "customers")
	b.wants(b.run(), 0, "ingest: succeeded")
	if b.shop.bearer != "Bearer "+canary {
		t.Errorf("the shop was sent %q", b.shop.bearer)
	}
	if strings.Contains(got.out+got.err, canary) {
		t.Errorf("the secret is shown: %+v", got)
	}
}

func TestSecretCompletion(t *testing.T) {
	b, _ := secretBench(t)
	var out bytes.Buffer
	if code := execute(context.Background(), []string{"__complete", "--project", b.root, "secret", "set", ""}, nil, &out, &out); code != 0 || !strings.HasPrefix(out.String(), "shop\n") {
		t.Errorf("code %d\n%s", code, out.String())
	}
}
