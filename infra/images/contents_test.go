package images

import (
	"bytes"
	"debug/buildinfo"
	"strings"
	"testing"
)

// TestBinary holds that what is read is what runs: Go can tell what it is made of.
func TestBinary(t *testing.T) {
	b := build(t, project(t), t.TempDir(), "arm64")
	binary, err := b.Binary()
	if err != nil {
		t.Fatal(err)
	}
	info, err := buildinfo.Read(bytes.NewReader(binary))
	if err != nil || info.Path != "example.org/tiny/cmd/ingest" || !strings.HasPrefix(info.GoVersion, "go1.") {
		t.Errorf("got %+v, %v", info, err)
	}
	if _, err := Planned(Ingest, "sha256:0").Binary(); err == nil || !strings.Contains(err.Error(), "only planned") {
		t.Errorf("a planned image: %v", err)
	}
}
