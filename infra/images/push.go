package images

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecr"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// pushTime is how long a push may take in all.
const pushTime = 20 * time.Minute

// tagLength is how many digits of the digest are the image's tag: a rule on
// images without a tag never meets it, and no two images share one.
const tagLength = 32

// push is an option that pushes the image before the first resource that names
// it is made or changed. It runs once for all of them.
func (b *Built) push(ctx *pulumi.Context, parent pulumi.Resource) (pulumi.ResourceOption, error) {
	var once sync.Once
	var failed error
	hook, err := ctx.RegisterResourceHook("push-"+b.Program, func(args *pulumi.ResourceHookArgs) error {
		once.Do(func() { failed = b.pushFor(ctx, parent, args.NewInputs) })
		return failed
	}, nil)
	if err != nil {
		return nil, fmt.Errorf("hook that pushes image %s: %w", b.Program, err)
	}
	return pulumi.ResourceHooks(&pulumi.ResourceHookBinding{
		BeforeCreate: []*pulumi.ResourceHook{hook}, BeforeUpdate: []*pulumi.ResourceHook{hook},
	}), nil
}

// pushFor pushes to the repository that a resource's inputs name.
func (b *Built) pushFor(ctx *pulumi.Context, parent pulumi.Resource, inputs resource.PropertyMap) error {
	if b.image == nil {
		return fmt.Errorf("push image %s: %s was planned only, not built", b.Program, b.Digest)
	}
	ref, err := reference(inputs)
	if err != nil {
		return fmt.Errorf("push image %s: %w", b.Program, err)
	}
	token, err := ecr.GetAuthorizationToken(ctx, &ecr.GetAuthorizationTokenArgs{}, pulumi.Parent(parent))
	if err != nil {
		return fmt.Errorf("push image %s to %s: ask ECR for a token: %w; does your role allow ecr:GetAuthorizationToken?", b.Program, ref, err)
	}
	auth := &authn.Basic{Username: token.UserName, Password: token.Password}
	if err := b.pushTo(ctx.Context(), ref, auth); err != nil {
		return fmt.Errorf("push image %s to %s: %w", b.Program, ref, err)
	}
	return nil
}

// pushTo pushes where the image is not there yet. ref is repository@digest.
func (b *Built) pushTo(ctx context.Context, ref string, auth authn.Authenticator) error {
	ctx, cancel := context.WithTimeout(ctx, pushTime)
	defer cancel()
	at, err := name.NewDigest(ref)
	if err != nil {
		return err
	}
	if at.DigestStr() != b.Digest {
		return fmt.Errorf("the resource wants another image than %s", b.Digest)
	}
	options := []remote.Option{
		remote.WithContext(ctx), remote.WithAuth(auth), remote.WithUserAgent("floe"), remote.WithJobs(4),
		remote.WithRetryBackoff(remote.Backoff{Duration: time.Second, Factor: 2, Jitter: 0.2, Steps: 5}),
		remote.WithRetryStatusCodes(http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
			http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout),
	}
	_, err = remote.Head(at, options...)
	if err == nil {
		return nil
	}
	if te := (*transport.Error)(nil); !errors.As(err, &te) || te.StatusCode != http.StatusNotFound {
		return fmt.Errorf("look whether it is there: %w", err)
	}
	err = remote.Write(at.Context().Tag(at.DigestStr()[len("sha256:"):][:tagLength]), b.image, options...)
	if err == nil {
		return nil
	}
	if _, there := remote.Head(at, options...); there == nil {
		return nil // somebody else was quicker, and a tag cannot be given twice
	}
	return err
}

// reference finds the image in the inputs of a function or of a task definition.
func reference(inputs resource.PropertyMap) (string, error) {
	if uri := text(inputs["imageUri"]); uri != "" {
		return uri, nil
	}
	definitions := text(inputs["containerDefinitions"])
	if definitions == "" {
		return "", errors.New("the resource names no image: it has neither imageUri nor containerDefinitions")
	}
	var containers []struct {
		Image string `json:"image"`
	}
	if err := json.Unmarshal([]byte(definitions), &containers); err != nil {
		return "", fmt.Errorf("read containerDefinitions: %w", err)
	}
	if len(containers) != 1 || containers[0].Image == "" {
		return "", fmt.Errorf("containerDefinitions has %d containers; one with an image is right", len(containers))
	}
	return containers[0].Image, nil
}

// text is a property's text, whether or not it is marked as secret.
func text(v resource.PropertyValue) string {
	switch {
	case v.IsSecret():
		return text(v.SecretValue().Element)
	case v.IsOutput():
		return text(v.OutputValue().Element)
	case v.IsString():
		return v.StringValue()
	}
	return ""
}
