package schema

import (
	"strings"
	"testing"
)

func TestParseType(t *testing.T) {
	for _, tc := range []struct{ text, want, err string }{
		{"long", "long", ""},
		{" Long ", "long", ""},
		{"decimal(18, 2)", "decimal(18,2)", ""},
		{"timestamptz", "timestamptz", ""},
		{"json", "json", ""},
		{"decimal", "", "unknown type"},
		{"decimal(38,10)", "", "at most 18 digits"},
		{"decimal(4,5)", "", "scale at most its precision"},
		{"decimal(0,0)", "", "precision is 1 to 18"},
		{"decimal(18", "", "put it in quotes"},
		{"int", "", "write long"},
		{"float", "", "write double"},
		{"uuid", "", "write string"},
		{"time", "", "Spark cannot read"},
		{"timestamp_ns", "", "nanosecond"},
		{"varchar(10)", "", "write string"},
		{"list<long>", "", "write json"},
		{"struct<a:long>", "", "parent__field"},
		{"lnog", "", "a column is one of binary, boolean"},
		{"", "", "unknown type"},
		{"é", "", "unknown type"},
	} {
		t.Run(tc.text, func(t *testing.T) {
			got, err := ParseType(tc.text)
			if tc.err == "" {
				if err != nil || got.String() != tc.want {
					t.Fatalf("got %s, %v; want %s", got, err, tc.want)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tc.err) {
				t.Fatalf("error %v, want %q in it", err, tc.err)
			}
		})
	}
}

func TestParsePartition(t *testing.T) {
	for _, tc := range []struct{ text, want, name, err string }{
		{"year(end_time)", "year(end_time)", "end_time_year", ""},
		{"bucket(16, player)", "bucket(16, player)", "player_bucket", ""},
		{"truncate(100,id)", "truncate(100, id)", "id_truncate", ""},
		{"day", "day", "day", ""},
		{"identity(day)", "day", "day", ""},
		{"hour(größe)", "hour(größe)", "gr__e_hour", ""},
		{"bucket(0, player)", "", "", "1 to 100000"},
		{"week(t)", "", "", "write a column"},
		{"bucket(player)", "", "", "write a column"},
	} {
		t.Run(tc.text, func(t *testing.T) {
			got, err := ParsePartition(tc.text)
			if tc.err == "" {
				if err != nil || got.String() != tc.want || got.Name() != tc.name {
					t.Fatalf("got %s named %s, %v; want %s named %s", got, got.Name(), err, tc.want, tc.name)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tc.err) {
				t.Fatalf("error %v, want %q in it", err, tc.err)
			}
		})
	}
}

func TestPartitionAccepts(t *testing.T) {
	for _, tc := range []struct {
		partition, column string
		ok                bool
	}{
		{"year(c)", "timestamptz", true}, {"day(c)", "date", true}, {"hour(c)", "date", false}, {"month(c)", "long", false},
		{"c", "long", true}, {"c", "date", true}, {"c", "boolean", true},
		{"c", "string", false}, {"c", "json", false}, {"c", "binary", false}, {"c", "double", false}, {"c", "timestamptz", false},
		{"truncate(3, c)", "string", false}, {"truncate(3, c)", "long", true},
		{"bucket(4, c)", "string", true}, {"bucket(4, c)", "double", false},
	} {
		p, err := ParsePartition(tc.partition)
		if err != nil {
			t.Fatal(err)
		}
		typ, err := ParseType(tc.column)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Accepts(typ); (err == nil) != tc.ok {
			t.Errorf("%s on %s: %v, want ok=%v", tc.partition, tc.column, err, tc.ok)
		}
	}
}

func TestParseSort(t *testing.T) {
	for text, want := range map[string]SortField{"a": {"a", false}, "a desc": {"a", true}, "a ASC": {"a", false}} {
		if got, err := ParseSort(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "a down", "a desc b"} {
		if _, err := ParseSort(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"decimal(18,2)", "year(end_time)", "bucket(16, player)", "a desc", "list<long>", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if typ, err := ParseType(text); err == nil {
			if again, err := ParseType(typ.String()); err != nil || again != typ {
				t.Fatalf("%q gives %s, which gives %s, %v", text, typ, again, err)
			}
		}
		if p, err := ParsePartition(text); err == nil {
			if again, err := ParsePartition(p.String()); err != nil || again != p {
				t.Fatalf("%q gives %s, which gives %s, %v", text, p, again, err)
			}
		}
		_, _ = ParseSort(text)
	})
}
