// Package yamlfile reads the YAML files of a project strictly.
//
// A file is decoded into a struct whose yaml tags name the keys. Everything
// that is wrong with it is told at once, each problem with file, line, column
// and key, what was found and what would be right: an unknown key with the
// nearest known one, a key that is there twice, a missing one, another type,
// a value that is not among the allowed ones, a tab, broken YAML, an empty
// file. The allowed values come from the same jsonschema tags that the JSON
// Schemas of the editors are made of (package schemas).
//
// Decode gives a File, to which a reader of the content adds what it finds
// (File.Errorf), at the place of a key. What hangs on a broken part is not
// told again.
package yamlfile
