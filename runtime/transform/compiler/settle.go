package compiler

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/nearest"
	"github.com/floe-data/floe/runtime/transform/jinja"
	"github.com/floe-data/floe/runtime/transform/manifest"
)

// knownConfig are the keys that floe acts on or that dbt itself defines; one
// that is nearly such a key is a slip, any other may be another adapter's.
var knownConfig = []string{
	"enabled", "materialized", "schema", "alias", "database", "tags", "meta", "docs", "persist_docs", "unique_key",
	"incremental_strategy", "on_schema_change", "pre_hook", "post_hook", "full_refresh", "partitioned_by", "sorted_by",
	"table_properties", "column_types", "delimiter", "quote_columns", "severity", "warn_if", "error_if", "fail_calc", "where",
	"limit", "store_failures", "store_failures_as", "grants", "contract", "quoting", "group", "access", "packages", "sql_header",
	"incremental_predicates", "merge_update_columns", "merge_exclude_columns", "on_configuration_change", "event_time", "batch_size",
	"begin", "lookback", "concurrent_batches", "unlogged", "indexes", "identifier", "freshness", "loaded_at_field", "loaded_at_query",
	"static_analysis", "description", "table_type", "format", "table",
}

// refused are keys that would change what a model means; floe must not pass over them.
var refused = map[string]string{
	"incremental_predicates": "write the condition into the model's SQL",
	"merge_update_columns":   "a merge replaces whole rows",
	"merge_exclude_columns":  "a merge replaces whole rows",
	"sql_header":             "write it into the model's SQL",
	"event_time":             "microbatch is not supported; filter by time in an incremental model",
	"batch_size":             "microbatch is not supported; filter by time in an incremental model",
}

// ineffective are keys that floe knows and that change nothing here.
var ineffective = map[string]string{
	"grants":            "who may read what is written in live/<stack>/access.yaml",
	"database":          "a lake has one database",
	"store_failures":    "a failing test names its compiled SQL, which shows the rows",
	"store_failures_as": "a failing test names its compiled SQL, which shows the rows",
}

var strategies = map[string]string{"append": "append", "merge": "merge", "delete+insert": "merge", "default": ""}

var schemaChanges = []string{"ignore", "fail", "append_new_columns", "sync_all_columns"}

// settler reads a node's merged configuration into typed fields.
type settler struct {
	node *manifest.Node
	d    *jinja.Dict
	errs []error
	warn func(string)
}

func (s *settler) failf(format string, args ...any) {
	s.errs = append(s.errs, fmt.Errorf(format, args...))
}

// settle fills n.Config; errors name the key, not the place.
func settle(n *manifest.Node, d *jinja.Dict, warn func(string)) error {
	s := &settler{node: n, d: d, warn: warn}
	c := &n.Config
	c.Values = d
	c.Enabled = s.boolean("enabled", true)
	c.Schema, c.Alias = s.text("schema"), s.text("alias")
	c.Tags = unique(s.texts("tags"))
	d.SetString("tags", stringList(c.Tags))
	if m, ok := plain(s.get("meta")).(map[string]any); ok {
		c.Meta = m
	}
	if err := checkMeta("meta", c.Meta, false); err != nil && (n.Kind == manifest.Model || n.Kind == manifest.Seed) {
		s.errs = append(s.errs, err)
	}
	s.keys()
	defer s.defaults()
	switch n.Kind {
	case manifest.Model:
		s.model(c)
	case manifest.Seed:
		s.seed(c)
	case manifest.Test:
		s.test(c)
	}
	return errors.Join(s.errs...)
}

// defaults are what dbt shows in a node's config when nothing is configured.
func (s *settler) defaults() {
	show := func(pairs ...jinja.Value) {
		for i := 0; i < len(pairs); i += 2 {
			key, _ := pairs[i].(string)
			if v, ok := s.d.GetString(key); !ok || v == nil {
				s.d.SetString(key, pairs[i+1])
			}
		}
	}
	show("enabled", s.node.Config.Enabled, "meta", jinja.NewDict())
	switch s.node.Kind {
	case manifest.Model:
		show("materialized", s.node.Config.Materialized, "on_schema_change", "ignore", "incremental_strategy", nil, "unique_key", nil,
			"full_refresh", nil, "persist_docs", jinja.NewDict(), "pre_hook", jinja.NewList(), "post_hook", jinja.NewList())
	case manifest.Seed:
		show("materialized", "seed", "delimiter", ",", "quote_columns", nil, "column_types", jinja.NewDict())
	case manifest.Test:
		show("materialized", "test", "severity", "ERROR", "warn_if", "!= 0", "error_if", "!= 0", "fail_calc", "count(*)", "where", nil,
			"limit", nil, "store_failures", nil)
	}
}

func (s *settler) get(key string) jinja.Value {
	v, _ := s.d.GetString(key)
	return v
}

func (s *settler) text(key string) string {
	v := s.get(key)
	if v == nil {
		return ""
	}
	switch v.(type) {
	case *jinja.Dict, *jinja.List, jinja.Tuple, bool:
		s.failf("%s is %s; a string is needed", key, jinja.Repr(v))
		return ""
	}
	return jinja.Str(v)
}

func (s *settler) texts(key string) []string {
	out, err := texts(key, s.get(key))
	if err != nil {
		s.errs = append(s.errs, err)
	}
	return out
}

func (s *settler) boolean(key string, fallback bool) bool {
	switch v := s.get(key).(type) {
	case nil:
		return fallback
	case bool:
		return v
	case string:
		switch strings.ToLower(v) {
		case "true", "yes", "on":
			return true
		case "false", "no", "off":
			return false
		}
	}
	s.failf("%s is %s; true or false is needed", key, jinja.Repr(s.get(key)))
	return fallback
}

func (s *settler) keys() {
	for _, k := range s.d.Keys() {
		key := jinja.Str(k)
		v := s.get(key)
		if why, ok := refused[key]; ok && jinja.Truth(v) {
			s.failf("%s is not supported: %s", key, why)
		}
		if why, ok := ineffective[key]; ok && jinja.Truth(v) {
			s.warn(fmt.Sprintf("%s has no effect: %s", key, why))
		}
		if slices.Contains(knownConfig, key) {
			continue
		}
		if near := nearest.Word(key, knownConfig); near != "" && near[0] == key[0] && nearest.Distance(key, near) <= 2 {
			s.failf("unknown configuration %s; did you mean %s?", key, near)
		}
	}
	if d, ok := s.get("contract").(*jinja.Dict); ok {
		if v, _ := d.GetString("enforced"); jinja.Truth(v) {
			s.failf("contract.enforced is not supported for models yet: write data_tests for what the columns must hold")
		}
	}
}

func (s *settler) model(c *manifest.Config) {
	c.Materialized = s.text("materialized")
	switch c.Materialized {
	case "":
		c.Materialized = manifest.View
	case manifest.View, manifest.Table, manifest.Incremental, manifest.Ephemeral:
	default:
		s.failf("materialized is %q; floe has view, table, incremental and ephemeral", c.Materialized)
	}
	s.common(c)
	c.Partition, c.Sort = s.texts("partitioned_by"), s.texts("sorted_by")
	if c.Materialized == manifest.Incremental {
		s.incremental(c)
	}
	if v := s.get("full_refresh"); v != nil {
		b := s.boolean("full_refresh", false)
		c.FullRefresh = &b
	}
}

func (s *settler) common(c *manifest.Config) {
	c.PreHooks, c.PostHooks = s.hooks("pre_hook"), s.hooks("post_hook")
	var err error
	if c.Properties, err = textMap("table_properties", s.get("table_properties")); err != nil {
		s.errs = append(s.errs, err)
	}
	if d, ok := s.get("persist_docs").(*jinja.Dict); ok {
		rel, _ := d.GetString("relation")
		cols, _ := d.GetString("columns")
		c.DocRelation, c.DocColumns = jinja.Truth(rel), jinja.Truth(cols)
	}
}

// hooks takes texts, and dbt's mappings {sql: …, transaction: …}.
func (s *settler) hooks(key string) []string {
	l, ok := s.get(key).(*jinja.List)
	if !ok {
		return s.texts(key)
	}
	var out []string
	for _, x := range l.Items {
		if d, ok := x.(*jinja.Dict); ok {
			x, _ = d.GetString("sql")
		}
		text, ok := x.(string)
		if !ok {
			s.failf("%s holds %s; SQL is needed", key, jinja.Repr(x))
			continue
		}
		if strings.TrimSpace(text) != "" {
			out = append(out, text)
		}
	}
	return out
}

func (s *settler) incremental(c *manifest.Config) {
	c.UniqueKey = s.texts("unique_key")
	name := s.text("incremental_strategy")
	strategy, ok := strategies[name]
	if !ok && name != "" {
		s.failf("incremental_strategy is %q; floe has append and merge (delete+insert is done as merge)", name)
	}
	if strategy == "" {
		strategy = "append"
		if len(c.UniqueKey) > 0 {
			strategy = "merge"
		}
	}
	if strategy == "merge" && len(c.UniqueKey) == 0 {
		s.failf("incremental_strategy %s needs unique_key: the columns by which a row is found again", name)
	}
	c.Strategy = strategy
	if c.OnSchemaChange = s.text("on_schema_change"); c.OnSchemaChange == "" {
		c.OnSchemaChange = "ignore"
	}
	if !slices.Contains(schemaChanges, c.OnSchemaChange) {
		s.failf("on_schema_change is %q; it is one of %s", c.OnSchemaChange, strings.Join(schemaChanges, ", "))
	}
}

func (s *settler) seed(c *manifest.Config) {
	c.Materialized = s.text("materialized")
	if c.Materialized == "" {
		c.Materialized = "seed"
	}
	if c.Materialized != "seed" {
		s.failf("materialized is %q; a seed is a seed", c.Materialized)
	}
	s.common(c)
	var err error
	if c.ColumnTypes, err = textMap("column_types", s.get("column_types")); err != nil {
		s.errs = append(s.errs, err)
	}
	c.Delimiter = s.text("delimiter")
	c.QuoteSeed = s.boolean("quote_columns", false)
}

func (s *settler) test(c *manifest.Config) {
	c.Materialized = "test"
	c.Severity = strings.ToUpper(s.text("severity"))
	switch c.Severity {
	case "":
		c.Severity = "ERROR"
	case "ERROR", "WARN":
	default:
		s.failf("severity is %q; it is error or warn", s.text("severity"))
	}
	fallback := func(key, value string) string {
		if t := s.text(key); t != "" {
			return t
		}
		return value
	}
	c.WarnIf, c.ErrorIf = fallback("warn_if", "!= 0"), fallback("error_if", "!= 0")
	c.FailCalc, c.Where = fallback("fail_calc", "count(*)"), s.text("where")
	switch v := s.get("limit").(type) {
	case nil:
	case int64:
		c.Limit = v
	default:
		s.failf("limit is %s; a whole number is needed", jinja.Repr(v))
	}
}
