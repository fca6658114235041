package lakehouse

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/apache/iceberg-go"
	ice "github.com/apache/iceberg-go/table"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/internal/awstest"
)

// deployment is a lake in AWS: in Glue, or in a table bucket.
type deployment struct {
	start   func(t *testing.T) (*awstest.AWS, func(testing.TB) *Lake)
	service string           // of its catalog
	commit  string           // the call that commits
	moved   *awstest.Failure // how it is refused where another came first
}

var deployments = map[string]deployment{
	"glue": {func(t *testing.T) (*awstest.AWS, func(testing.TB) *Lake) {
		a := cloud(t)
		return a, func(t testing.TB) *Lake { return openCloud(t, a) }
	}, "glue", "UpdateTable", awstest.Conflict},
	"s3tables": {func(t *testing.T) (*awstest.AWS, func(testing.TB) *Lake) {
		p := inTableBucket(t)
		return p.aws, p.open
	}, "s3tables", "UpdateTableMetadataLocation", tokenMoved},
}

// ends are how a call may end badly.
func (d deployment) ends(q awstest.Request) []*awstest.Failure {
	switch {
	case q.Action == d.commit:
		return []*awstest.Failure{awstest.Throttled, awstest.Internal, awstest.LostInternal, d.moved, awstest.Cut, awstest.Lost}
	case q.Service == d.service:
		return []*awstest.Failure{awstest.Throttled, awstest.Internal, awstest.Cut}
	case q.Action == "GetObject":
		return []*awstest.Failure{awstest.SlowDown, awstest.Cut, awstest.Lost, awstest.Broken}
	}
	return []*awstest.Failure{awstest.SlowDown, awstest.Cut, awstest.Lost}
}

// TestAWSLosesAnswers: calls are throttled, refused for a conflict, answered 500
// before and after they are done, and cut off; every load is there once.
func TestAWSLosesAnswers(t *testing.T) {
	for name, d := range deployments {
		t.Run(name, d.losesAnswers)
	}
}

func (d deployment) losesAnswers(t *testing.T) {
	a, open := d.start(t)
	l := open(t)
	s := games()
	s.Partition = nil
	newTable(t, l, s)
	var mu sync.Mutex
	r := rand.New(rand.NewPCG(1, 2))
	a.Fail(func(q awstest.Request) *awstest.Failure {
		mu.Lock()
		defer mu.Unlock()
		if r.IntN(5) > 0 {
			return nil
		}
		ends := d.ends(q)
		return ends[r.IntN(len(ends))]
	})
	other := open(t)
	errs := make([]error, 2)
	var wg sync.WaitGroup
	for i, one := range []*Lake{l, other} {
		wg.Go(func() { errs[i] = writeMany(one, i*writers, 20) }) // a call may fail three times in a row
	}
	wg.Wait()
	a.Fail(nil)
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	wantLoads(t, l, 2)
	if found := l.Check(t.Context()); len(found) > 0 {
		t.Fatalf("%+v", found)
	}
}

// TestACommitWhoseLeftoversStay: an attempt was lost and the next was taken;
// that the first one's files cannot be removed does not undo the commit.
func TestACommitWhoseLeftoversStay(t *testing.T) {
	a := cloud(t)
	l := openCloud(t, a)
	newTable(t, l, games())
	conflicts := 0
	a.Fail(func(q awstest.Request) *awstest.Failure {
		switch {
		case q.Action == "UpdateTable" && conflicts == 0:
			conflicts++
			return awstest.Conflict
		case strings.HasPrefix(q.Action, "DeleteObject"):
			return awstest.AccessDenied
		}
		return nil
	})
	if _, err := tryLoad(t.Context(), l, gamesName, LoadOptions{}, StateUpdate{}, gameRows(0, 50)); err != nil {
		t.Error(err)
	}
	a.Fail(nil)
	if found := l.Check(t.Context()); conflicts != 1 || len(found) > 0 || rowsOf(t, l, gamesName) != 50 {
		t.Errorf("%d conflicts, %+v", conflicts, found)
	}
}

// TestARefusedCommit is not tried for long, and leaves nothing behind.
func TestARefusedCommit(t *testing.T) {
	a := cloud(t)
	l := openCloud(t, a)
	newTable(t, l, games())
	before := a.Keys("landing")
	a.Fail(func(q awstest.Request) *awstest.Failure {
		if q.Action == "UpdateTable" {
			return awstest.GlueDenied
		}
		return nil
	})
	a.Forget()
	_, err := tryLoad(t.Context(), l, gamesName, LoadOptions{}, StateUpdate{}, gameRows(0, 50))
	if err == nil || !strings.Contains(err.Error(), "AccessDeniedException") {
		t.Fatal(err)
	}
	tries := 0
	for _, q := range a.Requests() {
		if q.Action == "UpdateTable" {
			tries++
		}
	}
	if tries != 1 {
		t.Errorf("tried %d times", tries)
	}
	var data []string
	for _, key := range a.Keys("landing") {
		if strings.HasSuffix(key, ".parquet") && !slices.Contains(before, key) {
			data = append(data, key)
		}
	}
	if len(data) > 0 {
		t.Errorf("left behind: %v", data)
	}
}

// TestACommitThatMayComeYet: the answer is lost for good and the call is done
// after we have given up: the table must find all files of the commit.
func TestACommitThatMayComeYet(t *testing.T) {
	for name, d := range deployments {
		t.Run(name, d.commitsLate)
	}
}

func (d deployment) commitsLate(t *testing.T) {
	_, open := d.start(t)
	l := open(t)
	newTable(t, l, games())
	ctx, cancel := context.WithCancel(t.Context())
	var late func() error
	swap := l.swap
	l.swap = func(_ context.Context, n Name, old, next entry) error {
		late = func() error { return swap(t.Context(), n, old, next) }
		cancel()
		return answered{errors.New("connection reset"), errUnanswered}
	}
	_, err := tryLoad(ctx, l, gamesName, LoadOptions{ID: "late"}, StateUpdate{}, gameRows(0, 50))
	if !errors.Is(err, errUnknown) {
		t.Fatalf("what became of it is not known: %v", err)
	}
	if err := late(); err != nil {
		t.Fatal(err)
	}
	l.swap = swap
	if n := len(scan(t, l, gamesName)); n != 50 {
		t.Fatalf("%d rows", n)
	}
	if again := load(t, l, gamesName, LoadOptions{ID: "late"}, StateUpdate{}, gameRows(0, 50)); !again.Again {
		t.Fatalf("%+v", again)
	}
}

// TestACreateThatMayComeYet is the same for a table's first commit.
func TestACreateThatMayComeYet(t *testing.T) {
	a := cloud(t)
	l := openCloud(t, a)
	swap := l.swap
	var late func() error
	l.swap = func(_ context.Context, n Name, old, next entry) error {
		late = func() error { return swap(t.Context(), n, old, next) }
		return answered{errors.New("connection reset"), errUnanswered}
	}
	if _, err := l.Create(t.Context(), games()); !errors.Is(err, errUnknown) {
		t.Fatal(err)
	}
	if err := late(); err != nil {
		t.Fatal(err)
	}
	l.swap = swap
	if table, err := l.Table(t.Context(), gamesName); err != nil || len(table.Schema().Columns) != 7 {
		t.Fatal(err)
	}
}

// TestLostAnswersOfCreateAndDrop: they are found out.
func TestLostAnswersOfCreateAndDrop(t *testing.T) {
	for name, lost := range map[string]*awstest.Failure{"cut": awstest.Lost, "500": awstest.LostInternal} {
		t.Run(name, func(t *testing.T) {
			a := cloud(t)
			l := openCloud(t, a)
			a.Fail(func(q awstest.Request) *awstest.Failure {
				if q.Action == "CreateTable" || q.Action == "DeleteTable" {
					return lost
				}
				return nil
			})
			newTable(t, l, games())
			load(t, l, gamesName, LoadOptions{}, StateUpdate{}, gameRows(0, 50))
			if err := l.DropTable(t.Context(), gamesName); err != nil {
				t.Fatal(err)
			}
			if left := a.Keys("landing"); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// TestACommitThatIsDoneKeepsItsFiles: the catalog took it, and the table that
// came of it cannot be shown.
func TestACommitThatIsDoneKeepsItsFiles(t *testing.T) {
	a := cloud(t)
	l := openCloud(t, a)
	newTable(t, l, games())
	tags := iceberg.NestedField{ID: 50, Name: "tags", Type: &iceberg.ListType{ElementID: 51, Element: iceberg.PrimitiveTypes.String}}
	_, _, err := l.commit(t.Context(), gamesName, "nested", func(_ context.Context, head *Table) (*draft, error) {
		fields := iceberg.NewSchema(1, append(head.ice.Schema().Fields(), tags)...)
		return &draft{updates: []ice.Update{ice.NewAddSchemaUpdate(fields), ice.NewSetCurrentSchemaUpdate(-1)}}, nil
	})
	if !errors.Is(err, errUnknown) || !strings.Contains(err.Error(), `column "tags"`) {
		t.Fatal(err)
	}
}

// TestACommitThatIsToldToEnd says so, and not that others came first.
func TestACommitThatIsToldToEnd(t *testing.T) {
	l := openLake(t, t.TempDir())
	newTable(t, l, games())
	ctx, cancel := context.WithCancelCause(t.Context())
	told := errors.New("told to end")
	l.swap = func(context.Context, Name, entry, entry) error {
		cancel(told)
		return errMovedOn
	}
	_, err := tryLoad(ctx, l, gamesName, LoadOptions{}, StateUpdate{}, gameRows(0, 50))
	if !errors.Is(err, told) || errors.Is(err, ErrConflict) {
		t.Fatal(err)
	}
}

// TestADatabaseThatGoes after it was looked up is told, with no table's metadata
// left, and forgotten.
func TestADatabaseThatGoes(t *testing.T) {
	for name, act := range map[string]func(l *Lake, target Target) error{
		"create": func(l *Lake, _ Target) error {
			_, err := l.Create(t.Context(), games())
			return err
		},
		"replace": func(l *Lake, target Target) error {
			_, err := l.ReplaceFiles(t.Context(), Write{}, &target)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := cloud(t)
			l := openCloud(t, a)
			target, err := l.PrepareReplace(t.Context(), games())
			if err != nil {
				t.Fatal(err)
			}
			a.DropDatabase(gamesDatabase)
			if err := act(l, target); !errors.Is(err, ErrNoSchema) || errors.Is(err, errUnknown) || fault.Next(err) != "make deploy STACK=dev" {
				t.Fatal(err)
			}
			if left := a.Keys("landing"); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
			if _, _, err := l.Exists(t.Context(), gamesName); !errors.Is(err, ErrNoSchema) {
				t.Errorf("it is still known: %v", err)
			}
		})
	}
}
