// Command report puts what other programs wrote into one page of Markdown: the
// comment under a pull request, the notes of a release. People call it through
// make review and make release-notes; see docs/delivery.md.
//
//	report --title "What this change does" --marker review --out review/comment.md FOLDER
//
// FOLDER/parts lists the parts in order, a line each: name, tab, title.
// FOLDER/name.txt is the part; FOLDER/name.failed marks one that could not be
// made. Exit codes are those of floe: 0 done, 1 failed, 2 used wrongly.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/floe-data/floe/infra/delivery"
	"github.com/floe-data/floe/runtime/fault"
)

func main() {
	os.Exit(fault.Tell(os.Stderr, run(os.Args[1:])))
}

const usage = "report --title TEXT --out FILE FOLDER"

func run(args []string) error {
	var r delivery.Report
	var out string
	flags := flag.NewFlagSet("report", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&r.Title, "title", "", "the page's title")
	flags.StringVar(&r.Marker, "marker", "", "hidden name of the page, by which it is found")
	flags.StringVar(&r.Intro, "intro", "", "Markdown below the title")
	flags.StringVar(&r.Whole, "whole", "", "a sentence that says where a part that was cut is whole")
	flags.IntVar(&r.Limit, "limit", delivery.Most, "greatest length in bytes")
	flags.StringVar(&out, "out", "", "file to write")
	if err := flags.Parse(args); err != nil {
		return fault.New(fault.Usage, err, usage)
	}
	if r.Title == "" || out == "" || flags.NArg() != 1 {
		return fault.New(fault.Usage, errors.New("a title, a file to write and one folder are needed"), usage)
	}
	parts, err := read(flags.Arg(0))
	if err != nil {
		return err
	}
	r.Parts = parts
	if err := os.WriteFile(out, []byte(r.Markdown()), 0o600); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// read reads a folder of parts.
func read(folder string) ([]delivery.Part, error) {
	list, err := os.ReadFile(filepath.Join(folder, "parts"))
	if err != nil {
		return nil, fault.New(fault.Usage, fmt.Errorf("read the list of parts: %w", err), "write "+filepath.Join(folder, "parts")+": a name, a tab and a title on each line")
	}
	var parts []delivery.Part
	for _, line := range strings.Split(strings.TrimSpace(string(list)), "\n") {
		name, title, ok := strings.Cut(line, "\t")
		if !ok || name != filepath.Base(name) {
			return nil, fault.New(fault.Usage, fmt.Errorf("%s: found %q; a name, a tab and a title are right", filepath.Join(folder, "parts"), line), usage)
		}
		text, err := os.ReadFile(filepath.Join(folder, name+".txt"))
		if err != nil {
			return nil, fmt.Errorf("read the part %s: %w", name, err)
		}
		_, err = os.Stat(filepath.Join(folder, name+".failed"))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("look whether the part %s failed: %w", name, err)
		}
		parts = append(parts, delivery.Part{Title: title, Text: string(text), Failed: err == nil})
	}
	return parts, nil
}
