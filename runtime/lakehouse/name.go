package lakehouse

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/floe-data/floe/runtime/fault"
)

// Name is a relation's logical name, "landing_chess.players".
type Name struct {
	Schema string
	Table  string
}

// part is one half of a name: what every engine takes with quotes at most, and
// what is a plain folder name on every file system.
var part = regexp.MustCompile(`^[\pL_][\pL\pN_$-]*$`)

// maxPart keeps a name within what file systems take as a folder's name (255 bytes).
const maxPart = 200

// ParseName reads "schema.table".
func ParseName(s string) (Name, error) {
	schemaName, table, ok := strings.Cut(s, ".")
	if !ok {
		return Name{}, fault.New(fault.Usage, fmt.Errorf("table name %q has no schema: write schema.table", s), "floe tables")
	}
	n := Name{Schema: schemaName, Table: table}
	if err := n.check(); err != nil {
		return Name{}, err
	}
	return n, nil
}

// String gives "schema.table".
func (n Name) String() string { return n.Schema + "." + n.Table }

// equal is whether two names are one to a catalog that keeps lower case only.
// Where one keeps both, they still are no two folders to a careful clean-up.
func (n Name) equal(o Name) bool {
	return strings.EqualFold(n.Schema, o.Schema) && strings.EqualFold(n.Table, o.Table)
}

// MarshalText writes the name as schema.table.
func (n Name) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

func (n Name) check() error {
	return errors.Join(checkPart("schema", n.Schema), checkPart("table", n.Table))
}

func checkPart(what, s string) error {
	if part.MatchString(s) && len(s) <= maxPart {
		return nil
	}
	return fault.New(fault.Usage, fmt.Errorf("%s name %q: letters, digits, _, - and $ are allowed, a letter or _ first, at most %d bytes", what, s, maxPart), "")
}
