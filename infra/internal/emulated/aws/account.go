package aws

import (
	"bufio"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/floe-data/floe/infra/internal/emulated/container"
)

//go:embed server/*.py
var server embed.FS

// ID is the account's number: moto has only this one for unknown keys.
const ID = "123456789012"

// Key is the access key and the secret key of the account's administrator.
const Key = "test"

// startWithin is how long moto may take to import itself on a busy machine.
const startWithin = 3 * time.Minute

// Options of an account.
type Options struct {
	Python string       // interpreter that has moto; "": FLOE_PYTHON, else python3
	Dir    string       // folder for scratch files, of the caller
	Region string       // of Config and of what runs without a region of its own
	Athena http.Handler // gets Athena's query actions; nil: moto's
	Log    io.Writer    // moto's standard error; nil: dropped
}

// Account is a running account.
type Account struct {
	URL      string // the endpoint of every service
	Registry string // host:port of the images
	options  Options
	moto     string // host:port behind the proxy
	process  *exec.Cmd
	exited   chan struct{}
	stdin    io.Closer
	front    *http.Server
	images   *registry
	store    *container.Store
	rules    []rule // of requests.txt

	mu    sync.Mutex
	calls []Call
	roles map[string]string // access key -> role
	// groups are the workgroups in which queries were started: access key -> name.
	groups    map[string]string
	operation string
	runs      []*Run
	tasks     []*Task
}

// Start brings an empty account up.
func Start(ctx context.Context, o Options) (*Account, error) {
	if o.Python == "" {
		o.Python = os.Getenv("FLOE_PYTHON")
	}
	if o.Python == "" {
		o.Python = "python3"
	}
	a := &Account{options: o, exited: make(chan struct{}), roles: map[string]string{}, groups: map[string]string{}, store: container.NewStore(filepath.Join(o.Dir, "images"))}
	var err error
	if a.rules, err = readRules(requestTable); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting the account: %w", err)
	}
	a.URL = "http://" + l.Addr().String()
	if a.images, err = newRegistry(a); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	a.Registry = a.images.address
	if err := a.startMoto(ctx); err != nil {
		a.images.close()
		return nil, errors.Join(err, l.Close())
	}
	a.front = &http.Server{Handler: a.handler(), ReadHeaderTimeout: time.Minute}
	go func() { _ = a.front.Serve(l) }() // ends with Close
	return a, nil
}

// startMoto runs the server and waits for its port.
func (a *Account) startMoto(ctx context.Context) error {
	dir := filepath.Join(a.options.Dir, "server")
	if err := unpackServer(dir); err != nil {
		return err
	}
	cmd := exec.Command(a.options.Python, filepath.Join(dir, "server.py"))
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + a.options.Dir, "TMPDIR=" + a.options.Dir, "PYTHONDONTWRITEBYTECODE=1",
		"EMULATED_FRONT=" + a.URL, "EMULATED_REGISTRY=" + a.Registry, "MOTO_PORT=0", "MOTO_IAM_LOAD_MANAGED_POLICIES=true",
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true", "AWS_DEFAULT_REGION=" + a.options.Region}
	var stderr tail
	cmd.Stderr = io.MultiWriter(&stderr, orDiscard(a.options.Log))
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("starting moto: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("starting moto: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting moto with %s: %w; FLOE_PYTHON must name a Python with moto: pip install 'moto[server]==5.2.1'", a.options.Python, err)
	}
	a.process, a.stdin = cmd, stdin
	port := make(chan string, 1)
	go func() {
		r := bufio.NewScanner(out)
		for r.Scan() {
			if p, ok := strings.CutPrefix(r.Text(), "listening "); ok {
				port <- p
			}
		}
		_ = cmd.Wait() // how it ended is told by stderr
		close(a.exited)
	}()
	select {
	case p := <-port:
		a.moto = "127.0.0.1:" + p
		return nil
	case <-a.exited:
		return fmt.Errorf("moto did not start with %s: %s; FLOE_PYTHON must name a Python with moto: pip install 'moto[server]==5.2.1'",
			a.options.Python, strings.TrimSpace(stderr.String()))
	case <-time.After(startWithin):
	case <-ctx.Done():
	}
	a.stopMoto()
	return errors.New("moto did not say its port: " + strings.TrimSpace(stderr.String()))
}

func unpackServer(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("unpacking the server: %w", err)
	}
	return fs.WalkDir(server, "server", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := server.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, d.Name()), b, 0o600)
	})
}

// Close ends all that runs.
func (a *Account) Close() {
	a.stopTasks()
	_ = a.front.Close() // ends with the process at the latest
	a.stopMoto()
	a.images.close()
}

// stopMoto closes the server's standard input, on which it ends.
func (a *Account) stopMoto() {
	a.stdin.Close()
	select {
	case <-a.exited:
	case <-time.After(10 * time.Second):
		_ = a.process.Process.Kill()
		<-a.exited
	}
}

// Config is the configuration of a test's own clients, as the administrator.
func (a *Account) Config() aws.Config {
	return aws.Config{Region: a.options.Region, BaseEndpoint: aws.String(a.URL),
		Credentials: credentials.NewStaticCredentialsProvider(Key, Key, "")}
}

// Env is the environment in which a process talks to this account as its
// administrator, and to no other.
func (a *Account) Env() []string {
	return append(a.settings(), "AWS_ACCESS_KEY_ID="+Key, "AWS_SECRET_ACCESS_KEY="+Key, "AWS_REGION="+a.options.Region)
}

// settings lead a client to this account; nothing of the caller's is read.
func (a *Account) settings() []string {
	return []string{"AWS_ENDPOINT_URL=" + a.URL, "AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null"}
}

// Reset empties the account and its registry and forgets calls and runs.
func (a *Account) Reset(ctx context.Context) error {
	a.stopTasks()
	if err := a.do(ctx, http.MethodPost, "/moto-api/reset", "", nil, nil); err != nil {
		return fmt.Errorf("resetting the account: %w", err)
	}
	a.images.reset()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls, a.runs, a.roles = nil, nil, map[string]string{}
	return nil
}

func orDiscard(w io.Writer) io.Writer {
	if w == nil {
		return io.Discard
	}
	return w
}

// tail keeps the end of what is written.
type tail struct {
	mu  sync.Mutex
	end []byte
}

const tailSize = 4096

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.end = append(t.end, p...)
	if len(t.end) > tailSize {
		t.end = t.end[len(t.end)-tailSize:]
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.end)
}
