package images

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ecr"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/site"
)

// Args are the component's.
type Args struct {
	// Ingest and Transform are the images.
	Ingest, Transform *Built
	// Key is the ARN of the key that encrypts the repositories. Required in
	// prod; elsewhere, without it, ECR uses one of its own.
	Key pulumi.StringInput
}

// Image is what functions and task definitions run.
type Image struct {
	// URI is the repository's URL and the digest.
	URI pulumi.StringOutput
	// Push is an option of every resource that names the image: it pushes it
	// before the first of them is made or changed.
	Push pulumi.ResourceOption
	// RepositoryARN is known at preview.
	RepositoryARN string
	// Ready must be there before Lambda pulls the image.
	Ready []pulumi.Resource
}

// Images are the stack's.
type Images struct {
	pulumi.ResourceState
	Ingest, Transform Image
}

// New makes the repositories.
func New(ctx *pulumi.Context, s *site.Site, args Args, opts ...pulumi.ResourceOption) (*Images, error) {
	if err := args.check(s); err != nil {
		return nil, err
	}
	i := &Images{}
	if err := ctx.RegisterComponentResource("floe:images:Images", "images", i, opts...); err != nil {
		return nil, fmt.Errorf("images: %w", err)
	}
	for _, image := range []struct {
		built *Built
		out   *Image
	}{{args.Ingest, &i.Ingest}, {args.Transform, &i.Transform}} {
		if err := i.repository(ctx, s, image.built, args.Key, image.out); err != nil {
			return nil, err
		}
	}
	// The digests are known at preview even while the repositories are not.
	out := pulumi.Map{Ingest: pulumi.String(args.Ingest.Digest), Transform: pulumi.String(args.Transform.Digest)}
	return i, ctx.RegisterResourceOutputs(i, out)
}

func (a Args) check(s *site.Site) error {
	for _, image := range []struct {
		program string
		built   *Built
	}{{Ingest, a.Ingest}, {Transform, a.Transform}} {
		if b := image.built; b == nil || b.Program != image.program || b.Digest == "" {
			return fmt.Errorf("images: no image of %s is given", image.program)
		}
	}
	if a.Key == nil && s.Production() {
		return fmt.Errorf("images: stack %s needs a key for its repositories", s.Stack)
	}
	return nil
}

// repository makes the repository of an image.
func (i *Images) repository(ctx *pulumi.Context, s *site.Site, b *Built, key pulumi.StringInput, out *Image) error {
	repository := s.Name(site.Repository, b.Program)
	encryption := ecr.RepositoryEncryptionConfigurationArgs{EncryptionType: pulumi.String("AES256")}
	if key != nil {
		encryption.EncryptionType, encryption.KmsKey = pulumi.String("KMS"), key.ToStringOutput()
	}
	deletable := s.Live.Platform.Deletable()
	r, err := ecr.NewRepository(ctx, b.Program, &ecr.RepositoryArgs{
		Name:                       pulumi.String(repository),
		ImageTagMutability:         pulumi.String("IMMUTABLE"),
		ImageScanningConfiguration: ecr.RepositoryImageScanningConfigurationArgs{ScanOnPush: pulumi.Bool(true)},
		EncryptionConfigurations:   ecr.RepositoryEncryptionConfigurationArray{encryption},
		ForceDelete:                pulumi.Bool(deletable),
	}, pulumi.Parent(i), pulumi.Protect(!deletable))
	if err != nil {
		return fmt.Errorf("repository %s: %w", repository, err)
	}
	_, err = ecr.NewLifecyclePolicy(ctx, b.Program, &ecr.LifecyclePolicyArgs{Repository: r.Name, Policy: pulumi.String(lifecycle)}, pulumi.Parent(i))
	if err != nil {
		return fmt.Errorf("lifecycle of repository %s: %w", repository, err)
	}
	policy, err := ecr.NewRepositoryPolicy(ctx, b.Program, &ecr.RepositoryPolicyArgs{Repository: r.Name, Policy: grant.Document(pull(s))}, pulumi.Parent(i))
	if err != nil {
		return fmt.Errorf("policy of repository %s: %w", repository, err)
	}
	hook, err := b.push(ctx, i)
	if err != nil {
		return err
	}
	*out = Image{
		URI: pulumi.Sprintf("%s@%s", r.RepositoryUrl, b.Digest), Push: hook,
		RepositoryARN: s.ARN("ecr", "repository/"+repository), Ready: []pulumi.Resource{r, policy},
	}
	return nil
}

// pull lets Lambda take the image, for functions of this account and region.
func pull(s *site.Site) grant.Statement {
	return grant.Statement{
		Sid: "LambdaPulls", Services: []string{s.ServicePrincipal("lambda")},
		Actions: []string{"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"},
		When:    map[string]map[string][]string{"StringLike": {"aws:SourceArn": {s.ARN("lambda", "function:*")}}},
	}
}

// lifecycle removes what no deployment can still use. Every push is a
// deployment of what it pushes, so that what runs is never a hundred pushes old.
const lifecycle = `{"rules":[` +
	`{"rulePriority":1,"description":"left without a tag","selection":{"tagStatus":"untagged","countType":"sinceImagePushed","countUnit":"days","countNumber":7},"action":{"type":"expire"}},` +
	`{"rulePriority":2,"description":"the newest hundred stay","selection":{"tagStatus":"tagged","tagPatternList":["*"],"countType":"imageCountMoreThan","countNumber":100},"action":{"type":"expire"}}]}`
