package jsonrows

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/floe-data/floe/runtime/ingest/extract"
	"github.com/floe-data/floe/runtime/schema"
)

// columnsOf reads "name type[ format]"; a name may end in ! (required) or # (key).
func columnsOf(t testing.TB, lines ...string) []extract.Column {
	t.Helper()
	var out []extract.Column
	for _, line := range lines {
		words := strings.Fields(line)
		kind, err := schema.ParseType(words[1])
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimRight(words[0], "!#")
		c := extract.Column{Column: schema.Column{Name: name, Type: kind, Required: strings.HasSuffix(words[0], "!")}, Path: strings.Split(name, "__"), Key: strings.HasSuffix(words[0], "#")}
		if len(words) > 2 {
			c.Format = words[2]
		}
		out = append(out, c)
	}
	return out
}

func decoderOf(t testing.TB, policy string, lines ...string) *Decoder {
	t.Helper()
	p, err := Compile(extract.Table{Columns: columnsOf(t, lines...), NewColumns: policy}, nil)
	if err != nil {
		t.Fatal(err)
	}
	d := NewDecoder(p)
	d.Begin(0, nil, nil)
	return d
}

// rowText writes the first row of a batch as "a=1 b=null".
func rowText(b arrow.RecordBatch, row int) string {
	var parts []string
	for i, f := range b.Schema().Fields() {
		v := b.Column(i)
		text := "null"
		if v.IsValid(row) {
			text = v.ValueStr(row)
		}
		parts = append(parts, f.Name+"="+text)
	}
	return strings.Join(parts, " ")
}

func TestRow(t *testing.T) {
	tests := []struct {
		column, json, want string // want: the value, or !reason
	}{
		{"v long", `7`, "7"},
		{"v long", `-9223372036854775808`, "-9223372036854775808"},
		{"v long", `9223372036854775808`, `!found number 9223372036854775808 (out of range), wanted long`},
		{"v long", `1.0`, "1"},
		{"v long", `12e2`, "1200"},
		{"v long", `1e400`, `!found number 1e400 (out of range), wanted long`},
		{"v long", `1.5`, `!found number 1.5 (a number with a fraction), wanted long`},
		{"v long", `"7"`, `!found string "7", wanted long`},
		{"v long", `true`, `!found boolean true, wanted long`},
		{"v long", `[1]`, `!found array, wanted long`},
		{"v long", `{"a":1}`, `!found object, wanted long`},
		{"v long", `null`, "null"},
		{"v double", `87.78109319598687`, "87.78109319598687"},
		{"v double", `1`, "1"},
		{"v double", `1e999`, `!found number 1e999 (out of range), wanted double`},
		{"v decimal(18,2)", `12.30`, "12.3"},
		{"v decimal(18,2)", `"9007199254740993.01"`, "9007199254740993.01"},
		{"v decimal(18,2)", `9007199254740993.01`, "9007199254740993.01"},
		{"v decimal(4,2)", `100`, `!found number 100 (out of range), wanted decimal(4,2)`},
		{"v decimal(4,2)", `1.234`, `!found number 1.234 (a number with a fraction), wanted decimal(4,2)`},
		{"v decimal(4,2)", `-1.2300`, "-1.23"},
		{"v decimal(4,2)", `"abc"`, `!found string "abc", wanted decimal(4,2)`},
		{"v boolean", `true`, "true"},
		{"v boolean", `0`, `!found number 0, wanted boolean`},
		{"v string", `"a\"b\n\u00e9\ud83d\ude00"`, "a\"b\né😀"},
		{"v string", `"\ud800x"`, "\uFFFDx"},
		{"v string", "\"\xff\"", "\uFFFD"},
		{"v string", `1.50`, "1.50"},
		{"v string", `false`, "false"},
		{"v string", `""`, "(empty)"},
		{"v string", `[1]`, `!found array, wanted string`},
		{"v json", `{"b": [1, 2.0]}`, `{"b": [1, 2.0]}`},
		{"v json", `"x"`, `"x"`},
		{"v json", `null`, `null`},
		{"v date", `"2023-05-01"`, "2023-05-01"},
		{"v date", `"2023-05-01T00:00:00Z"`, `!found string "2023-05-01T00:00:00Z", wanted date (YYYY-MM-DD)`},
		{"v date epoch_seconds", `1682899200`, "2023-05-01"},
		{"v date epoch_seconds", `-1`, "1969-12-31"},
		{"v timestamptz epoch_seconds", `1628615170`, "2021-08-10T17:06:10Z"},
		{"v timestamptz epoch_seconds", `1628615170.5`, "2021-08-10T17:06:10.5Z"},
		{"v timestamptz epoch_seconds", `"2021-08-10T17:06:10Z"`, `!found string "2021-08-10T17:06:10Z", wanted timestamptz as epoch_seconds`},
		{"v timestamptz epoch_seconds", `99999999999999`, `!found number 99999999999999 (out of range), wanted timestamptz as epoch_seconds`},
		{"v timestamptz epoch_millis", `1628615170123`, "2021-08-10T17:06:10.123Z"},
		{"v timestamptz", `"2021-08-10T19:06:10.5+02:00"`, "2021-08-10T17:06:10.5Z"},
		{"v timestamptz", `"2021-08-10T17:06:10"`, `!found string "2021-08-10T17:06:10", wanted timestamptz (RFC 3339 text with a zone; for numbers declare format: epoch_seconds or epoch_millis)`},
		{"v timestamptz", `1628615170`, `!found number 1628615170, wanted timestamptz (RFC 3339 text with a zone; for numbers declare format: epoch_seconds or epoch_millis)`},
		{"v timestamp", `"2021-08-10 17:06:10"`, "2021-08-10T17:06:10"},
		{"v timestamp", `"2021-08-10T17:06:10Z"`, `!found string "2021-08-10T17:06:10Z", wanted timestamp (text without a zone; for numbers declare format: epoch_seconds or epoch_millis)`},
		{"v binary", `"aGk="`, "aGk="},
		{"v binary", `"aGk"`, "aGk="},
		{"v binary", `"*"`, `!found string "*", wanted binary (base64 text)`},
		{"v! long", `null`, `!found nothing or null in a required column`},
		{"v# string", `null`, `!found nothing or null in a key column`},
	}
	for _, tt := range tests {
		t.Run(tt.column+" "+tt.json, func(t *testing.T) {
			d := decoderOf(t, Evolve, tt.column, "other long")
			doc := []byte(`{"other":1,"v":` + tt.json + `}`)
			end, err := d.Row(doc, 0)
			if err != nil || end != len(doc) {
				t.Fatalf("Row gave %d, %v; want %d", end, err, len(doc))
			}
			batch, rejects := d.Flush(), d.Rejects()
			if reason, refused := strings.CutPrefix(tt.want, "!"); refused {
				r := rejects
				if len(r) != 1 || r[0].Reason != reason || r[0].Column != "v" || string(r[0].Row) != strings.ToValidUTF8(string(doc), "\uFFFD") || batch != nil {
					t.Fatalf("got %+v and %v, want the reason %q", r, batch, reason)
				}
				return
			}
			if len(rejects) > 0 {
				t.Fatalf("rejected: %+v", rejects)
			}
			defer batch.Release()
			want := strings.Replace("v="+tt.want+" other=1", "v=(empty)", "v=", 1)
			if got := rowText(batch, 0); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// A bad row leaves nothing behind in the columns that it filled before it failed.
func TestRejectedRowIsCutOff(t *testing.T) {
	d := decoderOf(t, Evolve, "a string", "b boolean", "c decimal(9,2)", "d date", "e double", "f timestamptz epoch_seconds", "g long")
	good := `{"a":"x","b":true,"c":1.5,"d":"2020-01-01","e":2,"f":3,"g":4}`
	bad := `{"a":"yyyy","b":false,"c":9,"d":"2021-01-01","e":8,"f":7,"g":"no"}`
	for _, doc := range []string{bad, good, bad, bad, good, `{"g":5}`, bad} {
		if _, err := d.Row([]byte(doc), 0); err != nil {
			t.Fatal(err)
		}
	}
	batch := d.Flush()
	defer batch.Release()
	want := "a=x b=true c=1.5 d=2020-01-01 e=2 f=1970-01-01T00:00:03Z g=4"
	if batch.NumRows() != 3 || rowText(batch, 0) != want || rowText(batch, 1) != want || rowText(batch, 2) != "a=null b=null c=null d=null e=null f=null g=5" {
		t.Errorf("got %d rows: %s | %s | %s", batch.NumRows(), rowText(batch, 0), rowText(batch, 1), rowText(batch, 2))
	}
	if batch.Column(0).NullN() != 1 || batch.Column(6).NullN() != 0 {
		t.Errorf("nulls: %d and %d, want 1 and 0", batch.Column(0).NullN(), batch.Column(6).NullN())
	}
	if n := len(d.Rejects()); n != 4 {
		t.Errorf("%d rejects, want 4", n)
	}
}

func TestNestedAndConstants(t *testing.T) {
	columns := columnsOf(t, "player string", "white__username string", "white__id string", "accuracies json", "value long")
	columns[2].Path = SplitPath("white.@id")
	p, err := Compile(extract.Table{Columns: columns, NewColumns: Freeze}, nil)
	if err != nil {
		t.Fatal(err)
	}
	d := NewDecoder(p)
	d.Begin(0, []Const{{Name: "player", JSON: []byte(`"hikaru"`)}}, nil)
	for _, doc := range []string{
		`{"white":{"@id":"u","username":"A"},"accuracies":{"white": 1}}`,
		`{"player":"overruled","white__username":"B","white":null,"accuracies":[]}`,
		`42`,
		`{"white":{"username":"C","title":"GM"}}`,
	} {
		if _, err := d.Row([]byte(doc), 0); err != nil {
			t.Fatal(err)
		}
	}
	batch := d.Flush()
	defer batch.Release()
	for i, want := range []string{
		`player=hikaru white__username=A white__id=u accuracies={"white": 1} value=null`,
		`player=hikaru white__username=B white__id=null accuracies=[] value=null`,
		`player=hikaru white__username=null white__id=null accuracies=null value=42`,
	} {
		if got := rowText(batch, i); got != want {
			t.Errorf("row %d: got %s, want %s", i, got, want)
		}
	}
	r := d.Rejects()
	if len(r) != 1 || !strings.Contains(r[0].Reason, "field white.title") || string(r[0].Row) != `{"player":"hikaru","white":{"username":"C","title":"GM"}}` {
		t.Errorf("rejects: %+v (%s)", r, r[0].Row)
	}
}

func TestDiscardCounts(t *testing.T) {
	d := decoderOf(t, Discard, "a long")
	if _, err := d.Row([]byte(`{"a":1,"b":2,"c":null,"d":{},"e":{"f":1},"g":[]}`), 0); err != nil {
		t.Fatal(err)
	}
	if d.Discarded() != 3 || d.Rows() != 1 {
		t.Errorf("discarded %d of %d rows, want 3 (b, e, g) of 1", d.Discarded(), d.Rows())
	}
}

func TestEvolve(t *testing.T) {
	p, err := Compile(extract.Table{Columns: columnsOf(t, "id long")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	docs := []string{
		`{"id":1,"n":null,"empty":{},"count":3,"mixed":1,"At":"2020-01-01T00:00:00Z"}`,
		`{"id":2,"count":4.5,"mixed":"x","ok":true,"list":[1,2],"@id":"u","deep":{"a":{"b":{"c":1}},"big":99999999999999999999}}`,
		`{"id":3,"_floe_load_id":"mine","Größe":1,"list":"text"}`,
	}
	each := func(fn func([]byte, int) (int, error)) error {
		for _, doc := range docs {
			if _, err := fn([]byte(doc), 0); err != nil {
				return err
			}
		}
		return nil
	}
	d := NewDecoder(p)
	d.Begin(0, nil, nil)
	if err := each(d.Row); !errors.Is(err, ErrNewFields) {
		t.Fatalf("got %v, want ErrNewFields", err)
	}
	added, err := p.Infer(each, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range added {
		got = append(got, c.Name+" "+c.Type.String())
	}
	want := "count double, mixed string, at string, ok boolean, list string, id_" + fmt.Sprintf("%06x", pathHash([]string{"@id"})&0xffffff) +
		" string, deep__a__b string, deep__big string, floe_load_id string, gr_e long"
	if strings.Join(got, ", ") != want {
		t.Fatalf("got  %s\nwant %s", strings.Join(got, ", "), want)
	}
	p, err = p.With(added)
	if err != nil {
		t.Fatal(err)
	}
	d = NewDecoder(p)
	d.Begin(0, nil, nil)
	if err := each(d.Row); err != nil || len(d.Rejects()) > 0 {
		t.Fatalf("decode again: %v, %v", err, d.Rejects())
	}
	// A later run knows only the table's columns.
	var later []extract.Column
	for _, c := range added {
		later = append(later, Evolved(c.Column))
	}
	p2, err := Compile(extract.Table{Columns: append(columnsOf(t, "id long"), later...)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	d2 := NewDecoder(p2)
	d2.Begin(0, nil, nil)
	if err := each(d2.Row); err != nil || len(d2.Rejects()) > 0 {
		t.Fatalf("decode in a later run: %v, %v", err, d2.Rejects())
	}
	a, b := d.Flush(), d2.Flush()
	defer a.Release()
	defer b.Release()
	if !array.RecordEqual(a, b) {
		t.Errorf("a later run reads the rows differently:\n%v\n%v", a, b)
	}
}

func TestInferStopsAtTooManyColumns(t *testing.T) {
	p, err := Compile(extract.Table{Columns: columnsOf(t, "id long")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var doc strings.Builder
	doc.WriteString(`{"players":{"p0":1`)
	for i := range 2000 {
		fmt.Fprintf(&doc, `,"p%d":1`, i+1)
	}
	doc.WriteString("}}")
	_, err = p.Infer(func(fn func([]byte, int) (int, error)) error {
		_, err := fn([]byte(doc.String()), 0)
		return err
	}, nil)
	if err == nil || !strings.Contains(err.Error(), "json column") {
		t.Errorf("got %v, want advice to declare a json column", err)
	}
}

func TestSyntaxErrors(t *testing.T) {
	for doc, want := range map[string]string{
		`{"v":1`: "ends too early", `{"v":`: "ends too early", `{"v`: "ends too early", `{"v":tru`: "ends too early",
		`{"v":1 2}`: "a comma", `{v:1}`: "a name", `{"v" 1}`: "a colon", `{"v":01}`: "letters", `{"v":-}`: "a value", `{"v":1.}`: "a digit",
		`{"v":"\x"}`: "unknown escape", `{"u":[1,]}`: "a value", `{"v":NaN}`: "a value", `{"v":1e}`: "a digit", `{"v":+1}`: "a value",
		`{"u":` + strings.Repeat("[", 1000): "512 levels",
	} {
		d := decoderOf(t, Discard, "v string")
		if _, err := d.Row([]byte(doc), 0); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: got %v, want an error with %q", doc, err, want)
		}
		if d.Rows() != 0 {
			t.Errorf("%.40s: left a row behind", doc)
		}
	}
}

func TestKeep(t *testing.T) {
	p, err := Compile(extract.Table{Columns: columnsOf(t, "id long"), NewColumns: Discard}, []string{"meta", "at"})
	if err != nil {
		t.Fatal(err)
	}
	d := NewDecoder(p)
	var seen []string
	d.Begin(0, nil, func(cursor, record []byte) bool {
		seen = append(seen, string(cursor))
		return string(cursor) != `"b"`
	})
	for _, doc := range []string{`{"id":1,"meta":{"at":"a"}}`, `{"id":2,"meta":{"at":"b"}}`, `{"id":3}`} {
		if _, err := d.Row([]byte(doc), 0); err != nil {
			t.Fatal(err)
		}
	}
	if strings.Join(seen, " ") != `"a" "b" ` || d.Rows() != 2 {
		t.Errorf("saw %q, kept %d rows; want \"a\" \"b\" and none, and 2 rows", seen, d.Rows())
	}
}

func TestTwoColumnsOfOneField(t *testing.T) {
	columns := columnsOf(t, "a long", "b long")
	columns[1].Path = []string{"a"}
	if _, err := Compile(extract.Table{Columns: columns}, nil); err == nil || !strings.Contains(err.Error(), "a and b") {
		t.Errorf("got %v, want an error that names both columns", err)
	}
}
