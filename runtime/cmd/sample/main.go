// Command sample serves an API that answers like the Chess.com public API:
//
//	sample --addr 127.0.0.1:9000 --games 10000
//	sample --list-players
//	sample --games 10000 -- floe run chess --set base_url={url} --set players={players}
//
// The last form serves for as long as the command after -- runs, puts the
// server's address and players into its words, and exits with its code.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/floe-data/floe/runtime/sample"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code, err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
	}
	os.Exit(code)
}

type flags struct {
	addr    string
	world   sample.Config
	serve   sample.Options
	list    bool
	command []string
}

func parse(args []string, errs io.Writer) (flags, error) {
	var f flags
	set := flag.NewFlagSet("sample", flag.ContinueOnError)
	set.SetOutput(errs)
	set.StringVar(&f.addr, "addr", "127.0.0.1:0", "address to listen on; port 0 takes a free one")
	set.IntVar(&f.world.Games, "games", 10_000, "distinct games, each in both players' archives")
	set.IntVar(&f.world.Players, "players", 10, "players with a profile; one more is listed that answers 404")
	set.IntVar(&f.world.Months, "months", 60, "months up to and with December 2024 over which the games lie")
	set.BoolVar(&f.serve.Faults, "faults", true, "answer 429 once on two addresses, and 404 on a month that an archive names")
	set.BoolVar(&f.serve.Gzip, "gzip", false, "compress answers for clients that accept it")
	set.BoolVar(&f.list, "list-players", false, "print the players' names with commas between, and exit")
	set.Usage = func() {
		fmt.Fprint(errs, "usage: sample [flags] [-- command with {url} and {players}]\n\nIt serves an API like Chess.com's under /pub.\n\n")
		set.PrintDefaults()
	}
	err := set.Parse(args)
	f.command = set.Args()
	return f, err
}

// run serves until ctx ends, or the command does; it returns the exit code.
func run(ctx context.Context, args []string, out, errs io.Writer) (int, error) {
	f, err := parse(args, errs)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0, nil
	case err != nil:
		return 2, nil // flag has said what is wrong
	}
	world, err := sample.New(f.world)
	if err != nil {
		return 2, fmt.Errorf("the flags: %w", err)
	}
	players := strings.Join(world.Players(), ",")
	if f.list {
		fmt.Fprintln(out, players)
		return 0, nil
	}
	listener, err := net.Listen("tcp", f.addr)
	if err != nil {
		return 1, fmt.Errorf("listen on %s: %w; name a free address with --addr", f.addr, err)
	}
	server := &http.Server{Handler: world.Handler(f.serve), ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	url := "http://" + listener.Addr().String() + "/pub"
	if len(f.command) > 0 {
		code, err := attend(ctx, f.command, url, players)
		return code, errors.Join(err, server.Close())
	}
	fmt.Fprintln(out, "listening on", url)
	select {
	case err := <-served:
		return 1, fmt.Errorf("serve on %s: %w", url, err)
	case <-ctx.Done():
	}
	closing, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(closing); err != nil {
		return 1, fmt.Errorf("finish the open answers: %w", err)
	}
	return 0, nil
}

// attend runs a command against the server, hands our signals on to it and lets
// it end as it likes; its code is ours.
func attend(ctx context.Context, command []string, url, players string) (int, error) {
	words := make([]string, len(command))
	for i, word := range command {
		words[i] = strings.NewReplacer("{url}", url, "{players}", players).Replace(word)
	}
	c := exec.CommandContext(ctx, words[0], words[1:]...)
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := c.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return max(exit.ExitCode(), 1), nil
	}
	if err != nil && ctx.Err() == nil {
		return 1, fmt.Errorf("run %s: %w", words[0], err)
	}
	return 0, nil
}
