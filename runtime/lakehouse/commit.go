package lakehouse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	ice "github.com/apache/iceberg-go/table"
)

// draft is one attempt to change a table.
type draft struct {
	updates []ice.Update
	made    []string // files that only this attempt refers to: manifests and their list
}

// drafter makes an attempt against a table's head; nil: nothing has to change.
type drafter func(ctx context.Context, head *Table) (*draft, error)

const (
	maxAttempts = 200
	minBackoff  = 5 * time.Millisecond
	maxBackoff  = 400 * time.Millisecond
)

// attempt is a draft that was sent to the catalog.
type attempt struct {
	draft
	location string
}

// commit changes a table: load the head, look whether the commit with this id
// is part of it already, draft the change against it, swap the catalog's
// pointer; on any error look again. So a commit that lost the race is done on
// the new head, and one whose answer was lost is not done twice.
func (l *Lake) commit(ctx context.Context, n Name, id string, build drafter) (t *Table, again bool, err error) {
	if err := l.writable("commit", n); err != nil {
		return nil, false, err
	}
	var lost []attempt
	defer func() { err = errors.Join(err, l.discard(lost, t)) }()
	for tries := 0; ; tries++ {
		head, err := l.Table(ctx, n)
		if err != nil {
			return nil, false, err
		}
		if _, ok := committed(head.ice, id); ok {
			return head, tries == 0, nil
		}
		next, tried, err := l.attempt(ctx, head, build)
		if err == nil {
			return next, false, nil
		}
		lost = append(lost, tried...)
		if len(tried) == 0 || errors.Is(err, ErrLocked) {
			return nil, false, err // the draft itself failed, or the lock was waited for already
		}
		if ctx.Err() != nil || tries == maxAttempts {
			return l.afterAll(ctx, n, id, err)
		}
		pause(ctx, tries)
	}
}

// attempt drafts and sends one change. tried is what was sent, if the catalog
// did not say that it took it.
func (l *Lake) attempt(ctx context.Context, head *Table, build drafter) (_ *Table, tried []attempt, err error) {
	turn := l.turn(head.name)
	turn.Lock()
	defer turn.Unlock()
	d, err := build(ctx, head)
	if err != nil {
		return nil, nil, err
	}
	if d == nil || len(d.updates) == 0 {
		return head, nil, nil
	}
	meta, err := ice.UpdateTableMetadata(head.ice.Metadata(), d.updates, head.entry.location)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("change table %s: %w", head.name, err), removeFiles(d.made))
	}
	location, err := l.writeMetadata(meta, version(head.entry.location)+1)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("change table %s: %w", head.name, err), removeFiles(d.made))
	}
	sent := []attempt{{draft: *d, location: location}}
	next := entry{kind: kindTable, location: location}
	if err := l.swap(ctx, head.name, head.entry, next); err != nil {
		return nil, sent, err
	}
	l.trimMetadata(head.ice.Metadata(), meta)
	t, err := l.load(ctx, head.name, next)
	return t, nil, err
}

// afterAll says how a commit ended that could not be tried again.
func (l *Lake) afterAll(ctx context.Context, n Name, id string, cause error) (*Table, bool, error) {
	look, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.catalog.wait)
	defer cancel()
	t, err := l.Table(look, n)
	if err != nil {
		return nil, false, fmt.Errorf("%w: %w (%w)", errUnknown, cause, err)
	}
	if _, ok := committed(t.ice, id); ok {
		return t, false, nil
	}
	if errors.Is(cause, errMovedOn) {
		cause = fmt.Errorf("%w: %d other commits came first", ErrConflict, maxAttempts)
	}
	return nil, false, cause
}

// discard removes the files of attempts that did not become part of the table.
func (l *Lake) discard(lost []attempt, t *Table) error {
	if len(lost) == 0 || t == nil {
		return nil // what became of them is unknown: the orphans' clean-up is for them
	}
	var files []string
	for _, a := range lost {
		if landed(t, a) {
			continue
		}
		files = append(files, a.made...)
		if path, err := plainPath(a.location); err == nil {
			files = append(files, path)
		}
	}
	return removeFiles(files)
}

func landed(t *Table, a attempt) bool {
	if t.entry.location == a.location {
		return true
	}
	for f := range t.ice.Metadata().PreviousFiles() {
		if f.MetadataFile == a.location {
			return true
		}
	}
	return false
}

func pause(ctx context.Context, tries int) {
	top := min(maxBackoff, minBackoff<<min(tries, 10))
	select {
	case <-ctx.Done():
	case <-time.After(minBackoff + rand.N(top)):
	}
}

// writeMetadata writes a table's or view's metadata file and gives its location.
func (l *Lake) writeMetadata(meta interface{ Location() string }, version int) (string, error) {
	text, err := json.Marshal(meta)
	if err != nil {
		return "", fmt.Errorf("encode metadata: %w", err)
	}
	folder, err := plainPath(meta.Location())
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "metadata", fmt.Sprintf("%05d-%s.metadata.json", version, uuid.New()))
	if err := l.fs.WriteFile(path, text); err != nil {
		return "", err
	}
	// The manifests of the same commit are in this folder too.
	return FileURL(path), syncFolders(map[string]bool{filepath.Dir(path): true})
}

var metadataName = regexp.MustCompile(`(?:^|/)v?(\d+)[-.][^/]*$`)

// version is the number in a metadata file's name.
func version(location string) int {
	m := metadataName.FindStringSubmatch(location)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1]) // digits; an overflow begins again at 0, which is only a name
	return n
}

// trimMetadata removes the metadata files that fell out of the log. What fails
// is left to the orphans' clean-up.
func (l *Lake) trimMetadata(before, after ice.Metadata) {
	if after.Properties()[ice.MetadataDeleteAfterCommitEnabledKey] != "true" {
		return
	}
	var kept []string
	for f := range after.PreviousFiles() {
		kept = append(kept, f.MetadataFile)
	}
	for f := range before.PreviousFiles() {
		if !slices.Contains(kept, f.MetadataFile) {
			_ = l.fs.Remove(f.MetadataFile)
		}
	}
}

// newCommitID is the id of a commit that is no load.
func newCommitID() string { return uuid.Must(uuid.NewV7()).String() }
