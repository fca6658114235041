package ingest

// Summary is what a run did.
type Summary struct {
	Source     string            `json:"source"`
	Resources  []ResourceSummary `json:"resources"`
	Unfinished bool              `json:"unfinished,omitempty"` // stopped at Options.Until: run again to go on
}

// ResourceSummary is what a run did for one resource.
type ResourceSummary struct {
	Name       string   `json:"name"`
	Table      string   `json:"table"`
	Rows       int64    `json:"rows"` // read and fit to load
	Inserted   int64    `json:"inserted"`
	Updated    int64    `json:"updated"`
	Unchanged  int64    `json:"unchanged"`
	Rejected   int64    `json:"rejected"`  // in <table>__rejected
	Discarded  int64    `json:"discarded"` // values of fields that the contract does not name
	Loads      int64    `json:"loads"`     // commits, of which each holds rows and state
	LoadIDs    []string `json:"load_ids,omitempty"`
	Bytes      int64    `json:"bytes"` // of answers, decompressed
	Requests   int64    `json:"requests"`
	Retries    int64    `json:"retries"`
	Skipped    int64    `json:"skipped"`            // requests, all of them
	Skips      []Skip   `json:"skips,omitempty"`    // the first maxSkips of them
	Advanced   bool     `json:"advanced,omitempty"` // a commit moved the cursor on: the next run begins further on
	Unfinished bool     `json:"unfinished,omitempty"`
}

// maxSkips and maxLoadIDs keep a summary small; Skipped and Loads count on.
const (
	maxSkips   = 1000
	maxLoadIDs = 1000
)
