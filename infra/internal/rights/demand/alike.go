package demand

import (
	"slices"
	"strings"

	"github.com/floe-data/floe/infra/internal/rights"
)

// Alike repeats what was called on tables of one schema for all others that the
// program treats the same: a test has few tables, and in not all of them is
// there something to expire or to merge. schemas picks which of the databases.
func (a *Account) Alike(recorded []rights.Request, schemas func(schema string) bool) []rights.Request {
	type place struct{ database, bucket, schema string }
	var all []place
	for _, d := range a.of("aws:glue/catalogDatabase:CatalogDatabase") {
		bucket, schema, _ := strings.Cut(strings.TrimPrefix(text(d, "locationUri"), "s3://"), "/")
		if schemas(schema) {
			all = append(all, place{d.ID, bucket, schema})
		}
	}
	out := slices.Clone(recorded)
	for _, r := range recorded {
		for _, from := range all {
			for _, to := range all {
				if moved, ok := move(r, from.database, to.database, from.bucket, to.bucket, from.schema, to.schema); ok {
					out = append(out, moved)
				}
			}
		}
	}
	return out
}

// Moved are calls on tables of one schema, made for those of another.
func (a *Account) Moved(recorded []rights.Request, from, to string) []rights.Request {
	places := map[string][2]string{} // schema -> database, bucket
	for _, d := range a.of("aws:glue/catalogDatabase:CatalogDatabase") {
		bucket, schema, _ := strings.Cut(strings.TrimPrefix(text(d, "locationUri"), "s3://"), "/")
		places[schema] = [2]string{d.ID, bucket}
	}
	out := slices.Clone(recorded)
	for i, r := range out {
		out[i], _ = move(r, places[from][0], places[to][0], places[from][1], places[to][1], from, to)
	}
	return out
}

// move is a request for a table of one schema, made for one of another.
func move(r rights.Request, fromDatabase, toDatabase, fromBucket, toBucket, fromSchema, toSchema string) (rights.Request, bool) {
	before := r.String()
	switch {
	case strings.HasSuffix(r.Resource, ":database/"+fromDatabase) || strings.Contains(r.Resource, ":table/"+fromDatabase+"/"):
		r.Resource = strings.Replace(r.Resource, "/"+fromDatabase, "/"+toDatabase, 1)
	case strings.HasPrefix(r.Resource, "arn:aws:s3:::"+fromBucket+"/"+fromSchema+"/"):
		r.Resource = strings.Replace(r.Resource, fromBucket+"/"+fromSchema+"/", toBucket+"/"+toSchema+"/", 1)
	case r.Resource == "arn:aws:s3:::"+fromBucket && slices.Equal(r.Context["s3:prefix"], []string{fromSchema + "/*"}):
		r.Resource = "arn:aws:s3:::" + toBucket
		r.Context = with(r.Context, rights.Context{"s3:prefix": {toSchema + "/*"}})
	}
	return r, r.String() != before
}
