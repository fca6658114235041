//go:build cloud

package emulated

import (
	"archive/tar"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecr"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// echoImage is an image of testdata/echo, with a file in its working folder.
func echoImage(t *testing.T) v1.Image {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "echo")
	cmd := exec.Command("go", "build", "-o", binary, "./testdata/echo")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building echo: %v\n%s", err, out)
	}
	b, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	image, err := mutate.AppendLayers(empty.Image, layer(t, "echo", 0o755, b), layer(t, "floe/marker", 0o644, []byte("here")))
	if err != nil {
		t.Fatal(err)
	}
	image, err = mutate.ConfigFile(image, &v1.ConfigFile{Architecture: "amd64", OS: "linux", RootFS: configOf(t, image).RootFS,
		Config: v1.Config{Entrypoint: []string{"/echo"}, WorkingDir: "/floe"}})
	if err != nil {
		t.Fatal(err)
	}
	return image
}

func configOf(t *testing.T, image v1.Image) *v1.ConfigFile {
	t.Helper()
	c, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func layer(t *testing.T, path string, mode int64, content []byte) v1.Layer {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: path, Mode: mode, Size: int64(len(content)), Typeflag: tar.TypeReg}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	l, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil })
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// pushes gives a program its image: pushed as soon as the repository is there,
// with the token that ECR gives.
func pushes(t *testing.T, image v1.Image, ctx func() *pulumi.Context) func(pulumi.StringOutput) pulumi.StringOutput {
	t.Helper()
	digest, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return func(repository pulumi.StringOutput) pulumi.StringOutput {
		return repository.ApplyT(func(url string) (string, error) {
			token, err := ecr.GetAuthorizationToken(ctx(), &ecr.GetAuthorizationTokenArgs{})
			if err != nil {
				return "", err
			}
			ref, err := name.ParseReference(url+"@"+digest.String(), name.Insecure)
			if err != nil {
				return "", err
			}
			return ref.String(), remote.Write(ref, image, remote.WithAuth(&authn.Basic{Username: token.UserName, Password: token.Password}))
		}).(pulumi.StringOutput)
	}
}
