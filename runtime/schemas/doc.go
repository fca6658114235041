// Package schemas holds the JSON Schemas of the YAML files that people write,
// for their editors: the first line of each file names its schema.
//
// They are generated from the types that read the files (packages project and
// live) with their comments as descriptions; make generate writes them anew,
// and a test fails where they are not current. An editor sees shapes and
// allowed values; what files mean to each other is checked by floe doctor.
package schemas
