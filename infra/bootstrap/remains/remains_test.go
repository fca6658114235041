package remains

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew")

func state(t *testing.T) *State {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "export.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, err := Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWrite(t *testing.T) {
	var out strings.Builder
	Write(&out, "prod", state(t).After(time.Date(2026, 11, 21, 23, 0, 0, 0, time.UTC)))
	golden := filepath.Join("testdata", "remains.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != string(want) {
		t.Errorf("got\n%s\nwant (-update writes it)\n%s", out.String(), want)
	}
}

func TestProtected(t *testing.T) {
	if got := state(t).Protected(); !slices.Equal(got, []string{"landing"}) {
		t.Errorf("protected are %q", got)
	}
}

func TestReadRefuses(t *testing.T) {
	for _, text := range []string{"", "{", `{"version":3}`, `[]`} {
		if _, err := Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), "read the stack's state") {
			t.Errorf("%q: %v", text, err)
		}
	}
	s, err := Read(strings.NewReader(`{"version":3,"deployment":{"manifest":{}}}`))
	if err != nil || len(s.Resources) != 0 {
		t.Errorf("a stack that was never deployed: %v, %v", s, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"version":3,"deployment":{"resources":[{"urn":"urn:pulumi:dev::floe::aws:kms/key:Key::landing","type":"aws:kms/key:Key","outputs":{"deletionWindowInDays":7}}]}}`)
	f.Add(`{"deployment":{"resources":[{"type":"aws:ecs/cluster:Cluster","outputs":{"settings":[{"name":1},null]}}]}}`)
	f.Fuzz(func(_ *testing.T, text string) {
		s, err := Read(strings.NewReader(text))
		if err != nil {
			return
		}
		s.Protected()
		Write(&strings.Builder{}, "dev", s.After(time.Unix(0, 0)))
	})
}
