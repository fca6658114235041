package policy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

const (
	repositoryType       = "ecr/repository:Repository"
	repositoryPolicyType = "ecr/repositoryPolicy:RepositoryPolicy"
)

var imageRules = []Rule{
	{Row: 33, Title: "an image's tag never moves, and images are named by digest", IDs: []string{"ECR.2", "CKV_AWS_51"}, Severity: Must,
		Fix: "set imageTagMutability to IMMUTABLE and name the image by @sha256:", Check: immutable},
	{Row: 34, Title: "images are scanned", IDs: []string{"ECR.1", "CKV_AWS_163", "W79"}, Severity: Must,
		Fix: "set scanOnPush", Check: want(repositoryType, "imageScanningConfiguration.scanOnPush", true)},
	{Row: 35, Title: "old images go", IDs: []string{"ECR.3"}, Severity: Must,
		Fix: "give the repository a LifecyclePolicy: untagged images after 7 days, and a number that stays", Check: oldImages},
	{Row: 36, Title: "images are encrypted by a key of the stack's", IDs: []string{"CKV_AWS_136"}, Severity: Prod,
		Fix: "set encryptionConfigurations to KMS and the key", Check: func(p *Plan) []Finding {
			return each(p.of(repositoryType), func(r resource) []Finding {
				return append(r.want("encryptionConfigurations.0.encryptionType", "KMS"), p.keyed(r, "encryptionConfigurations.0.kmsKey")...)
			})
		}},
	{Row: 37, Title: "a repository is not public; Lambda pulls for functions of this account", IDs: []string{"CKV_AWS_32"}, Severity: Must,
		Fix: "name the service and aws:SourceArn in the repository's policy", Check: pulls},
}

// kept is how many tagged images stay at least, so that what runs, and what ran
// before it, is never dropped.
const kept = 20

// selection is what a rule of a repository's lifecycle is about.
type selection struct {
	TagStatus, CountType string
	TagPatternList       []string
	CountNumber          int
}

// images are the references that something runs, by what runs it.
func (p *Plan) images() map[string]resource {
	all := map[string]resource{}
	for _, f := range p.of(functionType) {
		all[f.text("imageUri")] = f
	}
	for _, t := range p.of(taskType) {
		for _, c := range t.containers {
			image, _ := c["image"].(string)
			all[image] = t
		}
	}
	return all
}

func immutable(p *Plan) []Finding {
	all := want(repositoryType, "imageTagMutability", "IMMUTABLE")(p)
	for image, r := range p.images() {
		if !strings.Contains(image, "@sha256:") {
			all = append(all, broken(r, "image", image, "repository@sha256:…"))
		}
	}
	return all
}

func oldImages(p *Plan) []Finding {
	return each(p.of(repositoryType), func(r resource) []Finding {
		return p.beside(r, "ecr/lifecyclePolicy:LifecyclePolicy", "repository", func(l resource) []Finding {
			var policy struct {
				Rules []struct{ Selection selection }
			}
			if err := json.Unmarshal([]byte(l.text("policy")), &policy); err != nil {
				return one(broken(l, "policy", l.text("policy"), "JSON"))
			}
			dropped, counted := false, false
			var all []Finding
			for _, rule := range policy.Rules {
				s := rule.Selection
				switch {
				case s.TagStatus == "untagged":
					dropped = dropped || s.CountType == "sinceImagePushed" && s.CountNumber <= 7
				case s.TagStatus == "tagged" && s.CountType == "imageCountMoreThan" && s.CountNumber >= kept:
					counted = counted || slices.Contains(s.TagPatternList, "*")
				default:
					all = append(all, broken(l, "policy", fmt.Sprintf("%s images, %s %d", s.TagStatus, s.CountType, s.CountNumber), "imageCountMoreThan %d or more of tagged images: what runs is among the newest", kept))
				}
			}
			if !dropped {
				all = append(all, broken(l, "policy", l.text("policy"), "a rule that drops untagged images after 7 days"))
			}
			if !counted {
				all = append(all, broken(l, "policy", l.text("policy"), "a rule that keeps a number of all tagged images"))
			}
			return all
		})
	})
}

func pulls(p *Plan) []Finding {
	all := each(p.of(repositoryPolicyType), func(r resource) []Finding { return open(r, "policy") })
	for _, f := range p.of(functionType) {
		for _, r := range p.of(repositoryType) {
			if strings.Contains(f.text("imageUri"), "/"+r.text("name")+"@") && len(p.naming(r, repositoryPolicyType, "repository")) == 0 {
				all = append(all, broken(r, "RepositoryPolicy", "none", "one that lets Lambda pull for %s", f.text("name")))
				break
			}
		}
	}
	return all
}
