package images

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

// Binary is the program as it lies in the image.
func (b *Built) Binary() ([]byte, error) {
	if b.image == nil {
		return nil, fmt.Errorf("image %s is only planned: it has no program", b.Program)
	}
	contents := mutate.Extract(b.image)
	defer contents.Close()
	for files := tar.NewReader(contents); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("image %s holds no /%[1]s", b.Program)
		}
		if err != nil {
			return nil, fmt.Errorf("read image %s: %w", b.Program, err)
		}
		if header.Name != b.Program {
			continue
		}
		var binary bytes.Buffer
		if _, err := io.Copy(&binary, files); err != nil {
			return nil, fmt.Errorf("read /%s of its image: %w", b.Program, err)
		}
		return binary.Bytes(), nil
	}
}
