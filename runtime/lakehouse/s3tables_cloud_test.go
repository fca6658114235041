//go:build cloud

package lakehouse

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3tables"
	"github.com/aws/aws-sdk-go-v2/service/s3tables/types"
)

// emulator starts moto with its gaps mended, as the cloud tests of infra do, and
// gives a client's configuration.
func emulator(t *testing.T) aws.Config {
	t.Helper()
	c := exec.Command(cmp.Or(os.Getenv("FLOE_PYTHON"), "python3"), "../../infra/internal/emulated/aws/server/server.py")
	c.Env = append(os.Environ(), "EMULATED_FRONT=http://127.0.0.1:1", "EMULATED_REGISTRY=127.0.0.1:1", "PYTHONDONTWRITEBYTECODE=1", "AWS_DEFAULT_REGION=eu-central-1")
	c.Stderr = os.Stderr
	in, err := c.StdinPipe() // when it is closed the server ends
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatalf("%v; FLOE_PYTHON must name a Python with moto: pip install 'moto[server]==5.2.1'", err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = c.Wait()
	})
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if port, ok := strings.CutPrefix(strings.TrimSpace(line), "listening "); ok {
			go func() { _, _ = io.Copy(io.Discard, lines) }()
			return aws.Config{Region: "eu-central-1", BaseEndpoint: aws.String("http://127.0.0.1:" + port), Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
		}
		if err != nil {
			t.Fatalf("moto did not say its port: %v", err)
		}
	}
}

// TestS3TablesInMoto takes a table through its life in another's S3 Tables than
// awstest's: made, loaded twice, merged, rewritten, read, dropped.
func TestS3TablesInMoto(t *testing.T) {
	config := emulator(t)
	api := s3tables.NewFromConfig(config)
	bucket, err := api.CreateTableBucket(t.Context(), &s3tables.CreateTableBucketInput{Name: aws.String("floe-dev-tables")})
	if err != nil {
		t.Fatal(err)
	}
	for _, namespace := range []string{gamesDatabase, "floe_dev_marts"} {
		if _, err := api.CreateNamespace(t.Context(), &s3tables.CreateNamespaceInput{TableBucketARN: bucket.Arn, Namespace: []string{namespace}}); err != nil {
			t.Fatal(err)
		}
	}
	l, err := Open(t.Context(), Options{S3Tables: &S3TablesOptions{Bucket: *bucket.Arn, Project: "floe", Stack: "dev", Config: config}})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	newTable(t, l, games())
	for i := range 6 {
		load(t, l, gamesName, LoadOptions{ID: fmt.Sprint("load-", i)}, StateUpdate{}, gameRows(i*50, 50))
	}
	if again := load(t, l, gamesName, LoadOptions{ID: "load-2"}, StateUpdate{}, gameRows(100, 50)); !again.Again {
		t.Errorf("%+v", again)
	}
	load(t, l, gamesName, LoadOptions{Merge: true}, StateUpdate{}, gameRows(290, 20))
	if r := maintain(t, l, everything); r.FilesCompacted == 0 || r.SnapshotsExpired == 0 || r.OrphansRemoved != 0 {
		t.Errorf("%+v", r)
	}
	if rows := len(scan(t, l, gamesName)); rows != 310 {
		t.Errorf("%d rows", rows)
	}
	if found := l.Check(t.Context()); len(found) > 0 {
		t.Errorf("%+v", found)
	}
	if schemas, err := l.Schemas(t.Context()); err != nil || strings.Join(schemas, " ") != "landing_chess marts" {
		t.Errorf("%v %v", schemas, err)
	}
	kept, err := api.GetTableMaintenanceConfiguration(t.Context(), &s3tables.GetTableMaintenanceConfigurationInput{TableBucketARN: bucket.Arn, Namespace: aws.String(gamesDatabase), Name: aws.String("games")})
	if err != nil || len(kept.Configuration) != 2 || kept.Configuration["icebergCompaction"].Status != types.MaintenanceStatusDisabled {
		t.Errorf("S3 maintains it, too: %+v %v", kept, err)
	}
	if err := l.DropTable(t.Context(), gamesName); err != nil {
		t.Fatal(err)
	}
	if found, err := l.Relations(t.Context(), ""); err != nil || len(found) != 0 {
		t.Errorf("%v %v", found, err)
	}
}
