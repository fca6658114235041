package manifest

// Config is a node's settled configuration. Values holds everything that was
// configured, also keys that floe gives no meaning to, in the template
// language's values; the fields are what floe acts on.
type Config struct {
	Values any // *jinja.Dict

	Enabled      bool
	Materialized string
	Schema       string // custom schema as configured, "" if none
	Alias        string // custom alias as configured, "" if none
	Tags         []string
	Meta         map[string]any

	UniqueKey      []string
	Strategy       string // incremental_strategy: append or merge
	OnSchemaChange string
	FullRefresh    *bool // nil: as asked for on the command line
	Partition      []string
	Sort           []string
	Properties     map[string]string // table_properties
	PreHooks       []string
	PostHooks      []string
	DocRelation    bool // persist_docs
	DocColumns     bool

	ColumnTypes map[string]string // seeds
	Delimiter   string            // seeds
	QuoteSeed   bool              // seeds: quote_columns

	Severity string // tests: ERROR or WARN
	WarnIf   string
	ErrorIf  string
	FailCalc string
	Where    string
	Limit    int64 // 0: none
}
