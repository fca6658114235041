//go:build cloud

package cloudtest

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// ecr begins the actions of ECR's API.
const ecr = "AmazonEC2ContainerRegistry_V20150921."

// layers are those of all images that were pushed, uncompressed, by image and digest.
func (w *world) layers() map[string][]byte {
	w.Helper()
	registry, err := name.NewRegistry(w.engine.AWS.Registry)
	if err != nil {
		w.Fatal(err)
	}
	keys := remote.WithAuth(w.registryKeys())
	var known struct {
		Repositories []struct{ RepositoryName string }
	}
	if err := json.Unmarshal(w.call("ecr", ecr+"DescribeRepositories", "{}"), &known); err != nil {
		w.Fatal(err)
	}
	out := map[string][]byte{}
	for _, r := range known.Repositories {
		repository := r.RepositoryName
		tags, err := remote.List(registry.Repo(repository), keys)
		if err != nil {
			w.Fatal(err)
		}
		for _, tag := range tags {
			image, err := remote.Image(registry.Repo(repository).Tag(tag), keys)
			if err != nil {
				w.Fatal(err)
			}
			all, err := image.Layers()
			if err != nil {
				w.Fatal(err)
			}
			for _, layer := range all {
				digest, err := layer.Digest()
				if err != nil {
					w.Fatal(err)
				}
				text, err := layer.Uncompressed()
				if err != nil {
					w.Fatal(err)
				}
				if out[repository+" "+digest.String()], err = io.ReadAll(text); err != nil {
					w.Fatal(err)
				}
			}
		}
	}
	if len(out) < 3 {
		w.Errorf("only %d layers were pushed", len(out))
	}
	return out
}

// registryKeys are what ECR gives to whoever may push and pull.
func (w *world) registryKeys() authn.Authenticator {
	w.Helper()
	var answer struct {
		AuthorizationData []struct{ AuthorizationToken string }
	}
	out := w.call("ecr", ecr+"GetAuthorizationToken", "{}")
	if err := json.Unmarshal(out, &answer); err != nil {
		w.Fatalf("%v in %s", err, out)
	}
	if len(answer.AuthorizationData) == 0 {
		w.Fatalf("no token in %s", out)
	}
	token, err := base64.StdEncoding.DecodeString(answer.AuthorizationData[0].AuthorizationToken)
	if err != nil {
		w.Fatal(err)
	}
	user, password, _ := strings.Cut(string(token), ":")
	return &authn.Basic{Username: user, Password: password}
}
