package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"text/template"

	"github.com/spf13/cobra"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/project"
)

//go:embed templates/*.tmpl
var templates embed.FS

// newSource is what the templates of a source are filled with.
type newSource struct {
	Name, BaseURL, Resource, Path, Selector, Key string
}

func (a *app) newCommand() *cobra.Command {
	c := &cobra.Command{Use: "new", Short: "Begin a source"}
	c.AddCommand(a.newSourceCommand())
	return c
}

func (a *app) newSourceCommand() *cobra.Command {
	var s newSource
	c := &cobra.Command{
		Use:   "source <name>",
		Short: "Write a source with one resource and its contract",
		Long: `Write runtime/pipelines/ingest/<name>/source.yaml, one contract under tables/
and a workflow, all of which floe doctor accepts. Edit them, then floe plan and
floe ingest <name>. Nothing is overwritten.` + "\n" + exitCodes,
		Example: `  floe new source weather --base-url https://api.example.org/v1 --resource stations --path stations --select "$.stations[*]" --key id
  floe plan weather
  floe ingest weather`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			s.Name = args[0]
			return a.writeSource(s)
		},
	}
	c.Flags().StringVar(&s.BaseURL, "base-url", "https://api.example.org", "where the API is")
	c.Flags().StringVar(&s.Resource, "resource", "items", "the first resource's name")
	c.Flags().StringVar(&s.Path, "path", "", "its path under the base URL (default the resource's name)")
	c.Flags().StringVar(&s.Selector, "select", "$[*]", "JSONPath of its records in an answer")
	c.Flags().StringVar(&s.Key, "key", "id", "the field that tells records apart")
	return c
}

var plainName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

func (a *app) writeSource(s newSource) error {
	for what, name := range map[string]string{"source": s.Name, "resource": s.Resource, "key": s.Key} {
		if !plainName.MatchString(name) {
			return fault.New(fault.Usage, fmt.Errorf("%s name %q: write lower-case letters, digits and _, a letter first", what, name), "")
		}
	}
	if err := project.CheckBaseURL(s.BaseURL); err != nil {
		return fault.New(fault.Usage, fmt.Errorf("--base-url: %w", err), "")
	}
	if s.Path == "" {
		s.Path = s.Resource
	}
	root, err := a.rootDir()
	if err != nil {
		return err
	}
	pipelines := filepath.Join(root, "runtime", "pipelines")
	files := map[string]string{
		"source.yaml.tmpl":   filepath.Join(pipelines, "ingest", s.Name, "source.yaml"),
		"table.yaml.tmpl":    filepath.Join(pipelines, "ingest", s.Name, "tables", s.Resource+".yaml"),
		"workflow.yaml.tmpl": filepath.Join(pipelines, "orchestrate", s.Name+".yaml"),
	}
	for _, path := range files {
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			return fault.New(fault.Usage, fmt.Errorf("%s is there already", path), "choose another name, or edit that file")
		}
	}
	for _, name := range []string{"source.yaml.tmpl", "table.yaml.tmpl", "workflow.yaml.tmpl"} {
		if err := writeTemplate(name, files[name], s); err != nil {
			return err
		}
		fmt.Fprintln(a.out, "wrote", files[name])
	}
	fmt.Fprintf(a.out, "next: name the columns in the contract, then floe plan %s and floe ingest %s\n", s.Name, s.Name)
	return nil
}

func writeTemplate(name, path string, s newSource) error {
	t, err := template.ParseFS(templates, "templates/"+name)
	if err != nil {
		return fmt.Errorf("read template %s: %w", name, err)
	}
	var body bytes.Buffer
	if err := t.Execute(&body, s); err != nil {
		return fmt.Errorf("fill template %s: %w", name, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make the source's folder: %w", err)
	}
	if err := os.WriteFile(path, body.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write the source: %w", err)
	}
	return nil
}
