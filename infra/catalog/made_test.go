package catalog

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/floe-data/floe/infra/internal/sitetest"
	"github.com/floe-data/floe/runtime/environment"
)

// database is one of Glue's, as its API shows it.
type database struct {
	Name       string
	Parameters map[string]string
}

func of(project, stack, schema string) database {
	return database{environment.PhysicalSchema(project, stack, schema), map[string]string{
		environment.ParameterProject: project, environment.ParameterStack: stack, environment.ParameterSchema: schema,
	}}
}

// glueServer answers GetDatabases with one page each.
func glueServer(t *testing.T, pages ...[]database) aws.Config {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var input struct{ CatalogId, NextToken string }
		if err := json.NewDecoder(r.Body).Decode(&input); err != nil || r.Header.Get("X-Amz-Target") != "AWSGlue.GetDatabases" {
			t.Errorf("asked for %s: %v", r.Header.Get("X-Amz-Target"), err)
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if input.CatalogId != "123456789012" || len(pages) == 0 {
			w.WriteHeader(http.StatusBadRequest)
			w.Write([]byte(`{"__type":"AccessDeniedException","Message":"not yours"}`))
			return
		}
		at := len(input.NextToken) // one mark for each page that was read
		answer := map[string]any{"DatabaseList": pages[at]}
		if at+1 < len(pages) {
			answer["NextToken"] = strings.Repeat("x", at+1)
		}
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	return aws.Config{Region: "eu-central-1", BaseEndpoint: aws.String(server.URL), RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		})}
}

func TestMade(t *testing.T) {
	byHand := of("floe", "dev", "marts")
	byHand.Name = "floe_dev_marts_copy"
	settings := glueServer(t,
		[]database{of("floe", "dev", "landing_shop"), of("floe", "prod", "landing_shop"), {Name: "default"}, byHand},
		[]database{of("Floe", "dev", "landing_a"), of("floe", "Dev", "landing_b")}, // of the same form as ours
		[]database{of("floe", "dev-x", "marts"), of("other", "dev", "marts"), of("floe", "dev", "intermediate")})
	got, err := Made(context.Background(), settings, sitetest.Load(t, "dev", nil))
	if want := []string{"intermediate", "landing_shop"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

func TestMadeIsNotAllowed(t *testing.T) {
	settings := glueServer(t)
	_, err := Made(context.Background(), settings, sitetest.Load(t, "dev", nil))
	if err == nil || !strings.Contains(err.Error(), "needs glue:GetDatabases") || !strings.Contains(err.Error(), "not yours") {
		t.Error(err)
	}
}
