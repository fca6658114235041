package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/fault"
)

// inAccount makes answer the account's, but for whose it is, and gives the root
// of a project in it.
func inAccount(t *testing.T, answer http.HandlerFunc) (root string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("Authorization"), "/sts/aws4_request") {
			fmt.Fprint(w, "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/me</Arn><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>")
			return
		}
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	for key, value := range map[string]string{"AWS_ENDPOINT_URL": server.URL, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_MAX_ATTEMPTS": "1",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_EC2_METADATA_DISABLED": "true", "AWS_PROFILE": ""} {
		t.Setenv(key, value)
	}
	root = t.TempDir()
	for _, from := range []string{"../../../runtime/project/testdata/good", "../../../runtime/live/testdata/good"} {
		if err := os.CopyFS(root, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// TestChanges lists the stacks of two changes beside what Pulumi left of a third.
func TestChanges(t *testing.T) {
	refuses := false
	root := inAccount(t, func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.Path, "-123456789012-") || !strings.HasSuffix(r.URL.Query().Get("prefix"), "/pr-") {
			t.Errorf("asked for %s", r.URL)
		}
		if refuses {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		fmt.Fprint(w, "<ListBucketResult>")
		for _, name := range []string{"pr-12.json", "pr-13.json.bak", "pr-140.json.gz", "pr-x.json"} {
			fmt.Fprintf(w, "<Contents><Key>%s%s</Key></Contents>", strings.TrimSuffix(r.URL.Query().Get("prefix"), "pr-"), name)
		}
		fmt.Fprint(w, "</ListBucketResult>")
	})
	var out strings.Builder
	args := []string{"changes", "--stack", "dev", "--project", root}
	if err := run(t.Context(), args, &out); err != nil || out.String() != "12\n140\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
	refuses = true
	if err := run(t.Context(), args, &out); fault.Code(err) != 1 || fault.Next(err) == "" {
		t.Errorf("a bucket that may not be listed: %v", err)
	}
}
