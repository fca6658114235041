package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/floe-data/floe/runtime/preflight"
)

// TestDoctorOfAStack: what is asked and found is package preflight's to hold;
// here is what the command makes of it.
func TestDoctorOfAStack(t *testing.T) {
	b := newBench(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::999999999999:user/eve</Arn><Account>999999999999</Account></GetCallerIdentityResult></GetCallerIdentityResponse>")
	}))
	defer server.Close()
	for name, value := range map[string]string{"AWS_ENDPOINT_URL": server.URL, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"} {
		t.Setenv(name, value)
	}
	b.wants(b.floe("doctor", "--stack", "none"), 2, `there is no stack "none"`)
	b.edit("live/dev/platform.yaml", "version: 1\n", "version: 1\naccount: \"123456789012\"\n")
	b.wants(b.floe("doctor", "--stack", "dev"), 1, "BAD  credentials: they are of account 999999999999", "next: export AWS_PROFILE=… for account 123456789012", "1 wrong, 0 not checked")
	got := b.floe("doctor", "--stack", "dev", "--output", "json")
	b.wants(got, 1, `"state":"bad"`)
	var findings []preflight.Finding
	if err := json.Unmarshal([]byte(got.out), &findings); err != nil || len(findings) < 2 || findings[0].What != "credentials" || findings[0].Next == "" {
		t.Errorf("%v: %+v", err, findings)
	}
	b.edit("live/dev/platform.yaml", "account:", "acount:")
	b.wants(b.floe("doctor", "--stack", "dev"), 2, "acount")
}
