package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/orchestrate"
	"github.com/floe-data/floe/runtime/project"
)

// view shows a run: live on a terminal, a line an event elsewhere.
type view interface {
	observe(orchestrate.Event)
	close()
}

func (a *app) newView(w *project.Workflow) view {
	if a.output == "json" {
		return &jsonView{a.out}
	}
	if f, ok := a.err.(*os.File); ok && isatty.IsTerminal(f.Fd()) && os.Getenv("TERM") != "dumb" {
		return newLiveView(f, w)
	}
	return &plainView{w: a.err, last: map[string]time.Time{}}
}

// jsonView writes one object an event to stdout.
type jsonView struct{ w io.Writer }

type eventLine struct {
	Event   string             `json:"event"`
	At      time.Time          `json:"at"`
	Run     string             `json:"run"`
	Step    string             `json:"step,omitempty"`
	Status  orchestrate.Status `json:"status"`
	Text    string             `json:"text,omitempty"`
	Counts  map[string]int     `json:"counts,omitempty"`
	Summary any                `json:"summary,omitempty"`
	Error   string             `json:"error,omitempty"`
	Next    string             `json:"next,omitempty"`
}

func (v *jsonView) observe(e orchestrate.Event) {
	line := eventLine{Event: e.Kind, At: e.At, Run: e.Run, Step: e.Step, Status: e.Status, Text: e.Text, Counts: e.Counts, Summary: e.Summary}
	if e.Err != nil {
		line.Error, line.Next = e.Err.Error(), nextOf(e.Err)
	}
	writeJSON(v.w, line)
}

func (v *jsonView) close() {}

// plainView writes lines to stderr, at most one a second and step for progress.
type plainView struct {
	w    io.Writer
	last map[string]time.Time
}

func (v *plainView) observe(e orchestrate.Event) {
	switch e.Kind {
	case "run-started":
		fmt.Fprintln(v.w, "run", e.Run)
	case "step-started":
		fmt.Fprintf(v.w, "%s: started\n", e.Step)
	case "progress":
		if e.At.Sub(v.last[e.Step]) >= time.Second {
			v.last[e.Step] = e.At
			fmt.Fprintf(v.w, "%s: %s\n", e.Step, e.Text)
		}
	case "step-ended":
		fmt.Fprintf(v.w, "%s: %s%s\n", e.Step, e.Status, endText(e))
	case "run-ended":
		fmt.Fprintf(v.w, "run %s: %s\n", e.Run, e.Status)
	}
}

func (v *plainView) close() {}

// endText tells a step's summary in a few words.
func endText(e orchestrate.Event) string {
	if s, ok := e.Summary.(fmt.Stringer); ok && s.String() != "" {
		return ", " + s.String()
	}
	if e.Text != "" {
		return ", " + e.Text
	}
	return ""
}

// shortLine is what fits beside a step's name on most terminals.
const shortLine = 60

// liveView draws one line a step and keeps them current.
type liveView struct {
	mu     sync.Mutex
	all    *mpb.Progress
	bars   map[string]*mpb.Bar
	lines  map[string]string
	starts map[string]time.Time
	w      io.Writer
	after  []string // lines for below the drawing, which cuts long ones
}

func newLiveView(w io.Writer, flow *project.Workflow) *liveView {
	v := &liveView{w: w, all: mpb.New(mpb.WithOutput(w), mpb.WithRefreshRate(120*time.Millisecond)),
		bars: map[string]*mpb.Bar{}, lines: map[string]string{}, starts: map[string]time.Time{}}
	width := 0
	for _, s := range flow.Steps {
		width = max(width, len(s.Name))
	}
	for _, s := range flow.Steps {
		name := s.Name
		v.lines[name] = "waiting"
		v.bars[name] = v.all.New(1, mpb.NopStyle(),
			mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return v.line(name, width) })))
	}
	return v
}

func (v *liveView) line(step string, width int) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	clock := ""
	if start, ok := v.starts[step]; ok {
		clock = fmt.Sprintf("%5.1fs ", time.Since(start).Seconds())
	}
	return fmt.Sprintf("%-*s  %s%s", width, step, clock, v.lines[step])
}

func (v *liveView) observe(e orchestrate.Event) {
	if e.Kind == "run-ended" {
		v.after = append(v.after, fmt.Sprintf("run %s: %s", e.Run, e.Status))
	}
	bar := v.bars[e.Step]
	if bar == nil {
		return
	}
	v.mu.Lock()
	switch e.Kind {
	case "step-started":
		v.starts[e.Step], v.lines[e.Step] = e.At, "started"
	case "progress":
		v.lines[e.Step] = e.Text
	case "step-ended":
		took := ""
		if start, ok := v.starts[e.Step]; ok {
			took = fmt.Sprintf(" in %.1fs", e.At.Sub(start).Seconds())
		}
		delete(v.starts, e.Step)
		v.lines[e.Step] = string(e.Status) + took + endText(e)
		if len(v.lines[e.Step]) > shortLine {
			v.after = append(v.after, e.Step+": "+v.lines[e.Step])
		}
	}
	v.mu.Unlock()
	if e.Kind == "step-ended" {
		bar.Increment()
	}
}

// close ends the drawing; steps that never began say so.
func (v *liveView) close() {
	v.mu.Lock()
	for name, line := range v.lines {
		if line == "waiting" {
			v.lines[name] = string(orchestrate.Skipped)
		}
	}
	v.mu.Unlock()
	for _, b := range v.bars {
		if !b.Completed() {
			b.Increment()
		}
	}
	v.all.Wait()
	for _, line := range v.after {
		fmt.Fprintln(v.w, line)
	}
}

func nextOf(err error) string { return fault.Next(err) }
