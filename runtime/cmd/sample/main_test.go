package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestListPlayers(t *testing.T) {
	var out, errs bytes.Buffer
	code, err := run(t.Context(), []string{"--players", "3", "--list-players"}, &out, &errs)
	if code != 0 || err != nil || out.String() != "ada,boris,chiara,nobody\n" {
		t.Errorf("%d %v %q", code, err, out.String())
	}
}

func TestWrongFlags(t *testing.T) {
	for _, args := range [][]string{{"--players", "1"}, {"--nothing"}, {"--games", "many"}, {"--months", "9999"}} {
		var out, errs bytes.Buffer
		if code, _ := run(t.Context(), args, &out, &errs); code != 2 {
			t.Errorf("%v: exit code %d, want 2", args, code)
		}
	}
}

func TestServesUntilItIsStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	read, write := io.Pipe()
	done := make(chan int, 1)
	go func() {
		code, err := run(ctx, []string{"--games", "20"}, write, io.Discard)
		if err != nil {
			t.Error(err)
		}
		done <- code
	}()
	line, err := bufio.NewReader(read).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if err != nil || !ok || !strings.HasSuffix(url, "/pub") {
		t.Fatalf("%v: first line %q", err, line)
	}
	answer, err := http.Get(url + "/player/ada")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("status %d", answer.StatusCode)
	}
	stop()
	select {
	case code := <-done:
		if code != 0 {
			t.Errorf("exit code %d", code)
		}
	case <-time.After(10 * time.Second):
		t.Error("it does not stop")
	}
}

func TestCommandRunsAgainstTheServer(t *testing.T) {
	for script, want := range map[string]int{
		`case "$1" in http://127.0.0.1:*/pub) ;; *) exit 9;; esac; test "$2" = ada,boris,nobody`: 0,
		`exit 3`: 3,
	} {
		code, err := run(t.Context(), []string{"--players", "2", "--", "sh", "-c", script, "sh", "{url}", "{players}"}, io.Discard, io.Discard)
		if code != want || err != nil {
			t.Errorf("%s: exit code %d %v, want %d", script, code, err, want)
		}
	}
}
