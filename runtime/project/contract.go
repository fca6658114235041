package project

import (
	"time"

	"github.com/floe-data/floe/runtime/schema"
)

// Contract is runtime/pipelines/ingest/<source>/tables/<resource>.yaml: what a
// landing table promises.
type Contract struct {
	Version     int               `yaml:"version" jsonschema:"enum=1"`
	Description string            `yaml:"description,omitempty"`
	Owner       string            `yaml:"owner,omitempty"`     // who answers for it; required in prod
	Retention   string            `yaml:"retention,omitempty"` // forever, or an age in days (730d) after which maintenance removes rows; required in prod
	Columns     []ContractColumn  `yaml:"columns" jsonschema:"minItems=1"`
	Key         []string          `yaml:"key,omitempty"`
	Partition   []string          `yaml:"partition,omitempty"` // "year(end_time)", see schema.ParsePartition
	Sort        []string          `yaml:"sort,omitempty"`      // "end_time desc", see schema.ParseSort
	Tags        map[string]string `yaml:"tags,omitempty"`      // domain and sensitivity say who may read it; others are yours. sensitivity is required in prod
	OnBreak     OnBreak           `yaml:"on_break,omitempty"`

	Name string `yaml:"-" json:"-"` // landing_<source>.<resource>
	File string `yaml:"-" json:"-"`
}

// ContractColumn is one promised column. A nested field of a JSON record is
// parent__child; From names another path.
type ContractColumn struct {
	Name        string            `yaml:"name"`
	Type        string            `yaml:"type"`
	Required    bool              `yaml:"required,omitempty"`
	From        string            `yaml:"from,omitempty"`                                                                            // dotted path in the record, default: the name with __ as dots
	Format      string            `yaml:"format,omitempty" jsonschema:"enum=epoch_seconds,enum=epoch_millis,enum=rfc3339,enum=date"` // how a time is written in the record
	Description string            `yaml:"description,omitempty"`
	Tags        map[string]string `yaml:"tags,omitempty"`
	WasNamed    string            `yaml:"was_named,omitempty"` // the column's former name: a rename, not a drop and an add
}

// OnBreak is what happens to data that breaks the contract.
type OnBreak struct {
	NewColumns string `yaml:"new_columns,omitempty" jsonschema:"enum=evolve,enum=freeze,enum=discard"` // default evolve
	BadRows    string `yaml:"bad_rows,omitempty" jsonschema:"enum=reject,enum=fail"`                   // default reject: to <table>__rejected
}

// The tags that say who may read a table or column.
const (
	TagDomain      = "domain"
	TagSensitivity = "sensitivity"
)

// Sensitivities are what TagSensitivity may say, the least first. A column
// without one has its table's.
var Sensitivities = []string{"public", "internal", "confidential", "personal"}

// Forever is the retention of what is never removed.
const Forever = "forever"

// RowsKept is how long rows are kept; 0 for ever.
func (c *Contract) RowsKept() time.Duration {
	days, err := ParseRetention(c.Retention)
	if err != nil {
		return 0 // refused by Load already
	}
	return days
}

// Sensitivity of a column, or with "" of the table: "" where neither says.
func (c *Contract) Sensitivity(column string) string {
	for _, col := range c.Columns {
		if col.Name == column && col.Tags[TagSensitivity] != "" {
			return col.Tags[TagSensitivity]
		}
	}
	return c.Tags[TagSensitivity]
}

// Schema is the contract's columns without the ones that every load adds.
// The contract was checked when it was read, so its types parse.
func (c *Contract) Schema() schema.Schema {
	var s schema.Schema
	for _, col := range c.Columns {
		t, err := schema.ParseType(col.Type)
		if err != nil {
			continue // refused by Load already
		}
		s.Columns = append(s.Columns, schema.Column{Name: col.Name, Type: t, Required: col.Required, Doc: col.Description})
	}
	return s
}
