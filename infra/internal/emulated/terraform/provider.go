package terraform

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
)

// cookie is the value of Terraform's handshake: a provider started without it
// prints that it is a plugin and ends.
const cookie = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"

// The provider's whole schema is 5 MB in one answer, far over gRPC's default.
const (
	maxReceived = 256 << 20
	maxSent     = 64 << 20
)

// grace is how long a provider may take to end by itself.
const grace = 5 * time.Second

// Command says how to run a provider.
type Command struct {
	Binary string
	Env    []string  // its whole environment: nothing is inherited
	Log    io.Writer // its standard error; nil: dropped
}

// Provider is a running provider. A provider can be configured once, so that
// two configurations need two of them.
type Provider struct {
	cmd    *exec.Cmd
	conn   *grpc.ClientConn
	exited chan struct{}
	Schema *Schema
}

// Start runs the provider and reads its schema, or takes the one given: all
// processes of one binary have the same.
func Start(ctx context.Context, c Command, schema *Schema) (*Provider, error) {
	p := &Provider{cmd: exec.Command(c.Binary), exited: make(chan struct{}), Schema: schema}
	p.cmd.Env = append(append([]string{}, c.Env...), "TF_PLUGIN_MAGIC_COOKIE="+cookie, "PLUGIN_PROTOCOL_VERSIONS=5")
	p.cmd.Stderr = c.Log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", c.Binary, err)
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", c.Binary, err)
	}
	if err := p.connect(ctx, out); err != nil {
		p.Close()
		return nil, fmt.Errorf("starting %s: %w", c.Binary, err)
	}
	return p, nil
}

// connect reads the handshake, dials and reads the schema.
func (p *Provider) connect(ctx context.Context, out io.Reader) error {
	r := bufio.NewReader(out)
	line, err := r.ReadString('\n')
	go func() {
		_, _ = io.Copy(io.Discard, r) // a full pipe would stop the provider
		_ = p.cmd.Wait()              // its exit code says nothing that the calls have not said
		close(p.exited)
	}()
	if err != nil {
		return fmt.Errorf("it ended before its handshake: %w", err)
	}
	target, err := handshake(line)
	if err != nil {
		return err
	}
	p.conn, err = grpc.NewClient(target, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxReceived), grpc.MaxCallSendMsgSize(maxSent)))
	if err != nil {
		return fmt.Errorf("dialling %s: %w", target, err)
	}
	if p.Schema == nil {
		p.Schema, err = p.schema(ctx)
	}
	return err
}

// handshake reads go-plugin's line core|protocol|network|address|kind[|certificate].
func handshake(line string) (target string, err error) {
	f := strings.Split(strings.TrimSpace(line), "|")
	if len(f) < 5 || f[0] != "1" || f[1] != "5" || f[4] != "grpc" {
		return "", fmt.Errorf("unexpected handshake %q, want 1|5|unix or tcp|address|grpc", line)
	}
	if f[2] == "unix" {
		return "unix:" + f[3], nil
	}
	return "passthrough:///" + f[3], nil
}

// Pid is the process's id.
func (p *Provider) Pid() int { return p.cmd.Process.Pid }

// Close ends the provider: the shutdown of go-plugin, which also removes its
// socket, then an interrupt, then a kill.
func (p *Provider) Close() {
	if p.conn != nil {
		ctx, cancel := context.WithTimeout(context.Background(), grace)
		// The process ends while it answers, so the call may fail although it worked.
		_ = p.conn.Invoke(ctx, "/plugin.GRPCController/Shutdown", &emptypb.Empty{}, &emptypb.Empty{})
		cancel()
		defer p.conn.Close()
		if p.ended(grace) {
			return
		}
	}
	_ = p.cmd.Process.Signal(os.Interrupt)
	if !p.ended(grace) {
		_ = p.cmd.Process.Kill()
		<-p.exited
	}
}

func (p *Provider) ended(within time.Duration) bool {
	select {
	case <-p.exited:
		return true
	case <-time.After(within):
		return false
	}
}
