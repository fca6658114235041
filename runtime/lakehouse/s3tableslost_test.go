package lakehouse

import (
	"errors"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/internal/awstest"
)

// tokenMoved is S3 Tables' refusal of an old version token, or of a try whose
// answer was lost.
var tokenMoved = &awstest.Failure{Status: 409, Code: "ConflictException", Message: "Provided version token does not match the table version token."}

// TestS3TablesLosesAnswersOfCreateAndDrop: they are found out.
func TestS3TablesLosesAnswersOfCreateAndDrop(t *testing.T) {
	for name, lost := range map[string]*awstest.Failure{"cut": awstest.Lost, "500": awstest.LostInternal} {
		t.Run(name, func(t *testing.T) {
			p := inTableBucket(t)
			l := p.open(t)
			p.aws.Fail(func(q awstest.Request) *awstest.Failure {
				if q.Service == "s3tables" && !strings.HasPrefix(q.Action, "Get") && q.Action != "PutTableMaintenanceConfiguration" {
					return lost
				}
				return nil
			})
			newTable(t, l, games())
			load(t, l, gamesName, LoadOptions{}, StateUpdate{}, gameRows(0, 50))
			if err := l.DropTable(t.Context(), gamesName); err != nil {
				t.Fatal(err)
			}
			if _, _, _, left := p.aws.S3Table(p.tables, gamesDatabase, "games"); left {
				t.Error("it is still there")
			}
		})
	}
}

// TestS3TablesRefusesACommit: it is not tried for long.
func TestS3TablesRefusesACommit(t *testing.T) {
	p := inTableBucket(t)
	l := p.open(t)
	newTable(t, l, games())
	tries := 0
	p.aws.Fail(func(q awstest.Request) *awstest.Failure {
		if q.Action == "UpdateTableMetadataLocation" {
			tries++
			return &awstest.Failure{Status: 403, Code: "ForbiddenException", Message: "no"}
		}
		return nil
	})
	_, err := tryLoad(t.Context(), l, gamesName, LoadOptions{}, StateUpdate{}, gameRows(0, 50))
	if err == nil || !strings.Contains(err.Error(), "ForbiddenException") || errors.Is(err, errUnknown) || tries != 1 {
		t.Fatalf("%d tries: %v", tries, err)
	}
}

// TestANamespaceThatGoes after a table was prepared in it is told.
func TestANamespaceThatGoes(t *testing.T) {
	p := inTableBucket(t)
	l := p.open(t)
	target, err := l.PrepareReplace(t.Context(), games())
	if err != nil {
		t.Fatal(err)
	}
	p.aws.DropNamespace(p.tables, gamesDatabase)
	if _, err := l.ReplaceFiles(t.Context(), Write{}, &target); !errors.Is(err, ErrNoSchema) || fault.Next(err) != "make deploy STACK=dev" {
		t.Fatal(err)
	}
}

// TestS3TablesDropLosesNoCommit: a table that changed between the look and the
// drop is looked at again, and a stale token removes nothing.
func TestS3TablesDropLosesNoCommit(t *testing.T) {
	p := inTableBucket(t)
	l := p.open(t)
	newTable(t, l, games())
	e, err := l.catalog.find(t.Context(), gamesName)
	if err != nil {
		t.Fatal(err)
	}
	load(t, p.open(t), gamesName, LoadOptions{}, StateUpdate{}, gameRows(0, 50))
	if err := l.catalog.swap(t.Context(), gamesName, e, entry{}); !errors.Is(err, errMovedOn) {
		t.Fatal(err)
	}
	p.aws.Fail(func(q awstest.Request) *awstest.Failure {
		if q.Action == "DeleteTable" { // another commit comes first
			p.aws.Fail(nil)
			load(t, p.open(t), gamesName, LoadOptions{}, StateUpdate{}, gameRows(50, 50))
		}
		return nil
	})
	if e, err = l.catalog.find(t.Context(), gamesName); err != nil {
		t.Fatal(err)
	}
	if err := l.catalog.swap(t.Context(), gamesName, e, entry{}); !errors.Is(err, errMovedOn) {
		t.Fatal(err)
	}
	if n := rowsOf(t, l, gamesName); n != 100 {
		t.Errorf("%d rows", n)
	}
}
