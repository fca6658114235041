package lake

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation/types"

	"github.com/floe-data/floe/runtime/governance"
)

// mostColumns is how many columns are tagged by one call.
const mostColumns = 100

// tags are the stack's tags that something has itself: tag -> value.
type tags map[string]string

// assigned is what a table has of tags.
type assigned struct {
	table   tags
	columns map[string]tags
}

func (p *part) tagged(ctx context.Context) (assigned, error) {
	out, err := p.lf.GetResourceLFTags(ctx, &lakeformation.GetResourceLFTagsInput{Resource: p.resource(right{}), ShowAssignedLFTags: aws.Bool(true)})
	if err != nil {
		return assigned{}, p.failed("read the tags of", err)
	}
	have := assigned{p.ours(out.LFTagsOnTable), map[string]tags{}}
	for _, c := range out.LFTagsOnColumns {
		have.columns[aws.ToString(c.Name)] = p.ours(c.LFTags)
	}
	return have, nil
}

// effective is what is declared, as far as it holds of the data already. A
// model's table holds what it was built of: columns become more sensitive at
// once, and less when it is built anew. A table without a note, whose engine
// forgot it or which somebody else made, keeps the tags that it has. Former
// columns are nobody's to read.
func (p *part) effective(have assigned) (held governance.Table, pending []string) {
	held = p.declared
	before := map[string]string{}
	switch {
	case !p.declared.Model || p.view:
	case p.built != "":
		held = held.Under(p.built)
	default:
		for name, tags := range have.columns {
			before[name] = tags[governance.TagSensitivity]
		}
		held = held.Held(p.columns, before)
	}
	for _, name := range p.columns {
		before[name] = held.Of(name)
		if slices.Contains(p.former, name) {
			before[name] = governance.Unclassified
		} else if then := p.declared.Of(name); held.Of(name) != then {
			pending = append(pending, fmt.Sprintf("%s.%s is %s until the table is built anew, then %s", p.id, name, held.Of(name), then))
		}
	}
	if len(p.former) > 0 {
		held = held.Held(p.columns, before)
	}
	return held, pending
}

// tag makes the tags of a table and its columns as they are wanted. A column
// that should have none has its database's, which nobody may read.
func (p *part) tag(ctx context.Context, want governance.Want, have assigned) error {
	wanted := tags{}
	if want.Domain != "" {
		wanted[governance.TagDomain] = want.Domain
	}
	if want.Sensitivity != "" && want.Sensitivity != governance.Unclassified {
		wanted[governance.TagSensitivity] = want.Sensitivity
	}
	if err := p.settle(ctx, "", p.resource(right{}), have.table, wanted); err != nil {
		return err
	}
	return p.columnTags(ctx, want, have.columns)
}

// columnTags sets tags of many columns at once, and removes what is too much.
func (p *part) columnTags(ctx context.Context, want governance.Want, have map[string]tags) error {
	missing := map[string][]string{} // sensitivity -> columns
	for _, name := range p.columns {
		wanted := tags{}
		for _, c := range want.Columns {
			if c.Name == name && c.Sensitivity != governance.Unclassified {
				wanted[governance.TagSensitivity] = c.Sensitivity
			}
		}
		if value := wanted[governance.TagSensitivity]; value != "" && have[name][governance.TagSensitivity] != value {
			missing[value] = append(missing[value], name)
			have[name] = with(have[name], governance.TagSensitivity, value)
		}
		if err := p.settle(ctx, name, p.columnsOf(name), have[name], wanted); err != nil {
			return err
		}
	}
	for _, value := range governance.Sensitivities() {
		for columns := range slices.Chunk(missing[value], mostColumns) {
			if err := p.add(ctx, fmt.Sprintf("columns %v", columns), p.columnsOf(columns...), governance.TagSensitivity, value); err != nil {
				return err
			}
			p.summary.Tagged += len(columns)
		}
	}
	return nil
}

func with(have tags, key, value string) tags {
	out := tags{key: value}
	for k, v := range have {
		if k != key {
			out[k] = v
		}
	}
	return out
}

func (p *part) columnsOf(names ...string) *types.Resource {
	return &types.Resource{TableWithColumns: &types.TableWithColumnsResource{DatabaseName: &p.database, Name: &p.table, ColumnNames: names}}
}

// keys are the stack's tags, in an order.
var keys = []string{governance.TagLayer, governance.TagSchema, governance.TagDomain, governance.TagSensitivity}

// ours are the tags that are the stack's; others are left alone.
func (p *part) ours(pairs []types.LFTagPair) tags {
	have := tags{}
	for _, pair := range pairs {
		for _, key := range keys {
			if aws.ToString(pair.TagKey) == governance.TagKey(p.Project, p.Stack, key) && len(pair.TagValues) > 0 {
				have[key] = pair.TagValues[0]
			}
		}
	}
	return have
}

// settle makes one resource's own tags as they are wanted.
func (p *part) settle(ctx context.Context, column string, r *types.Resource, have, wanted tags) error {
	what := "it"
	if column != "" {
		what = "column " + column
	}
	for _, key := range keys {
		value, ok := wanted[key]
		old, there := have[key]
		switch {
		case ok && value != old:
			if err := p.add(ctx, what, r, key, value); err != nil {
				return err
			}
		case !ok && there:
			if err := p.remove(ctx, what, r, key, old); err != nil {
				return err
			}
		default:
			continue
		}
		p.summary.Tagged++
	}
	return nil
}

func (p *part) add(ctx context.Context, what string, r *types.Resource, key, value string) error {
	out, err := p.lf.AddLFTagsToResource(ctx, &lakeformation.AddLFTagsToResourceInput{Resource: r, LFTags: p.pair(key, value)})
	if err == nil {
		err = refused(out.Failures)
	}
	if err != nil {
		return p.tagFailed(fmt.Sprintf("tag %s with %s=%s:", what, governance.TagKey(p.Project, p.Stack, key), value), err)
	}
	p.Log.Info("tagged", "table", p.id, "what", what, "tag", key, "value", value)
	return nil
}

func (p *part) remove(ctx context.Context, what string, r *types.Resource, key, value string) error {
	out, err := p.lf.RemoveLFTagsFromResource(ctx, &lakeformation.RemoveLFTagsFromResourceInput{Resource: r, LFTags: p.pair(key, value)})
	if err == nil {
		err = refused(out.Failures)
	}
	if err != nil {
		return p.tagFailed(fmt.Sprintf("take the tag %s off %s:", governance.TagKey(p.Project, p.Stack, key), what), err)
	}
	p.Log.Info("untagged", "table", p.id, "what", what, "tag", key, "value", value)
	return nil
}

func (p *part) pair(key, value string) []types.LFTagPair {
	return []types.LFTagPair{{TagKey: aws.String(governance.TagKey(p.Project, p.Stack, key)), TagValues: []string{value}}}
}
