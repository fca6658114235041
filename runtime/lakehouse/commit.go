package lakehouse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	ice "github.com/apache/iceberg-go/table"
)

// draft is one attempt to change a table.
type draft struct {
	updates  []ice.Update
	made     []string // files that only this attempt refers to: manifests and their list
	snapshot int64    // that it adds, 0 for none
}

// drafter makes an attempt against a table's head; nil: nothing has to change.
type drafter func(ctx context.Context, head *Table) (*draft, error)

const (
	maxAttempts = 200
	maxFailures = 20 // one after the other, other than a conflict
	minBackoff  = 5 * time.Millisecond
	maxBackoff  = 400 * time.Millisecond
)

// attempt is a draft that was sent to the catalog.
type attempt struct {
	draft
	location string
	base     string // the head that it is made for
	doubtful bool   // it may have been taken
	late     bool   // it may be taken yet, as long as its base is the head
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
	defer func() {
		// What cannot be removed of a commit that is done is left to the orphans'
		// clean-up: an error would say that it is not done, and cost its files.
		if left := l.discard(lost, t); err != nil {
			err = errors.Join(err, left)
		}
	}()
	for tries, failures := 0, 0; ; tries++ {
		head, err := l.Table(ctx, n)
		if err != nil {
			return nil, false, doubt(lost, nil, err)
		}
		if _, ok := committed(head.ice, id); ok || taken(head.ice, lost) {
			return head, tries == 0, nil
		}
		next, tried, err := l.attempt(ctx, head, build)
		if err == nil {
			return next, false, nil
		}
		lost = append(lost, tried...)
		if len(tried) == 0 || errors.Is(err, ErrLocked) {
			return nil, false, doubt(lost, head, err) // the draft itself failed, or the lock was waited for already
		}
		if failures++; errors.Is(err, errMovedOn) {
			failures = 0
		}
		if ctx.Err() != nil || tries == maxAttempts || failures == maxFailures || errors.Is(err, errRefused) {
			return l.afterAll(ctx, n, id, lost, err)
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
		return nil, nil, errors.Join(fmt.Errorf("change table %s: %w", head.name, err), l.fs.remove(d.made))
	}
	location, err := l.writeMetadata(ctx, meta, version(head.entry.location)+1)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("change table %s: %w", head.name, err), l.fs.remove(d.made))
	}
	sent := []attempt{{draft: *d, location: location, base: head.entry.location}}
	next := entry{kind: kindTable, location: location, meta: meta}
	if err := l.swap(ctx, head.name, head.entry, next); err != nil {
		sent[0].late = errors.Is(err, errUnanswered)
		sent[0].doubtful = !errors.Is(err, errMovedOn) || errors.As(err, new(answered))
		return nil, sent, err
	}
	l.trimMetadata(head.ice.Metadata(), meta)
	t, err := l.made(head.name, next)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", errUnknown, err) // it is done: its files are the table's
	}
	return t, nil, nil
}

// afterAll says how a commit ended that could not be tried again.
func (l *Lake) afterAll(ctx context.Context, n Name, id string, lost []attempt, cause error) (*Table, bool, error) {
	look, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.wait)
	defer cancel()
	t, err := l.Table(look, n)
	if err != nil {
		return nil, false, fmt.Errorf("%w: %w (%w)", errUnknown, cause, err)
	}
	if _, ok := committed(t.ice, id); ok || taken(t.ice, lost) {
		return t, false, nil
	}
	switch {
	case errors.Is(cause, errMovedOn) && ctx.Err() != nil:
		cause = fmt.Errorf("%w: %w", context.Cause(ctx), cause)
	case errors.Is(cause, errMovedOn):
		cause = fmt.Errorf("%w: %d other commits came first", ErrConflict, maxAttempts)
	}
	return nil, false, doubt(lost, t, cause)
}

// taken says whether the snapshot of an attempt is the table's. That is so, too,
// where a rollback came after it: the commit was done, and then undone, and its
// files are history's.
func taken(t *ice.Table, lost []attempt) bool {
	return slices.ContainsFunc(lost, func(a attempt) bool { return a.snapshot != 0 && t.Metadata().SnapshotByID(a.snapshot) != nil })
}

// doubt marks the error that a commit ends with as errUnknown if one of its
// attempts may be, or may become, part of the table; t is the table as it was
// seen since, without the commit, nil if it could not be seen.
func doubt(lost []attempt, t *Table, err error) error {
	for _, a := range lost {
		if t == nil && a.doubtful || t != nil && a.late && a.base == t.entry.location {
			return fmt.Errorf("%w: %w", errUnknown, err)
		}
	}
	return err
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
		if path, err := l.fs.path(a.location); err == nil {
			files = append(files, path)
		}
	}
	return l.fs.remove(files)
}

// landed says whether an attempt is part of the table, or may be: what cannot
// be known is left to the orphans' clean-up. The log of metadata files is cut
// at its end; where it does not reach back to what the attempt stood on, it does
// not tell what came of it.
func landed(t *Table, a attempt) bool {
	reaches := t.entry.location == a.base
	if t.entry.location == a.location || reaches && a.late {
		return true
	}
	for f := range t.ice.Metadata().PreviousFiles() {
		if f.MetadataFile == a.location {
			return true
		}
		reaches = reaches || f.MetadataFile == a.base
	}
	return a.doubtful && !reaches
}

func pause(ctx context.Context, tries int) {
	top := min(maxBackoff, minBackoff<<min(tries, 10))
	select {
	case <-ctx.Done():
	case <-time.After(minBackoff + rand.N(top)):
	}
}

// writeMetadata writes a table's or view's metadata file and gives its location.
func (l *Lake) writeMetadata(ctx context.Context, meta interface{ Location() string }, version int) (string, error) {
	text, err := json.Marshal(meta)
	if err != nil {
		return "", fmt.Errorf("encode metadata: %w", err)
	}
	folder, err := l.fs.path(meta.Location())
	if err != nil {
		return "", err
	}
	path := under(folder, "metadata", fmt.Sprintf("%05d-%s.metadata.json", version, uuid.New()))
	if err := l.fs.bind(ctx).WriteFile(path, text); err != nil {
		return "", err
	}
	// The manifests of the same commit are in this folder too.
	return FileURL(path), l.fs.settle(parent(path))
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
	var gone []string
	for f := range before.PreviousFiles() {
		if path, err := l.fs.path(f.MetadataFile); err == nil && !slices.Contains(kept, f.MetadataFile) {
			gone = append(gone, path)
		}
	}
	_ = l.fs.remove(gone)
}

// newCommitID is the id of a commit that is no load.
func newCommitID() string { return uuid.Must(uuid.NewV7()).String() }
