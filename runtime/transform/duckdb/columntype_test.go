package duckdb

import (
	"strings"
	"testing"
)

func TestStoredType(t *testing.T) {
	for _, tc := range []struct{ engine, want string }{
		{"BOOLEAN", "boolean"}, {"TINYINT", "long"}, {"INTEGER", "long"}, {"BIGINT", "long"}, {"UINTEGER", "long"},
		{"UBIGINT", "decimal(20,0)"}, {"HUGEINT", "decimal(38,0)"}, {"FLOAT", "double"}, {"DOUBLE", "double"},
		{"DECIMAL(38,10)", "decimal(38,10)"}, {"DECIMAL(4,1)", "decimal(4,1)"},
		{"DATE", "date"}, {"TIMESTAMP", "timestamp"}, {"TIMESTAMP_NS", "timestamp"}, {"TIMESTAMP_S", "timestamp"}, {"TIMESTAMP_MS", "timestamp"},
		{"TIMESTAMP WITH TIME ZONE", "timestamptz"}, {"VARCHAR", "string"}, {"UUID", "string"}, {"JSON", "string"},
		{"ENUM('a', 'b]')", "string"}, {"BLOB", "binary"},
	} {
		got, err := storedType("c", tc.engine)
		if err != nil || got.String() != tc.want {
			t.Errorf("%s is stored as %s (%v), want %s", tc.engine, got, err, tc.want)
		}
	}
	for _, tc := range []struct{ engine, want string }{
		{`"NULL"`, "cast(null as varchar)"}, {"INTERVAL", "seconds"}, {"TIME", "cast(c as varchar)"}, {"TIME WITH TIME ZONE", "cast(c as varchar)"},
		{"INTEGER[]", "to_json(c)"}, {"DECIMAL(4,1)[]", "to_json(c)"}, {"STRUCT(a INTEGER)", "to_json(c)"}, {"MAP(VARCHAR, INTEGER)", "to_json(c)"},
		{"UNION(num INTEGER)", "to_json(c)"}, {"INTEGER[3]", "to_json(c)"}, {"BIT", "cast(c as varchar)"}, {"BIGNUM", "cast(c as varchar)"}, {"UHUGEINT", "cast(c as varchar)"},
	} {
		if got, err := storedType("c", tc.engine); err == nil || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), `"c"`) {
			t.Errorf("%s is stored as %s, %v; want an error with %q", tc.engine, got, err, tc.want)
		}
	}
}
