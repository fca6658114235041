//go:build cloud

package cloudtest

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/floe-data/floe/infra/internal/emulated/aws"
	"github.com/floe-data/floe/runtime/orchestrate"
)

// writers load the same source at once: the commits meet in Glue, and no row
// is lost or there twice.
func (w *world) writers(function, source string, n int) {
	w.Helper()
	event, err := json.Marshal(orchestrate.Task{Act: orchestrate.ActLoad, Source: source})
	if err != nil {
		w.Fatal(err)
	}
	var wait sync.WaitGroup
	for range n {
		wait.Go(func() {
			answer, err := w.engine.AWS.Invoke(w.ctx, function, event)
			if err != nil || answer.FunctionError != "" || !strings.Contains(string(answer.Payload), `"finished":true`) {
				w.Errorf("a writer: %v %+v", err, answer)
			}
		})
	}
	wait.Wait()
}

// floe builds the tool once and gives a command of it, run as its user would
// with the emulated account's keys.
func (w *world) floe(stdin string, args ...string) (string, error) {
	w.Helper()
	c := exec.CommandContext(w.ctx, floeBinary(w.T), append(args, "--project", w.files.root)...)
	c.Stdin = strings.NewReader(stdin)
	c.Env = w.engine.Env()
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	return out.String(), err
}

// secrets fills the partner's secret from standard input; without it the load
// says how.
func secrets(w *world) {
	event := []byte(`{"act": "load", "source": "partner"}`)
	answer, err := w.engine.AWS.Invoke(w.ctx, w.names("ingest-partner"), event)
	if err != nil || answer.FunctionError == "" || !strings.Contains(string(answer.Payload), "floe secret set partner --stack "+w.name) {
		w.Errorf("a load without its secret: %v %s", err, answer.Payload)
	}
	out, err := w.floe("", "secret", "list", "--stack", w.name)
	if err != nil || !strings.Contains(out, "floe secret set partner --stack "+w.name) {
		w.Errorf("floe secret list: %v\n%s", err, out)
	}
	out, err = w.floe(token+"\n", "secret", "set", "partner", "--stack", w.name)
	if err != nil || strings.Contains(out, token) {
		w.Fatalf("floe secret set: %v\n%s", err, out)
	}
	for range 2 {
		w.task(w.names("ingest-partner"), orchestrate.Task{Act: orchestrate.ActLoad, Source: "partner"})
	}
	w.task(w.names("maintain"), orchestrate.Task{Act: orchestrate.ActMaintain, KeepSnapshots: "1ms"}) // the first load's snapshot goes
	if rows := w.rows("landing_partner", "orders"); len(rows) != 2 {
		w.Errorf("orders: %v", rows)
	}
}

// transform runs the task definition's own container against a stand-in for
// Athena; what SQL means is not its business.
func transform(w *world) {
	task := orchestrate.Task{Act: orchestrate.ActTransform, Command: "build"}
	command, err := json.Marshal(task)
	if err != nil {
		w.Fatal(err)
	}
	run, err := w.engine.AWS.RunTask(w.ctx, aws.TaskRun{Family: w.names("transform"), Command: []string{string(command)}})
	if err != nil {
		w.Fatal(err)
	}
	code, err := run.Wait(w.ctx)
	if err != nil || code != 0 {
		w.Fatalf("transform exits %d, %v:\n%s", code, err, run.Output())
	}
	var all []string
	for _, s := range w.athena.Statements() {
		all = append(all, s.SQL)
	}
	if slices.Contains(w.functions, "transform") {
		w.task(w.names("transform"), task)
	}
	asked := strings.Join(all, "\n")
	if !strings.Contains(asked, "floe_"+w.name+"_landing_games") || !strings.Contains(asked, "floe_"+w.name+"_staging") {
		w.Errorf("Athena was asked\n%s", asked)
	}
	if got := w.columns("marts", "games_of_players"); got != "player,games,followers" {
		w.Errorf("the mart's columns are %s", got)
	}
	if view := w.table("staging", "stg_games"); view == nil || *view.TableType != "VIRTUAL_VIEW" {
		w.Errorf("the staging view is %v", view)
	}
}

// noSecretAnywhere looks for the partner's token wherever it must not be.
func noSecretAnywhere(w *world) {
	if answer, err := w.engine.AWS.Invoke(w.ctx, w.names("ingest-associate"), []byte(`{"act": "load"}`)); err != nil || answer.FunctionError == "" {
		w.Errorf("a load without its secret: %v %s", err, answer.Payload)
	}
	look := func(where string, text []byte) {
		if bytes.Contains(text, []byte(token)) {
			w.Errorf("the token is in %s", where)
		}
	}
	state, err := w.stack.Export(w.ctx)
	if err != nil {
		w.Fatal(err)
	}
	text, err := json.Marshal(state)
	if err != nil {
		w.Fatal(err)
	}
	look("the state", text)
	runs := w.engine.AWS.Runs()
	if len(runs) < 5 {
		w.Errorf("only %d runs were kept", len(runs))
	}
	for _, run := range runs {
		look("the log of "+run.Name, []byte(run.Log))
		for key, value := range run.Environment {
			look("the environment of "+run.Name+", "+key, []byte(value))
		}
		look("the answer of "+run.Name, run.Result)
	}
	for name, layer := range w.layers() {
		look(name, layer)
	}
	_ = filepath.WalkDir(w.files.root, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			look(path, text)
		}
		return err
	})
}
