package plan

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Account is the one that is planned for where the stack names none.
const Account = "123456789012"

// Resource is one planned resource. Components are none.
type Resource struct {
	Type   string         `json:"type"` // aws:s3/bucketV2:BucketV2
	Name   string         `json:"name"` // Pulumi's logical name
	Inputs map[string]any `json:"inputs"`

	URN       string   `json:"-"`
	ID, ARN   string   `json:"-"` // made up, and the same wherever another resource names it; ARN may be empty
	DependsOn []string `json:"-"` // URNs: named dependencies and those of the inputs
	Protect   bool     `json:"-"`
	Retain    bool     `json:"-"` // it stays when it leaves the program
}

// masked stands for a secret value.
const masked = "[secret]"

// Resources plans project and stack as body does, and lists the resources by
// type and name.
func Resources(project, stack string, a Answers, body pulumi.RunFunc) ([]Resource, error) {
	r := &recorder{Answers: a, project: project, stack: stack}
	r.Account = cmp.Or(r.Account, Account)
	if err := pulumi.RunErr(body, pulumi.WithMocks(project, stack, r)); err != nil {
		return nil, err
	}
	slices.SortFunc(r.found, func(a, b Resource) int { return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Name, b.Name)) })
	for i := 1; i < len(r.found); i++ {
		if a, b := r.found[i-1], r.found[i]; a.Type == b.Type && a.Name == b.Name {
			return nil, fmt.Errorf("two resources of type %s are named %s: %s and %s", a.Type, a.Name, a.URN, b.URN)
		}
	}
	return r.found, nil
}

// Answers are what AWS would say of the place.
type Answers struct {
	Region  string
	Account string // default Account
}

// recorder answers for the engine and remembers what it was asked for.
type recorder struct {
	Answers
	project, stack string

	mu    sync.Mutex
	found []Resource
	// regions of the providers, by name.
	regions map[string]string
}

// NewResource implements pulumi.MockResourceMonitor.
func (r *recorder) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	if !args.Custom || args.TypeToken == "pulumi:pulumi:Stack" {
		return "", args.Inputs, nil
	}
	inputs, ok := value(resource.NewObjectProperty(args.Inputs)).(map[string]any)
	if !ok {
		return "", nil, fmt.Errorf("inputs of %s %s are no object", args.TypeToken, args.Name)
	}
	found := Resource{Type: args.TypeToken, Name: args.Name, Inputs: inputs}
	if rpc := args.RegisterRPC; rpc != nil {
		found.URN = r.urn(rpc.GetParent(), args.TypeToken, args.Name)
		found.Protect, found.Retain = rpc.GetProtect(), rpc.GetRetainOnDelete()
		found.DependsOn = append(found.DependsOn, rpc.GetDependencies()...)
		for _, d := range rpc.GetPropertyDependencies() {
			found.DependsOn = append(found.DependsOn, d.GetUrns()...)
		}
		slices.Sort(found.DependsOn)
		found.DependsOn = slices.Compact(found.DependsOn)
	}
	outputs := r.outputs(args)
	found.ID = id(args)
	if arn, ok := outputs["arn"]; ok && arn.IsString() {
		found.ARN = arn.StringValue()
	}
	r.mu.Lock()
	r.found = append(r.found, found)
	r.mu.Unlock()
	return found.ID, outputs, nil
}

// urn is the resource's URN, as the engine would make it.
func (r *recorder) urn(parent, token, name string) string {
	parentType := tokens.Type("")
	if p := resource.URN(parent); p != "" && p.QualifiedType() != resource.RootStackType {
		parentType = p.QualifiedType()
	}
	return string(resource.NewURN(tokens.QName(r.stack), tokens.PackageName(r.project), parentType, tokens.Type(token), name))
}

// value is a property as JSON has it; secrets are masked.
func value(v resource.PropertyValue) any {
	switch {
	case v.IsSecret():
		return masked
	case v.IsOutput() && v.OutputValue().Secret:
		return masked
	case v.IsOutput():
		return value(v.OutputValue().Element)
	case v.IsComputed():
		return nil
	case v.IsArray():
		out := make([]any, len(v.ArrayValue()))
		for i, e := range v.ArrayValue() {
			out[i] = value(e)
		}
		return out
	case v.IsObject():
		out := map[string]any{}
		for k, e := range v.ObjectValue() {
			if !e.IsNull() {
				out[string(k)] = value(e)
			}
		}
		return out
	case v.IsResourceReference():
		return string(v.ResourceReferenceValue().URN)
	}
	return v.V
}
