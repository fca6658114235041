package nearest

import "testing"

func TestWord(t *testing.T) {
	known := []string{"resources", "version", "vars", "client", "kind"}
	for word, want := range map[string]string{
		"resorces": "resources", "vras": "vars", "Version": "version", "clients": "client",
		"banana": "", "": "", "k": "", "größe": "",
	} {
		if got := Word(word, known); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}

func FuzzDistance(f *testing.F) {
	f.Add("resources", "resorces")
	f.Add("é", "")
	f.Fuzz(func(t *testing.T, a, b string) {
		if len(a)+len(b) > 1000 {
			return
		}
		there, back := Distance(a, b), Distance(b, a)
		if there != back || (there == 0) != (string([]rune(a)) == string([]rune(b))) {
			t.Fatalf("%q to %q is %d, back %d", a, b, there, back)
		}
	})
}
