package sample

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// recordedDir holds real answers of the API, beside the repository where there are any.
const recordedDir = "../../../shared/data/chess"

// shape adds every path of a JSON value with its types.
func shape(into map[string]map[string]bool, path string, v any) {
	kind := "null"
	switch x := v.(type) {
	case bool:
		kind = "boolean"
	case float64:
		kind = "number"
	case string:
		kind = "string"
	case []any:
		kind = "array"
		for _, e := range x {
			shape(into, path+"[]", e)
		}
	case map[string]any:
		kind = "object"
		for k, e := range x {
			shape(into, path+"."+k, e)
		}
	}
	if into[path] == nil {
		into[path] = map[string]bool{}
	}
	into[path][kind] = true
}

func recorded(t *testing.T, patterns ...string) map[string]map[string]bool {
	t.Helper()
	shapes := map[string]map[string]bool{}
	for _, p := range patterns {
		files, err := filepath.Glob(filepath.Join(recordedDir, p))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			body, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			var v any
			if err := json.Unmarshal(body, &v); err != nil {
				t.Fatalf("%s: %v", f, err)
			}
			shape(shapes, "", v)
		}
	}
	return shapes
}

// TestShapeIsTheRecordedOne holds the sample to the real API: no key and no
// type that no recorded answer has; null may stand for any.
func TestShapeIsTheRecordedOne(t *testing.T) {
	if _, err := os.Stat(recordedDir); err != nil {
		t.Skipf("no recorded answers of the API at %s", recordedDir)
	}
	w := newWorld(t, Config{Games: 3000, Players: 8})
	h := w.Handler(Options{})
	for _, c := range []struct {
		name  string
		files []string
		paths func(player string) []string
	}{
		{"profile", []string{"player/*.json"}, func(p string) []string { return []string{"/pub/player/" + p} }},
		{"archives", []string{"player/*/games/archives.json"}, func(p string) []string { return []string{"/pub/player/" + p + "/games/archives"} }},
		{"games", []string{"player/*/games/*/*.json"}, func(p string) []string { return archives(t, h, p) }},
		{"stats", []string{"player/*/stats.json"}, func(p string) []string { return []string{"/pub/player/" + p + "/stats"} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			real, ours := recorded(t, c.files...), map[string]map[string]bool{}
			for _, player := range w.Players()[:8] {
				for _, path := range c.paths(player) {
					_, _, body := get(t, h, path)
					var v any
					if err := json.Unmarshal(body, &v); err != nil {
						t.Fatalf("%s: %v", path, err)
					}
					shape(ours, "", v)
				}
			}
			for path, kinds := range ours {
				for kind := range kinds {
					if kind != "null" && !real[path][kind] {
						t.Errorf("%s is a %s here; recorded: %v", path, kind, real[path])
					}
				}
			}
		})
	}
}
