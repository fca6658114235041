package delivery

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Most is how many bytes of a comment GitHub takes: it counts 65,536 characters.
const Most = 65_536

// Report is a page of parts.
type Report struct {
	// Marker is hidden at the top, so that the page is found and written anew.
	Marker string
	Title  string
	// Intro is Markdown of our own, below the title.
	Intro string
	Parts []Part
	// Whole says where all of a part that was cut can be read, in a sentence.
	Whole string
	// Limit is the greatest length in bytes. Default Most.
	Limit int
}

// Part is what a program wrote.
type Part struct {
	Title  string
	Text   string
	Failed bool // the program could not say it; Text tells why
}

// open is the greatest number of lines of a part that is shown without a click.
const open = 25

// Markdown is the page.
func (r Report) Markdown() string {
	limit := r.Limit
	if limit <= 0 {
		limit = Most
	}
	texts := make([]string, len(r.Parts))
	for i, p := range r.Parts {
		texts[i] = strings.TrimRight(plain(p.Text), "\n ")
	}
	page := r.page(texts)
	// The longest part gives way first; what is told of a cut takes room, too.
	for len(page) > limit {
		longest := 0
		for i := range texts {
			if len(texts[i]) > len(texts[longest]) {
				longest = i
			}
		}
		if len(texts) == 0 || len(texts[longest]) == 0 {
			return cut(page, limit)
		}
		texts[longest] = cut(texts[longest], len(texts[longest])-max(len(page)-limit, 200))
		page = r.page(texts)
	}
	return page
}

// page puts texts, which may be cut, in the place of the parts' own.
func (r Report) page(texts []string) string {
	var b strings.Builder
	if r.Marker != "" {
		fmt.Fprintf(&b, "<!-- floe: %s -->\n", r.Marker)
	}
	fmt.Fprintf(&b, "## %s\n", r.Title)
	if r.Intro != "" {
		fmt.Fprintf(&b, "\n%s\n", strings.TrimSpace(r.Intro))
	}
	for i, p := range r.Parts {
		whole := strings.TrimRight(plain(p.Text), "\n ")
		lines := strings.Count(whole, "\n") + 1
		details, mark := "<details>", ""
		if lines <= open {
			details = "<details open>"
		}
		if p.Failed {
			mark = "⚠️ failed: "
		}
		fmt.Fprintf(&b, "\n%s<summary><b>%s%s</b></summary>\n\n", details, mark, escape(p.Title))
		if whole == "" {
			b.WriteString("Nothing.\n")
		} else {
			fence := fenceFor(texts[i])
			fmt.Fprintf(&b, "%stext\n%s\n%s\n", fence, texts[i], fence)
		}
		if texts[i] != whole {
			shown := 0
			if texts[i] != "" {
				shown = strings.Count(texts[i], "\n") + 1
			}
			fmt.Fprintf(&b, "\nCut: %d of %d lines are shown. %s\n", shown, lines, r.Whole)
		}
		b.WriteString("\n</details>\n")
	}
	return b.String()
}

// fenceFor is a fence longer than any in the text.
func fenceFor(text string) string {
	longest, run := 0, 0
	for _, c := range text {
		if c != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return strings.Repeat("`", max(3, longest+1))
}

// escape makes a title plain text in HTML and Markdown.
func escape(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\n", " ", "`", "&#96;", "*", "&#42;", "_", "&#95;", "@", "&#64;", "[", "&#91;").Replace(text)
}

// plain takes out what no terminal shows: colours, carriage returns, bytes that
// are no text.
func plain(text string) string {
	var b strings.Builder
	rest := strings.ToValidUTF8(text, "�")
	for len(rest) > 0 {
		if after, ok := strings.CutPrefix(rest, "\x1b["); ok {
			end := strings.IndexFunc(after, func(c rune) bool { return c >= '@' && c <= '~' })
			rest = after[end+1:] // all of it where no letter ends the sequence
			if end < 0 {
				rest = ""
			}
			continue
		}
		c, size := utf8.DecodeRuneInString(rest)
		if c == '\n' || c == '\t' || c >= ' ' && c != 0x7f {
			b.WriteRune(c)
		}
		rest = rest[size:]
	}
	return b.String()
}

// cut is the beginning of a text: whole lines where there are any.
func cut(text string, length int) string {
	if length <= 0 {
		return ""
	}
	if len(text) <= length {
		return text
	}
	text = text[:length]
	for len(text) > 0 && !utf8.ValidString(text) {
		text = text[:len(text)-1]
	}
	if end := strings.LastIndexByte(text, '\n'); end > 0 {
		text = text[:end]
	}
	return text
}
