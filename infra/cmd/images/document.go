package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/url"
	"runtime/debug"
	"strings"
)

// document is a bill of materials: the part of CycloneDX 1.6 that an image's
// modules need (ECMA-424).
type document struct {
	Format       string       `json:"bomFormat"`
	Spec         string       `json:"specVersion"`
	Serial       string       `json:"serialNumber"`
	Version      int          `json:"version"`
	Metadata     metadata     `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type       string     `json:"type"` // container, application or library
	Ref        string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version"`
	Hashes     []hash     `json:"hashes,omitempty"`
	URL        string     `json:"purl,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type dependency struct {
	Ref string   `json:"ref"`
	On  []string `json:"dependsOn"`
}

// describe lists an image's modules. It has no time in it, and its serial number
// is made of the digest: the same image gives the same document.
func describe(name, digest string, info *debug.BuildInfo) document {
	image := component{
		Type: "container", Ref: name + "@" + digest, Name: name, Version: digest,
		Hashes: []hash{{"SHA-256", strings.TrimPrefix(digest, "sha256:")}}, Properties: settings(info),
	}
	all := []component{module("application", info.Main.Path, version(info.Main)), module("library", "std", strings.TrimPrefix(info.GoVersion, "go"))}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		all = append(all, module("library", m.Path, version(*m)))
	}
	// The binary does not say which of them reaches which: the image holds all.
	holds := dependency{Ref: image.Ref}
	for _, c := range all {
		holds.On = append(holds.On, c.Ref)
	}
	return document{Format: "CycloneDX", Spec: "1.6", Serial: serial(name + digest), Version: 1,
		Metadata: metadata{image}, Components: all, Dependencies: []dependency{holds}}
}

// version is a module's, "(devel)" for what is built from its own folder.
func version(m debug.Module) string {
	if m.Version == "" {
		return "(devel)"
	}
	return m.Version
}

func module(kind, path, version string) component {
	purl := "pkg:golang/" + path + "@" + url.PathEscape(version)
	return component{Type: kind, Ref: purl, Name: path, Version: version, URL: purl}
}

// settings are how the binary was built.
func settings(info *debug.BuildInfo) []property {
	properties := []property{{"go:version", info.GoVersion}, {"go:path", info.Path}}
	for _, s := range info.Settings {
		properties = append(properties, property{"go:" + s.Key, s.Value})
	}
	return properties
}

// serial is a UUID of version 8, which leaves its content to whoever makes it
// (RFC 9562, section 5.8).
func serial(of string) string {
	b := sha256.Sum256([]byte(of))
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

func encode(d document) ([]byte, error) {
	var out bytes.Buffer
	to := json.NewEncoder(&out)
	to.SetEscapeHTML(false)
	to.SetIndent("", "  ")
	if err := to.Encode(d); err != nil {
		return nil, fmt.Errorf("write the bill of materials: %w", err)
	}
	return out.Bytes(), nil
}
