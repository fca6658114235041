package delivery

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

var update = flag.Bool("update", false, "write the golden file")

func review() Report {
	return Report{
		Marker: "review", Title: "What this change does", Intro: "Against `abc`.", Whole: "All of it is in the artifact `review`.",
		Parts: []Part{
			{Title: "Contracts & models", Text: "2 changes\n```\nnot the end\n````\n<script>@everyone</script>\n"},
			{Title: "Preview of *dev* <b>", Text: strings.Repeat("+ aws:s3:Bucket create\n", 40)},
			{Title: "Preview of prod", Text: "\x1b[31merror:\x1b[0m no credentials\r\n", Failed: true},
			{Title: "Cost of dev"},
		},
	}
}

func TestMarkdown(t *testing.T) {
	const golden = "testdata/review.md"
	got := review().Markdown()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is another; run with -update and look at the difference:\n%s", golden, got)
	}
}

func TestMarkdownIsCapped(t *testing.T) {
	r := review()
	r.Parts[1].Text = strings.Repeat("a line of the preview, long enough ✓\n", 5_000)
	r.Parts[0].Text = strings.Repeat("short\n", 30)
	got := r.Markdown()
	if len(got) > Most || len(got) < Most-1_000 {
		t.Errorf("%d bytes", len(got))
	}
	if !strings.Contains(got, "lines are shown. All of it is in the artifact `review`.") || strings.Count(got, "short\n") != 30 {
		t.Error("the longest part is to give way, and to say so")
	}
	kept := strings.Count(got, "a line of the preview, long enough ✓\n")
	if !strings.Contains(got, fmt.Sprintf("Cut: %d of 5000 lines", kept)) {
		t.Errorf("%d lines are kept; it says %s", kept, got[len(got)-500:])
	}
	if strings.Count(got, "<details") != strings.Count(got, "</details>") || strings.Count(got, "```")%2 != 0 {
		t.Error("what was opened is not closed")
	}
	r.Limit = 60
	if got := r.Markdown(); len(got) > 60 || !strings.HasPrefix(got, "<!-- floe: review -->") {
		t.Errorf("in 60 bytes: %q", got)
	}
}

// FuzzMarkdown holds that no text gets out of its fence, and that the page fits.
func FuzzMarkdown(f *testing.F) {
	f.Add("a\n```\nb", "title", 500)
	f.Add("\x1b[", "</summary>", 10)
	f.Add("````\n~~~~\xff", "`", 70_000)
	f.Fuzz(func(t *testing.T, text, title string, limit int) {
		if limit < 1_000 || limit > Most || len(title) > 100 {
			limit, title = Most, "t"
		}
		got := Report{Marker: "m", Title: "T", Parts: []Part{{Title: title, Text: text}}, Limit: limit}.Markdown()
		if len(got) > limit || !utf8.ValidString(got) {
			t.Fatalf("%d bytes of %d: %q", len(got), limit, got)
		}
		lines := strings.Split(got, "\n")
		var fences []string
		for _, l := range lines {
			if trimmed := strings.TrimLeft(l, " "); strings.HasPrefix(trimmed, "```") {
				fences = append(fences, trimmed)
			}
		}
		if len(fences) == 0 {
			return
		}
		last := fences[len(fences)-1]
		if fences[0] != last+"text" {
			t.Fatalf("opened by %q, closed by %q", fences[0], last)
		}
		for _, inner := range fences[1 : len(fences)-1] {
			if strings.HasPrefix(inner, last) {
				t.Fatalf("%q closes %q", inner, last)
			}
		}
	})
}
