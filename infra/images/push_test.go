package images

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// testRegistry is a registry that wants a password, as ECR does, and remembers what it was asked.
type testRegistry struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
	// answer, where it gives a status, answers instead of the registry.
	answer func(r *http.Request) int
}

func newTestRegistry(t *testing.T) *testRegistry {
	t.Helper()
	s := &testRegistry{}
	inner := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "AWS" || password != "token" {
			w.Header().Set("WWW-Authenticate", `Basic realm="floe"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		s.mu.Lock()
		s.asked = append(s.asked, r.Method+" "+r.URL.Path)
		status := 0
		if s.answer != nil {
			status = s.answer(r)
		}
		s.mu.Unlock()
		if status > 0 {
			w.WriteHeader(status)
			return
		}
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *testRegistry) ref(b *Built) string {
	return strings.TrimPrefix(s.URL, "http://") + "/floe-dev-ingest@" + b.Digest
}

func (s *testRegistry) count(prefix string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, a := range s.asked {
		if strings.HasPrefix(a, prefix) {
			n++
		}
	}
	return n
}

var ecrAuth = &authn.Basic{Username: "AWS", Password: "token"}

// small is an image that is quickly pushed.
func small(t *testing.T) *Built {
	t.Helper()
	layer, err := random.Layer(1000, "application/vnd.oci.image.layer.v1.tar+gzip")
	if err != nil {
		t.Fatal(err)
	}
	img, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		t.Fatal(err)
	}
	d, err := img.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return &Built{Program: Ingest, Digest: d.String(), image: img}
}

func TestPushAndPull(t *testing.T) {
	s := newTestRegistry(t)
	b := build(t, project(t), t.TempDir(), "arm64")
	ctx := context.Background()
	for range 2 {
		if err := b.pushTo(ctx, s.ref(b), ecrAuth); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.count("PUT /v2/floe-dev-ingest/manifests/"); n != 1 {
		t.Errorf("pushed %d times", n)
	}
	if n := s.count("PUT /v2/floe-dev-ingest/manifests/" + b.Digest[7:7+tagLength]); n != 1 {
		t.Errorf("no tag of the digest: %v", s.asked)
	}
	at, err := name.NewDigest(s.ref(b))
	if err != nil {
		t.Fatal(err)
	}
	got, err := remote.Image(at, remote.WithAuth(ecrAuth))
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Image(got); err != nil {
		t.Error(err)
	}
}

func TestPushTriesAgain(t *testing.T) {
	s := newTestRegistry(t)
	failed := false
	s.answer = func(r *http.Request) int {
		if r.Method == http.MethodPut && !failed {
			failed = true
			return http.StatusServiceUnavailable
		}
		return 0
	}
	b := small(t)
	if err := b.pushTo(context.Background(), s.ref(b), ecrAuth); err != nil || !failed {
		t.Fatal(err)
	}
}

func TestAnotherWasQuicker(t *testing.T) {
	s := newTestRegistry(t)
	b := small(t)
	other := *b
	// The other deployment's push comes first.
	if err := other.pushTo(context.Background(), s.ref(b), ecrAuth); err != nil {
		t.Fatal(err)
	}
	first := true
	s.answer = func(r *http.Request) int {
		switch {
		case r.Method == http.MethodHead && strings.Contains(r.URL.Path, "/manifests/") && first:
			first = false
			return http.StatusNotFound
		case r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/manifests/"):
			return http.StatusBadRequest
		}
		return 0
	}
	if err := b.pushTo(context.Background(), s.ref(b), ecrAuth); err != nil {
		t.Error(err)
	}
}

// tokens answers the provider's invoke.
type tokens struct {
	mu    sync.Mutex
	asked int
	fail  bool
}

func (*tokens) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	return args.Name, args.Inputs, nil
}

func (m *tokens) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked++
	if m.fail || args.Token != "aws:ecr/getAuthorizationToken:getAuthorizationToken" {
		return nil, fmt.Errorf("AccessDeniedException: %s", args.Token)
	}
	text := resource.NewStringProperty
	return resource.PropertyMap{"userName": text("AWS"), "password": text("token"), "authorizationToken": text(base64.StdEncoding.EncodeToString([]byte("AWS:token"))),
		"proxyEndpoint": text(""), "expiresAt": text(""), "id": text("x"), "registryId": text("x")}, nil
}

func TestPushFor(t *testing.T) {
	s := newTestRegistry(t)
	b := small(t)
	uri, none := s.ref(b), resource.PropertyMap{}
	text := resource.NewStringProperty
	definitions := text(`[{"name":"ingest","image":"` + uri + `","environment":[{"name":"image","value":"x"}]}]`)
	for _, tc := range []struct {
		name   string
		built  *Built
		inputs resource.PropertyMap
		fail   bool
		want   string // in the error
	}{
		{"a function", b, resource.PropertyMap{"imageUri": text(uri)}, false, ""},
		{"a task definition", b, resource.PropertyMap{"containerDefinitions": definitions}, false, ""},
		{"a secret", b, resource.PropertyMap{"containerDefinitions": resource.MakeSecret(definitions)}, false, ""},
		{"no token", b, resource.PropertyMap{"imageUri": text(uri)}, true, "push image ingest to " + uri + ": ask ECR for a token"},
		{"nothing named", b, none, false, "push image ingest: the resource names no image"},
		{"two containers", b, resource.PropertyMap{"containerDefinitions": text(`[{"image":"a"},{"image":"b"}]`)}, false, "has 2 containers"},
		{"no JSON", b, resource.PropertyMap{"containerDefinitions": text(`[`)}, false, "read containerDefinitions"},
		{"another image", b, resource.PropertyMap{"imageUri": text("127.0.0.1:1/other@sha256:" + strings.Repeat("0", 64))}, false, "wants another image"},
		{"no digest", b, resource.PropertyMap{"imageUri": text("127.0.0.1:1/other:latest")}, false, "push image ingest to 127.0.0.1:1/other:latest"},
		{"planned only", Planned(Ingest, b.Digest), resource.PropertyMap{"imageUri": text(uri)}, false, "planned only"},
	} {
		err := pulumi.RunErr(func(ctx *pulumi.Context) error { return tc.built.pushFor(ctx, nil, tc.inputs) }, pulumi.WithMocks("floe", "dev", &tokens{fail: tc.fail}))
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}
