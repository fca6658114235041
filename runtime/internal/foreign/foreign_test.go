package foreign

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

func TestFile(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.URL.Path != "/a.jar" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, "content")
	}))
	defer s.Close()
	const sum = "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"
	for range 2 {
		file, err := File(t.Context(), "x", s.URL+"/a.jar", sum)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := os.ReadFile(file); err != nil || string(body) != "content" {
			t.Errorf("%s: %q %v", file, body, err)
		}
	}
	if asked != 1 {
		t.Errorf("fetched %d times, want once", asked)
	}
	for url, want := range map[string]string{s.URL + "/b.jar": "404", s.URL + "/a.jar?other": "SHA-256"} {
		if _, err := File(t.Context(), "y", url, strings.Repeat("0", 64)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", url, err, want)
		}
	}
}
