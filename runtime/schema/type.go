package schema

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Kind is a column type without its parameters.
type Kind uint8

// The kinds that a table of floe may hold. JSON is stored as a string.
const (
	Boolean Kind = iota + 1
	Long
	Double
	Decimal
	Date
	Timestamp   // microseconds, no zone
	Timestamptz // microseconds, UTC
	String
	Binary
	JSON
)

var kindNames = map[Kind]string{
	Boolean: "boolean", Long: "long", Double: "double", Decimal: "decimal", Date: "date",
	Timestamp: "timestamp", Timestamptz: "timestamptz", String: "string", Binary: "binary", JSON: "json",
}

// MaxLandingPrecision is the widest decimal that a contract may declare: wider
// ones are ordered wrongly in Parquet's statistics by the landing writer, and
// readers then drop rows without a word.
const MaxLandingPrecision = 18

// Type is a column's type. Precision and Scale belong to Decimal.
type Type struct {
	Kind      Kind
	Precision int
	Scale     int
}

// String gives the type as a contract writes it: "long", "decimal(18,2)".
func (t Type) String() string {
	if t.Kind == Decimal {
		return fmt.Sprintf("decimal(%d,%d)", t.Precision, t.Scale)
	}
	return kindNames[t.Kind]
}

// Stored is the type as the table holds it: JSON becomes String.
func (t Type) Stored() Type {
	if t.Kind == JSON {
		return Type{Kind: String}
	}
	return t
}

// advice tells, for a type that people write and we refuse, what to write instead.
var advice = map[string]string{
	"int":          "write long: widening an int later breaks filters on it",
	"integer":      "write long: widening an int later breaks filters on it",
	"bigint":       "write long",
	"float":        "write double: widening a float later breaks filters on it",
	"real":         "write double",
	"number":       "write long, double or decimal(p,s)",
	"varchar":      "write string",
	"text":         "write string",
	"char":         "write string",
	"bool":         "write boolean",
	"datetime":     "write timestamptz (UTC) or timestamp (no zone)",
	"time":         "write string or long: Spark cannot read a table that has a time column",
	"timestamp_ns": "write timestamptz: Spark cannot read a table that has a nanosecond column",
	"uuid":         "write string: Spark silently finds no row by a uuid",
	"fixed":        "write binary or string",
	"struct":       "declare the fields as columns named parent__field, or write json",
	"list":         "write json",
	"map":          "write json",
	"object":       "write json",
	"array":        "write json",
}

var baseName = regexp.MustCompile(`^[a-z_]*`)

var decimalForm = regexp.MustCompile(`^decimal\(\s*(\d+)\s*,\s*(\d+)\s*\)$`)

// ParseType reads a contract's type. The error names what was found and what
// would be right.
func ParseType(text string) (Type, error) {
	s := strings.ToLower(strings.TrimSpace(text))
	for k, name := range kindNames {
		if s == name && k != Decimal {
			return Type{Kind: k}, nil
		}
	}
	if m := decimalForm.FindStringSubmatch(s); m != nil {
		return parseDecimal(text, m[1], m[2])
	}
	if strings.HasPrefix(s, "decimal(") && !strings.Contains(s, ")") {
		return Type{}, fmt.Errorf(`type %q: put it in quotes, type: "decimal(18,2)", for YAML ends an unquoted one at its comma`, text)
	}
	base := baseName.FindString(s)
	if hint, ok := advice[base]; ok {
		return Type{}, fmt.Errorf("type %q is not kept in a table: %s", text, hint)
	}
	return Type{}, fmt.Errorf("unknown type %q: a column is one of %s", text, strings.Join(TypeNames(), ", "))
}

func parseDecimal(text, precision, scale string) (Type, error) {
	p, errP := strconv.Atoi(precision)
	s, errS := strconv.Atoi(scale)
	if errP != nil || errS != nil || p < 1 || s > p {
		return Type{}, fmt.Errorf("type %q: a decimal's precision is 1 to %d and its scale at most its precision", text, MaxLandingPrecision)
	}
	if p > MaxLandingPrecision {
		return Type{}, fmt.Errorf("type %q: at most %d digits are read alike by every engine; write decimal(%d,%d), double or string",
			text, MaxLandingPrecision, MaxLandingPrecision, min(s, MaxLandingPrecision))
	}
	return Type{Kind: Decimal, Precision: p, Scale: s}, nil
}

// TypeNames lists what a contract may write, sorted.
func TypeNames() []string {
	names := make([]string, 0, len(kindNames))
	for _, n := range kindNames {
		if n == "decimal" {
			n = "decimal(p,s)"
		}
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}
