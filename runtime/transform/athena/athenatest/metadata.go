package athenatest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Metadata is the table's Iceberg metadata (format version 2) without rows, for
// a catalog's Create to write to Location + "/metadata/…".
func (t Table) Metadata() ([]byte, error) {
	fields, ids := []object{}, map[string]int{}
	for i, c := range t.Columns {
		ids[c.Name] = i + 1
		fields = append(fields, object{"id": i + 1, "name": c.Name, "required": false, "type": icebergType(c)})
	}
	partition := []object{}
	for i, text := range t.Partitioning {
		column, transform := partitionField(text)
		id, ok := ids[column]
		if !ok {
			return nil, fmt.Errorf("partitioning %q: there is no column %q", text, column)
		}
		name, _, _ := strings.Cut(transform, "[")
		partition = append(partition, object{"source-id": id, "field-id": 1000 + i, "name": column + "_" + name, "transform": transform})
	}
	meta := object{
		"format-version": 2, "table-uuid": t.uuid(), "location": t.Location, "last-sequence-number": 0, "last-updated-ms": time.Now().UnixMilli(),
		"last-column-id": len(fields), "current-schema-id": 0, "schemas": []object{{"type": "struct", "schema-id": 0, "fields": fields}},
		"default-spec-id": 0, "partition-specs": []object{{"spec-id": 0, "fields": partition}}, "last-partition-id": 999 + len(partition),
		"default-sort-order-id": 0, "sort-orders": []object{{"order-id": 0, "fields": []object{}}},
		"properties": object{"write.format.default": "PARQUET", "write.object-storage.enabled": "true"}, "current-snapshot-id": -1,
		"snapshots": []object{}, "snapshot-log": []object{}, "metadata-log": []object{}, "refs": object{},
	}
	return json.Marshal(meta)
}

// uuid is the same for the same place, and another for another.
func (t Table) uuid() string {
	sum := uint64(14695981039346656037) // FNV-1a
	for _, b := range []byte(t.Location) {
		sum = (sum ^ uint64(b)) * 1099511628211
	}
	return fmt.Sprintf("00000000-0000-4000-8000-%012x", sum&0xffffffffffff)
}

var callForm = regexp.MustCompile(`^(\w+)\("?([^",]+)"?(?:,\s*(\d+))?\)$`)

// partitionField reads a field of Athena's partitioning as Iceberg writes it.
func partitionField(text string) (column, transform string) {
	m := callForm.FindStringSubmatch(text)
	switch {
	case m == nil:
		return strings.Trim(text, `"`), "identity"
	case m[3] != "":
		return m[2], m[1] + "[" + m[3] + "]"
	}
	return m[2], m[1]
}

var icebergTypes = map[string]string{
	"bigint": "long", "integer": "int", "double": "double", "float": "float", "boolean": "boolean", "date": "date",
	"varchar": "string", "varbinary": "binary", "timestamp": "timestamp", "timestamp with time zone": "timestamptz",
}

func icebergType(c Column) string {
	if c.Type == "decimal" {
		return "decimal(" + strconv.Itoa(c.Precision) + ", " + strconv.Itoa(c.Scale) + ")"
	}
	if t, ok := icebergTypes[c.Type]; ok {
		return t
	}
	return "string"
}
