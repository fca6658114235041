package athena

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/floe-data/floe/runtime/lakehouse"
)

// aside is the name and the place of something that is made beside its target.
type aside struct {
	target   lakehouse.Name
	name     lakehouse.Name // marts.fct_games__floe_6743d2c85e0a
	folder   string         // the target's
	location string         // a folder of its own in it: s3://bucket/marts/fct_games/floe_6743d2c85e0a
}

var (
	plainName = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)
	// An id is eight hexadecimal digits of the second it was made in, and four of chance.
	asideName   = regexp.MustCompile(`^(.+)__floe_([0-9a-f]{8})[0-9a-f]{4}$`)
	asideFolder = regexp.MustCompile(`/floe_[0-9a-f]{12}/?$`)
)

// maxTable leaves room for the id in a name of at most 200 bytes.
const maxTable = 200 - len("__floe_") - 12

// newAside names something beside a target whose table lies at location. A
// table that was made aside once lies in such a folder itself.
func newAside(target lakehouse.Name, location string) (aside, error) {
	a := aside{target: target, folder: strings.TrimSuffix(asideFolder.ReplaceAllString(location, ""), "/")}
	return a.anew()
}

// anew gives it another id.
func (a aside) anew() (aside, error) {
	var salt [2]byte
	if _, err := rand.Read(salt[:]); err != nil {
		return a, fmt.Errorf("name what is built of %s: %w", a.target, err)
	}
	id := fmt.Sprintf("%08x%s", uint32(time.Now().Unix()), hex.EncodeToString(salt[:]))
	table := strings.ToLower(a.target.Table)
	a.name = lakehouse.Name{Schema: a.target.Schema, Table: table[:min(len(table), maxTable)] + "__floe_" + id}
	a.location = a.folder + "/floe_" + id
	return a, nil
}

// dropAside drops a table that was made aside, with its files; none there is
// no error.
func (e *Engine) dropAside(ctx context.Context, n lakehouse.Name) error {
	err := e.lake.DropTable(ctx, n)
	if err != nil && !errors.Is(err, lakehouse.ErrNotFound) {
		return fmt.Errorf("drop %s, which was built aside: %w", n, err)
	}
	return nil
}

// tidy removes what was made aside once it has been published, also if the run
// is being stopped. Its failure is none of the publication's: Sweep tries again.
func (e *Engine) tidy(ctx context.Context, drop func(context.Context) error) {
	sure, cancel := context.WithTimeout(context.WithoutCancel(ctx), startWithin)
	defer cancel()
	_ = drop(sure)
}

// Sweep drops what runs that were killed left aside at least age ago, with its
// files, and gives the names. A run that is under way must be younger.
func (e *Engine) Sweep(ctx context.Context, age time.Duration) ([]lakehouse.Name, error) {
	all, err := e.lake.Relations(ctx, "")
	if err != nil {
		return nil, fmt.Errorf("look for what killed runs left: %w", err)
	}
	var gone []lakehouse.Name
	var errs []error
	for _, r := range all {
		made, ok := madeAt(r.Name.Table)
		if !ok || time.Since(made) < age {
			continue
		}
		if r.View {
			err = e.dropView(ctx, r.Name)
		} else {
			err = e.dropAside(ctx, r.Name)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		gone = append(gone, r.Name)
	}
	return gone, errors.Join(errs...)
}

// madeAt is when a name of something aside was given.
func madeAt(table string) (time.Time, bool) {
	m := asideName.FindStringSubmatch(table)
	if m == nil {
		return time.Time{}, false
	}
	seconds, err := strconv.ParseInt(m[2], 16, 64)
	return time.Unix(seconds, 0), err == nil
}
