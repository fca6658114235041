package yamlfile

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Options say what is special about a file.
type Options struct {
	// Foreign is a file of another program: it has no version of ours.
	Foreign bool
	// Hints tell, for an unknown key, what to do instead: {"region": "it is in stacks/"}.
	Hints map[string]string
}

// File is a file that was read, with the place of each key and its problems.
type File struct {
	Name string // as problems name it

	problems Problems
	broken   map[string]bool // keys whose value was not understood
	places   map[string]place
}

type place struct{ line, column int }

// Read decodes the file root/name into out, a pointer to a struct. Problems
// name the file as name.
func Read(root, name string, out any, o Options) *File {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		f := &File{Name: name, broken: map[string]bool{}}
		why := strings.TrimPrefix(err.Error(), "open "+filepath.Join(root, filepath.FromSlash(name))+": ")
		f.breaks("", place{}, fmt.Sprintf("it cannot be read: %s", why))
		return f
	}
	return Decode(name, text, out, o)
}

// Decode reads text into out, a pointer to a struct.
func Decode(name string, text []byte, out any, o Options) *File {
	f := &File{Name: name, broken: map[string]bool{}, places: map[string]place{}}
	doc := f.parse(text)
	if doc == nil {
		return f
	}
	if !o.Foreign && !f.version(doc) {
		return f
	}
	d := decoder{file: f, hints: o.Hints}
	d.root(doc, out)
	return f
}

// version checks the first key. Of a file of another version nothing more is
// told: its other keys may be right there.
func (f *File) version(doc *node) bool {
	const right = "write version: 1 as the file's first key"
	if doc.kind != mapping {
		f.breaks("", doc.at, fmt.Sprintf("found %s; a file is a mapping: %s", doc.found(), right))
		return false
	}
	for i, p := range doc.pairs {
		switch {
		case p.key != "version":
			continue
		case p.value.kind == number && p.value.text != "1":
			f.breaks("version", p.value.at, fmt.Sprintf("found %s; this floe reads version 1", p.value.found()))
			f.broken[""] = true
			return false
		case i > 0:
			f.breaks("version", p.at, "found after other keys; "+right)
		}
		return true
	}
	f.breaks("version", doc.at, "missing; "+right)
	return true
}

// breaks notes that a key was not understood: what hangs on it is not told.
func (f *File) breaks(key string, at place, text string) {
	f.broken[key] = true
	f.problems = append(f.problems, Problem{File: f.Name, Line: at.line, Column: at.column, Key: key, Text: text})
}

// Errorf notes a problem at the place of key, or where that key would be.
// It is dropped where the key, or what holds it, was not understood: the
// reason was told already.
func (f *File) Errorf(key, format string, args ...any) {
	if !f.Sound(key) {
		return
	}
	at := f.place(key)
	f.problems = append(f.problems, Problem{File: f.Name, Line: at.line, Column: at.column, Key: key, Text: fmt.Sprintf(format, args...)})
}

// Sound says whether key and all that holds it were understood.
func (f *File) Sound(key string) bool {
	for {
		if f.broken[key] {
			return false
		}
		if key == "" {
			return true
		}
		key = parent(key)
	}
}

// place is where key is; where its nearest holder is, if it is nowhere.
func (f *File) place(key string) place {
	for {
		if at, ok := f.places[key]; ok || key == "" {
			return at
		}
		key = parent(key)
	}
}

// Problems lists what was found so far.
func (f *File) Problems() Problems { return f.problems }

// Err is all that was found as one error, nil for nothing.
func (f *File) Err() error { return f.problems.Err() }

// Key goes on from a key: Key("rows[1]", "words", "a") is rows[1].words.a. The
// parts are strings for names and ints for positions in a list.
func Key(key string, parts ...any) string {
	for _, p := range parts {
		switch p := p.(type) {
		case int:
			key += fmt.Sprintf("[%d]", p)
		case string:
			key = child(key, p)
		default:
			key = child(key, fmt.Sprint(p))
		}
	}
	return key
}

// child is the key of an entry; a name with a dot or a bracket is quoted.
func child(key, name string) string {
	switch {
	case name == "" || strings.ContainsAny(name, `.[]"`):
		return key + "[" + fmt.Sprintf("%q", name) + "]"
	case key == "":
		return name
	}
	return key + "." + name
}

// parent drops the last part of a key.
func parent(key string) string {
	if strings.HasSuffix(key, `"]`) {
		if i := strings.LastIndex(key, `["`); i >= 0 {
			return key[:i]
		}
	}
	return key[:max(strings.LastIndexAny(key, ".["), 0)]
}
