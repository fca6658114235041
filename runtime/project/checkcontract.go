package project

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/schema"
	"github.com/floe-data/floe/runtime/yamlfile"
)

// columnName is what a column of a landing table is named like; a nested field
// is parent__child.
var columnName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,199}$`)

// contractCheck finds what is wrong in one contract by itself.
type contractCheck struct {
	file     *yamlfile.File
	contract *Contract
	types    map[string]schema.Type // of the columns whose type is known
	at       map[string]int         // first place of each column
}

func (c *contractCheck) all() {
	c.types, c.at = map[string]schema.Type{}, map[string]int{}
	for i := range c.contract.Columns {
		c.column(i)
	}
	c.renames()
	c.key()
	c.partition()
	c.sort()
	c.tags("tags", c.contract.Tags)
	if _, err := ParseRetention(c.contract.Retention); err != nil {
		c.file.Errorf("retention", "%v", err)
	}
}

func (c *contractCheck) column(i int) {
	col := &c.contract.Columns[i]
	key := yamlfile.Key("columns", i)
	switch first, twice := c.at[col.Name]; {
	case twice:
		c.file.Errorf(key+".name", "found %s twice, first as columns[%d]; keep one", col.Name, first)
	case strings.HasPrefix(col.Name, "_floe_"):
		c.file.Errorf(key+".name", "found %q; columns named _floe_… are added by every load: choose another name", col.Name)
	case !columnName.MatchString(col.Name):
		c.file.Errorf(key+".name", "found %q; write lower-case letters, digits and _, no digit first, and the field's own name as from: %q", col.Name, col.Name)
	}
	if _, twice := c.at[col.Name]; !twice {
		c.at[col.Name] = i
	}
	t, err := schema.ParseType(col.Type)
	if err != nil {
		c.file.Errorf(key+".type", "%v", err)
	} else {
		c.types[col.Name] = t
		c.format(key+".format", col.Format, t)
	}
	c.tags(key+".tags", col.Tags)
}

// format checks how a time is written against the column's type.
func (c *contractCheck) format(key, format string, t schema.Type) {
	times := t.Kind == schema.Timestamp || t.Kind == schema.Timestamptz
	switch {
	case format == "":
	case !times && t.Kind != schema.Date:
		c.file.Errorf(key, "found %s, but the column is a %s; a format is for date, timestamp and timestamptz", format, t)
	}
}

func (c *contractCheck) renames() {
	former := map[string]int{}
	for i, col := range c.contract.Columns {
		if col.WasNamed == "" {
			continue
		}
		key := yamlfile.Key("columns", i, "was_named")
		if first, twice := former[col.WasNamed]; twice {
			c.file.Errorf(key, "found %s twice, first in columns[%d]; one column becomes one column", col.WasNamed, first)
		} else if _, still := c.at[col.WasNamed]; still {
			c.file.Errorf(key, "found %s, which is still a column; remove that one, or this was_named", col.WasNamed)
		}
		former[col.WasNamed] = i
	}
}

// known finds a column by name, and tells if there is none.
func (c *contractCheck) known(key, name string) (*ContractColumn, bool) {
	i, ok := c.at[name]
	if !ok && !c.file.Sound("columns") {
		return nil, false
	}
	if !ok {
		c.file.Errorf(key, "found %s, which is no column; %s", name, meant(name, slices.Sorted(maps.Keys(c.at)), "declare it under columns:"))
		return nil, false
	}
	return &c.contract.Columns[i], true
}

func (c *contractCheck) key() {
	seen := map[string]bool{}
	for i, name := range c.contract.Key {
		key := yamlfile.Key("key", i)
		col, ok := c.known(key, name)
		if !ok {
			continue
		}
		t, typed := c.types[name]
		switch {
		case seen[name]:
			c.file.Errorf(key, "found %s twice; keep one", name)
		case !col.Required:
			c.file.Errorf(key, "found %s, which may be null; write required: true at the column: a row is known by its key", name)
		case typed && (t.Kind == schema.Double || t.Kind == schema.JSON):
			c.file.Errorf(key, "found %s, a %s column; equal values are not always written alike: choose another key, or another type", name, t)
		}
		seen[name] = true
	}
}

func (c *contractCheck) partition() {
	names := map[string]int{}
	for i, text := range c.contract.Partition {
		key := yamlfile.Key("partition", i)
		p, err := schema.ParsePartition(text)
		if err != nil {
			c.file.Errorf(key, "%v", err)
			continue
		}
		if _, ok := c.known(key, p.Column); !ok {
			continue
		}
		if t, ok := c.types[p.Column]; ok {
			if err := p.Accepts(t); err != nil {
				c.file.Errorf(key, "%v", err)
				continue
			}
		}
		if first, twice := names[p.Name()]; twice {
			c.file.Errorf(key, "found %s, whose name %s is that of partition[%d] too; keep one", p, p.Name(), first)
		} else if _, column := c.at[p.Name()]; column && p.Transform != schema.Identity {
			c.file.Errorf(key, "found %s, whose name %s is a column's too; rename that column", p, p.Name())
		}
		names[p.Name()] = i
	}
}

func (c *contractCheck) sort() {
	seen := map[string]bool{}
	for i, text := range c.contract.Sort {
		key := yamlfile.Key("sort", i)
		s, err := schema.ParseSort(text)
		if err != nil {
			c.file.Errorf(key, "%v", err)
			continue
		}
		if _, ok := c.known(key, s.Column); ok && seen[s.Column] {
			c.file.Errorf(key, "found %s twice; keep one", s.Column)
		}
		seen[s.Column] = true
	}
}

func (c *contractCheck) tags(key string, tags map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		if !plainName.MatchString(name) {
			c.file.Errorf(yamlfile.Key(key, name), "the name of a tag: %s", plainNameIs)
		}
	}
	if value, ok := tags[TagSensitivity]; ok && !slices.Contains(Sensitivities, value) {
		c.file.Errorf(yamlfile.Key(key, TagSensitivity), "found %q; write one of %s", value, strings.Join(Sensitivities, ", "))
	}
	if value, ok := tags[TagDomain]; ok && key != "tags" {
		c.file.Errorf(yamlfile.Key(key, TagDomain), "found a domain; it is the table's: write it under the contract's own tags:")
	} else if ok && !plainName.MatchString(value) {
		c.file.Errorf(yamlfile.Key(key, TagDomain), "found %q; %s", value, plainNameIs)
	}
}
