package compiler

import (
	"time"

	"github.com/floe-data/floe/runtime/transform/graph"
)

// Session is one run over a parsed project. Its methods may be called from
// several goroutines.
type Session struct {
	p *Project

	DB          Database // nil: templates that ask it get an error
	Command     string   // flags.WHICH
	Invocation  string   // invocation_id
	Started     time.Time
	FullRefresh bool
	Selected    graph.Set // selected_resources
	Log         func(string)
}

// NewSession begins a run; db may be nil.
func (p *Project) NewSession(db Database) *Session {
	return &Session{p: p, DB: db, Command: "compile", Started: p.opts.Now, Log: p.opts.Log}
}
