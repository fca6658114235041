// Package substrait stands in for github.com/substrait-io/substrait, which
// holds no code but declarations of functions: floe's go.mod replaces that
// module by this one.
//
// iceberg-go reads all declarations, 212 kB of YAML, when a program starts, for
// filters of its own scans. floe scans by itself; with the few declarations
// here, which such a filter needs, a Lambda function starts in a quarter of the
// time. They are written from the specification (https://substrait.io/extensions).
package substrait

import "embed"

//go:embed extensions/*
var extensions embed.FS

// GetSubstraitFS is the declarations' files.
func GetSubstraitFS() embed.FS { return extensions }

// GetSubstraitExtensionsFS is the declarations' files.
func GetSubstraitExtensionsFS() embed.FS { return extensions }
