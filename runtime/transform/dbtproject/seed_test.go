package dbtproject

import (
	"strings"
	"testing"
)

func TestParseSeed(t *testing.T) {
	text := "\ufeffid,price,day,at,ok,zip,big,name\n1,1.5,2024-01-02,2024-01-02 03:04:05,true,01234,12345678901234567890,\"O'Hara, \"\"x\"\"\"\n2,,,2024-01-02T03:04:05.5,FALSE,99999,1,\n"
	s, err := ParseSeed([]byte(text), "", map[string]string{"NAME": "varchar(20)"})
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, c := range s.Columns {
		types = append(types, c.Name+" "+c.Type)
	}
	want := "id bigint, price double, day date, at timestamp, ok boolean, zip varchar, big decimal(38,0), name varchar(20)"
	if got := strings.Join(types, ", "); got != want {
		t.Errorf("types %s, want %s", got, want)
	}
	sql := s.SQL()
	for _, part := range []string{`cast(c8 as varchar(20)) as "name"`, `'O''Hara, "x"')`, "('2', null, null, '2024-01-02 03:04:05.5', 'FALSE', '99999', '1', null)", ") as seed (c1, c2, c3, c4, c5, c6, c7, c8)"} {
		if !strings.Contains(sql, part) {
			t.Errorf("SQL lacks %s:\n%s", part, sql)
		}
	}
}

func TestParseSeedEmpty(t *testing.T) {
	s, err := ParseSeed([]byte("a,b\n"), ",", nil)
	if err != nil || len(s.Rows) != 0 || s.Columns[0].Type != "varchar" {
		t.Fatalf("%+v %v", s, err)
	}
	if !strings.HasSuffix(s.SQL(), "(null, null)\n) as seed (c1, c2)\nwhere 1 = 0") {
		t.Errorf("SQL %s", s.SQL())
	}
}

func TestParseSeedErrors(t *testing.T) {
	for name, tt := range map[string]struct {
		text, delimiter string
		types           map[string]string
		want            string
	}{
		"empty":     {"", "", nil, "the first line names the columns"},
		"no name":   {"a,,c\n", "", nil, "column 2 has no name"},
		"twice":     {"a,A\n", "", nil, "in the header twice"},
		"ragged":    {"a,b\n1\n", "", nil, "as many cells as the header"},
		"types":     {"a\n", "", map[string]string{"b": "date"}, `column_types names "b"`},
		"delimiter": {"a\n", ";;", nil, "it is one character"},
		"not UTF-8": {"a\n\xff\n", "", nil, "save it as UTF-8"},
	} {
		if _, err := ParseSeed([]byte(tt.text), tt.delimiter, tt.types); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

func FuzzSeed(f *testing.F) {
	f.Add([]byte("a,b\n1,2\n"), ",")
	f.Add([]byte("a;b\n'x';\"y\"\"\"\n"), ";")
	f.Add([]byte("\xef\xbb\xbfa\t\n"), "\t")
	f.Fuzz(func(t *testing.T, text []byte, delimiter string) {
		s, err := ParseSeed(text, delimiter, nil)
		if err != nil {
			return
		}
		for _, row := range s.Rows {
			if len(row) != len(s.Columns) {
				t.Fatalf("%d cells in %d columns", len(row), len(s.Columns))
			}
		}
		// Every quote is a literal's own or doubled, so nothing escapes its literal.
		if _, values, _ := strings.Cut(s.SQL(), "from (values"); strings.Count(values, "'")%2 != 0 {
			t.Fatalf("odd quotes: %s", values)
		}
	})
}
