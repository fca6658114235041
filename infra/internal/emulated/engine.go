package emulated

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/zclconf/go-cty/cty"

	"net/http"

	"github.com/floe-data/floe/infra/internal/emulated/aws"
	"github.com/floe-data/floe/infra/internal/emulated/bridge"
	"github.com/floe-data/floe/infra/internal/emulated/terraform"
)

// sdkVersion is the version of pulumi-aws that the programs are written with.
const sdkVersion = "6.83.2"

// defaultRegion is where the account is used if a test does not say.
const defaultRegion = "eu-central-1"

// Options of an engine.
type Options struct {
	Region string       // "": eu-central-1
	Athena http.Handler // gets Athena's query actions; nil: moto's
	Log    func(string) // told what each Diff of the provider found; nil: nobody
}

// Engine is Pulumi's engine before one emulated account. Several stacks may be
// deployed into it.
type Engine struct {
	AWS       *aws.Account
	Unmatched []string // properties that no rule matched, see bridge.Provider
	region    string
	dir       string
	cli       string // Pulumi's command line
	port      int    // that the engine attaches to for provider aws
	command   auto.PulumiCommand
}

// Start brings an engine up and ends it with the test. It fails the test if a
// part is missing, and says how to get it.
func Start(t testing.TB, o Options) *Engine {
	t.Helper()
	e, err := start(t, o)
	if err != nil {
		t.Fatalf("starting the emulated AWS: %v", err)
	}
	return e
}

func start(t testing.TB, o Options) (*Engine, error) {
	ctx := t.Context()
	binary, err := terraform.Find()
	if err != nil {
		return nil, err
	}
	if o.Region == "" {
		o.Region = defaultRegion
	}
	e := &Engine{region: o.Region}
	if e.dir, err = os.MkdirTemp("", "emulated"); err != nil { // t.TempDir is too long for a socket's name
		return nil, err
	}
	t.Cleanup(func() { _ = os.RemoveAll(e.dir) })
	if e.cli, e.command, err = findPulumi(); err != nil {
		return nil, err
	}
	for _, d := range []string{"home", "state", "tmp", "aws"} {
		if err := os.Mkdir(filepath.Join(e.dir, d), 0o700); err != nil {
			return nil, err
		}
	}
	log, err := os.Create(filepath.Join(e.dir, "moto.log"))
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = log.Close() })
	e.AWS, err = aws.Start(ctx, aws.Options{Dir: filepath.Join(e.dir, "aws"), Region: o.Region, Athena: o.Athena, Log: log})
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() {
		e.AWS.Close()
		if t.Failed() {
			t.Logf("moto wrote:\n%s", lastLines(log.Name(), 60))
		}
	})
	return e, e.serve(t, o, binary)
}

// serve starts the provider that the engine attaches to.
func (e *Engine) serve(t testing.TB, o Options, binary string) error {
	p, err := bridge.New(t.Context(), bridge.Options{Version: sdkVersion, Provider: provider, Resources: Resources, DataSources: DataSources,
		Renamed: renamed, Fixed: fixed, Log: o.Log, Command: terraform.Command{Binary: binary, Env: e.providerEnv()}})
	if err != nil {
		return err
	}
	t.Cleanup(p.Close)
	e.Unmatched = p.Unmatched
	port, stop, err := p.Serve()
	if err != nil {
		return err
	}
	t.Cleanup(stop)
	e.port = port
	return nil
}

// fixed is the provider's configuration that the account dictates. Calls that
// moto lacks are not tried again and again.
var fixed = map[string]cty.Value{
	"access_key": cty.StringVal(aws.Key), "secret_key": cty.StringVal(aws.Key), "s3_use_path_style": cty.True,
	"skip_credentials_validation": cty.True, "skip_region_validation": cty.True, "skip_metadata_api_check": cty.StringVal("true"),
	"max_retries": cty.NumberIntVal(1),
}

// providerEnv is the whole environment of the Terraform provider. The limit of
// memory keeps several of them on a small machine.
func (e *Engine) providerEnv() []string {
	return append(settings(e.AWS.Env()), "HOME="+e.dir, "TMPDIR="+filepath.Join(e.dir, "tmp"), "PATH=/usr/bin:/bin", "GOMEMLIMIT=1500MiB")
}

// settings are the variables that lead to the account, without its keys: those
// are in the provider's configuration.
func settings(env []string) []string {
	var out []string
	for _, kv := range env {
		if !strings.HasPrefix(kv, "AWS_ACCESS_KEY_ID=") && !strings.HasPrefix(kv, "AWS_SECRET_ACCESS_KEY=") && !strings.HasPrefix(kv, "AWS_REGION=") {
			out = append(out, kv)
		}
	}
	return out
}

// findPulumi is the command line of FLOE_PULUMI, a folder that holds pulumi or
// bin/pulumi, or the file itself; else the one on PATH.
func findPulumi() (string, auto.PulumiCommand, error) {
	path, err := pulumiPath(os.Getenv("FLOE_PULUMI"))
	if err != nil {
		return "", nil, err
	}
	root := filepath.Dir(path)
	if filepath.Base(root) != "bin" { // the Automation API looks for <root>/bin/pulumi
		return "", nil, fmt.Errorf("pulumi lies in %s: it must lie in a folder named bin", root)
	}
	cmd, err := auto.NewPulumiCommand(&auto.PulumiCommandOptions{Root: filepath.Dir(root)})
	if err != nil {
		return "", nil, fmt.Errorf("using %s: %w", path, err)
	}
	return path, cmd, nil
}

func pulumiPath(given string) (string, error) {
	if given == "" {
		path, err := exec.LookPath("pulumi")
		if err != nil {
			return "", errors.New("no pulumi on PATH: install Pulumi's command line (https://www.pulumi.com/docs/install), or name it or its folder in FLOE_PULUMI")
		}
		return filepath.EvalSymlinks(path)
	}
	for _, p := range []string{filepath.Join(given, "bin", "pulumi"), filepath.Join(given, "pulumi"), given} {
		if info, err := os.Stat(p); err == nil && !info.IsDir() {
			return filepath.Abs(p)
		}
	}
	return "", fmt.Errorf("FLOE_PULUMI is %s, where no pulumi is: it must be the program, its folder, or the folder above bin", given)
}

// variables are what Pulumi's command line needs to use this engine.
func (e *Engine) variables() map[string]string {
	return map[string]string{
		"PULUMI_HOME": filepath.Join(e.dir, "home"), "PULUMI_BACKEND_URL": "file://" + filepath.Join(e.dir, "state"),
		"PULUMI_CONFIG_PASSPHRASE": "test", "PULUMI_SKIP_UPDATE_CHECK": "true", "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
		"PULUMI_DEBUG_PROVIDERS": "aws:" + strconv.Itoa(e.port),
		"AWS_ACCESS_KEY_ID":      aws.Key, "AWS_SECRET_ACCESS_KEY": aws.Key, "AWS_REGION": e.region, "AWS_ENDPOINT_URL": e.AWS.URL,
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_PROFILE": "",
	}
}

// Env is the whole environment of a user's process: it uses this account and
// this engine, with Pulumi's command line first on PATH.
func (e *Engine) Env() []string {
	env := []string{"HOME=" + e.dir, "TMPDIR=" + filepath.Join(e.dir, "tmp"),
		"PATH=" + filepath.Dir(e.cli) + string(os.PathListSeparator) + os.Getenv("PATH"), "GOFLAGS=" + os.Getenv("GOFLAGS")}
	for k, v := range e.variables() {
		if v != "" {
			env = append(env, k+"="+v)
		}
	}
	return env
}

// Reset empties the account. Stacks that were not destroyed stay in the state.
func (e *Engine) Reset(ctx context.Context) error { return e.AWS.Reset(ctx) }

func lastLines(path string, n int) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// patience bounds one operation of a stack.
const patience = 15 * time.Minute
