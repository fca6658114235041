// Package yamltree reads YAML into a tree that keeps every value's line, and
// checks it key by key.
//
// dbt's files have open-ended parts (meta, config, vars) beside parts with
// fixed keys, and their strings are templates that are rendered between
// reading and understanding. So the text becomes a tree of Values first; Map
// renders it, Reader takes the fixed parts out and collects what is wrong with
// them: file, line, key, what was found, what would be right.
package yamltree
