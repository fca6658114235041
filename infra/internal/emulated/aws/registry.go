package aws

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	oci "github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// registry is where ECR's repositories lie: one store a repository, so that a
// repository takes its images with it when it is deleted.
type registry struct {
	account *Account
	address string
	server  *http.Server

	mu    sync.Mutex
	repos map[string]http.Handler
}

func newRegistry(a *Account) (*registry, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting the registry: %w", err)
	}
	r := &registry{account: a, address: l.Addr().String(), repos: map[string]http.Handler{}}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: time.Minute}
	go func() { _ = r.server.Serve(l) }() // ends with close
	return r, nil
}

func (r *registry) close() { _ = r.server.Close() } // ends with the process at the latest

func (r *registry) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.repos = map[string]http.Handler{}
}

// password is what GetAuthorizationToken gives for user AWS.
const password = ID + "-auth-token"

var repository = regexp.MustCompile(`^/v2/(.+)/(blobs|manifests|tags|referrers)/`)

// ServeHTTP lets in who has a token, to the repositories that ECR has.
func (r *registry) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if user, pass, ok := req.BasicAuth(); !ok || user != "AWS" || pass != password {
		w.Header().Set("WWW-Authenticate", `Basic realm="`+r.account.URL+`/",service="ecr.amazonaws.com"`)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	m := repository.FindStringSubmatch(req.URL.Path)
	if m == nil { // the ping
		oci.New(oci.Logger(log.New(io.Discard, "", 0))).ServeHTTP(w, req)
		return
	}
	store, err := r.repo(req.Context(), m[1])
	if err != nil {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		_ = json.NewEncoder(w).Encode(map[string]any{"errors": []map[string]string{{"code": "NAME_UNKNOWN", "message": err.Error()}}})
		return
	}
	if req.Method != http.MethodPut || m[2] != "manifests" {
		store.ServeHTTP(w, req)
		return
	}
	manifest := peek(req)
	seen := &recorder{ResponseWriter: w, status: http.StatusOK}
	store.ServeHTTP(seen, req)
	if seen.status < 300 {
		r.tell(req.Context(), m[1], req.URL.Path[strings.LastIndex(req.URL.Path, "/")+1:], req.Header.Get("Content-Type"), manifest)
	}
}

// repo is the store of a repository that ECR has.
func (r *registry) repo(ctx context.Context, name string) (http.Handler, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if h := r.repos[name]; h != nil {
		return h, nil
	}
	var out struct{}
	err := r.account.target(ctx, "ecr", "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories", map[string]any{"repositoryNames": []string{name}}, &out)
	if err != nil {
		return nil, fmt.Errorf("the repository with name '%s' does not exist in the registry with id '%s'", name, ID)
	}
	h := oci.New(oci.Logger(log.New(io.Discard, "", 0)))
	r.repos[name] = h
	return h, nil
}

// tell lets ECR know an image that was pushed: a repository with images is not
// deleted without force. What ECR knows already it may refuse.
func (r *registry) tell(ctx context.Context, repo, reference, mediaType string, manifest []byte) {
	in := map[string]any{"repositoryName": repo, "imageManifest": string(manifest), "imageManifestMediaType": mediaType}
	if !strings.HasPrefix(reference, "sha256:") {
		in["imageTag"] = reference
	}
	var out struct{}
	_ = r.account.target(ctx, "ecr", "AmazonEC2ContainerRegistry_V20150921.PutImage", in, &out)
}

// follow drops the images of a repository that was deleted.
func (r *registry) follow(c Call, req *http.Request) {
	if c.Service != "ecr" || c.Action != "DeleteRepository" || c.Status != http.StatusOK {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for name := range r.repos {
		if !r.known(name) {
			delete(r.repos, name)
		}
	}
}

func (r *registry) known(name string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var out struct{}
	return r.account.target(ctx, "ecr", "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories", map[string]any{"repositoryNames": []string{name}}, &out) == nil
}

// auth is the token's user.
var auth = remote.WithAuth(&authn.Basic{Username: "AWS", Password: password})

// has tells whether an image can be pulled.
func (r *registry) has(ctx context.Context, image string) bool {
	ref, err := name.ParseReference(image, name.Insecure)
	if err != nil || ref.Context().RegistryStr() != r.address {
		return false
	}
	_, err = remote.Head(ref, auth, remote.WithContext(ctx))
	return err == nil
}
