package lakehouse

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	ice "github.com/apache/iceberg-go/table"
	"github.com/google/uuid"
)

// edition is one metadata file of a table in a copy.
type edition struct {
	name   Name
	rel    string // the table's folder below its schema's: "games", or "fct_games/floe_6743d2c8"
	folder string // that folder in the copy
	path   string // of the metadata file there
	text   []byte
	meta   ice.Metadata
	view   bool
	named  bool  // another edition's log of former metadata has it: it was the table's
	err    error // why it does not read; one that is not incomplete leaves open what it tells
}

// readEdition reads a metadata file of a copy. What does not read is an edition,
// too: it tells that there was one.
func (l *Lake) readEdition(ctx context.Context, path string) edition {
	e := edition{path: path, folder: parent(parent(path))}
	e.place(e.folder)
	var head struct {
		Location string `json:"location"`
		View     string `json:"view-uuid"`
		Version  int    `json:"format-version"`
	}
	if e.text, e.err = l.readCopy(ctx, path); e.err != nil {
		return e
	}
	text, err := unzipped(e.text)
	if err == nil {
		err = json.Unmarshal(text, &head)
	}
	if e.text = text; err != nil {
		e.err = incomplete{err}
		return e
	}
	e.place(strings.TrimRight(bare(head.Location), "/"))
	if e.view = head.View != ""; e.view {
		return e
	}
	if head.Version != 2 {
		e.err = incomplete{fmt.Errorf("it is of Iceberg format version %d; floe restores version 2 only", head.Version)}
		return e
	}
	if e.meta, err = ice.ParseMetadataBytes(e.text); err != nil {
		e.err = incomplete{err}
	}
	return e
}

// place reads the table's name from where it lay: <bucket>/<schema>/<table>…,
// or <home>/warehouse/<schema>/<table>.
func (e *edition) place(location string) {
	below, object := strings.CutPrefix(location, "s3://")
	var parts []string
	if object {
		parts = strings.Split(below, "/")[1:]
	} else {
		parts = strings.Split(filepath.ToSlash(location), "/")
		if i := lastIndex(parts, "warehouse"); i >= 0 && i+2 < len(parts) {
			parts = parts[i+1:]
		} else {
			parts = parts[max(0, len(parts)-2):]
		}
	}
	if len(parts) < 2 {
		return
	}
	e.name = Name{parts[0], parts[1]}
	e.rel = strings.Join(parts[1:], "/")
}

func lastIndex(words []string, word string) int {
	for i, w := range slices.Backward(words) {
		if w == word {
			return i
		}
	}
	return -1
}

// bare is a location without the ways to write one: file:///a is /a, s3a://b is s3://b.
func bare(location string) string {
	for _, scheme := range []string{"s3://", "s3a://", "s3n://"} {
		if rest, ok := strings.CutPrefix(location, scheme); ok {
			return "s3://" + rest
		}
	}
	if path, err := plainPath(location); err == nil {
		return path
	}
	return location
}

// updated is when the edition was made; one that does not read is the oldest.
func (e edition) updated() int64 {
	if e.meta == nil {
		return 0
	}
	return e.meta.LastUpdatedMillis()
}

// published leaves out what was built aside and never took the name.
func published(all []edition) []edition {
	var out []edition
	for _, e := range all {
		if e.err != nil || !strings.Contains(e.rel, "/") || e.meta.Properties()[propAdopted] != "" || e.meta.Properties()[propFormer] != "" {
			out = append(out, e)
		}
	}
	if !slices.ContainsFunc(out, func(e edition) bool { return e.err == nil }) {
		out = all // a former floe did not say
	}
	return out
}

// lifetime tells the tables apart that had a name one after the other.
type lifetime struct {
	folder string
	id     uuid.UUID
}

func (e edition) lifetime() lifetime { return lifetime{e.folder, e.meta.TableUUID()} }

// ranked sorts a table's editions, the newest first, and leaves out those that
// lost their commit. A clock does not tell which those are: who lost the race may
// have written last, and who was killed before the catalog was told left a file
// of any age. But every commit counts the version in the file's name up by one,
// and logs the file that it followed. So a file that a log names was the
// table's, and another one of its version was not; of the newest version nothing
// tells, see doubt. Between tables that had the name one after the other there
// is the clock only. What does not read comes last.
func ranked(all []edition) []edition {
	logs := map[lifetime]logged{}
	newest := map[lifetime]int64{} // when its newest edition was made
	for _, e := range all {
		if e.err == nil {
			logs[e.lifetime()] = logs[e.lifetime()].with(e)
		}
	}
	var out, unread []edition
	for _, e := range all {
		switch {
		case e.err != nil:
			unread = append(unread, e)
			continue
		case logs[e.lifetime()].lost(e):
			continue
		}
		e.named = logs[e.lifetime()].files[path.Base(e.path)]
		out = append(out, e)
	}
	for _, sorted := range [][]edition{out, unread} {
		slices.SortFunc(sorted, newer)
	}
	for _, e := range out {
		if _, ok := newest[e.lifetime()]; !ok {
			newest[e.lifetime()] = e.updated()
		}
	}
	slices.SortStableFunc(out, func(a, b edition) int {
		x, y := a.lifetime(), b.lifetime()
		return cmp.Or(cmp.Compare(newest[y], newest[x]), cmp.Compare(y.folder, x.folder), cmp.Compare(y.id.String(), x.id.String()))
	})
	return append(out, unread...)
}

// newer compares editions of one lifetime.
func newer(a, b edition) int {
	return cmp.Or(cmp.Compare(version(b.path), version(a.path)), cmp.Compare(b.updated(), a.updated()), cmp.Compare(b.path, a.path))
}

// logged are the files that the editions of one lifetime say they followed.
type logged struct {
	files    map[string]bool // by name: the version and a UUID
	versions map[int]bool
}

func (l logged) with(e edition) logged {
	if l.files == nil {
		l = logged{map[string]bool{}, map[int]bool{}}
	}
	for f := range e.meta.PreviousFiles() {
		l.files[path.Base(f.MetadataFile)] = true
		if v := version(f.MetadataFile); v < version(e.path) { // else another catalog has begun to count anew
			l.versions[v] = true
		}
	}
	return l
}

// lost says whether another edition of the version was the table's. The first
// has version 0, as has a name without one: neither tells.
func (l logged) lost(e edition) bool {
	v := version(e.path)
	return v > 0 && l.versions[v] && !l.files[path.Base(e.path)]
}

// doubt tells of the other editions of e's version of which nothing says that e
// was the table's, and not they; "" where there are none.
func (e edition) doubt(all []edition) string {
	if e.named {
		return ""
	}
	var rivals []string
	for _, o := range all {
		if o.err == nil && !o.named && o.path != e.path && o.lifetime() == e.lifetime() && version(o.path) == version(e.path) {
			rivals = append(rivals, o.path+" of "+o.at())
		}
	}
	if len(rivals) == 0 {
		return ""
	}
	return fmt.Sprintf("nothing in the copy says which file was the table's last: %s of %s was taken, because it was written last, and not %s; if that is wrong, drop the table, take the wrong file out of the copy and restore again",
		e.path, e.at(), strings.Join(rivals, ", "))
}

func (e edition) at() string { return time.UnixMilli(e.updated()).UTC().Format(time.RFC3339) }
