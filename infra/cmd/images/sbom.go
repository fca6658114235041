package main

import (
	"bytes"
	"debug/buildinfo"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/floe-data/floe/infra/images"
)

// bills writes what the images are made of, in CycloneDX: of each image the Go
// modules that its very binary names, and the image's digest. Into a folder come
// ingest.cdx.json, ingest.sha256, the same of transform, and checksums.txt; a
// line names an image's digest, as sha256sum writes them. The same images give
// the same bytes.
func (b built) bills(folder string) error {
	var checksums strings.Builder
	for _, image := range b.images {
		text, err := bill(b.project, image)
		if err != nil {
			return err
		}
		if err := write(filepath.Join(folder, image.Program+".cdx.json"), text); err != nil {
			return err
		}
		sum := fmt.Sprintf("%s  %s-%s\n", strings.TrimPrefix(image.Digest, "sha256:"), b.project, image.Program)
		if err := write(filepath.Join(folder, image.Program+".sha256"), []byte(sum)); err != nil {
			return err
		}
		checksums.WriteString(sum)
	}
	return write(filepath.Join(folder, "checksums.txt"), []byte(checksums.String()))
}

func write(file string, text []byte) error {
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return fmt.Errorf("write the bill of materials: %w", err)
	}
	return nil
}

// bill is an image's, of what its binary says that it was built from.
func bill(name string, built *images.Built) ([]byte, error) {
	binary, err := built.Binary()
	if err != nil {
		return nil, err
	}
	info, err := buildinfo.Read(bytes.NewReader(binary))
	if err != nil {
		return nil, fmt.Errorf("image %s: read what /%[1]s was built from: %w", built.Program, err)
	}
	return encode(describe(name+"-"+built.Program, built.Digest, info))
}
