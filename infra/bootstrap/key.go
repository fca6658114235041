package bootstrap

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/floe-data/floe/runtime/fault"
)

// markTag is on whatever bootstrap made; its value is the project. Below it, on
// the key, is remembered what cannot be tagged itself.
const markTag = "floe:bootstrap"

// keyWindow is how many days a removed key can be brought back: the longest.
const keyWindow = 30

// key is the KMS key of the state.
type key struct {
	ARN   string
	State types.KeyState
	Ours  bool              // bootstrap made it
	Tags  map[string]string // what else was made, by tag
}

// findKey looks the key up by its alias; a.key stays nil where there is none.
func (a *Account) findKey(ctx context.Context) error {
	found, err := a.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String(a.Alias())})
	if missing := new(types.NotFoundException); errors.As(err, &missing) {
		return nil
	}
	if err != nil {
		return a.failed("look for the key "+a.Alias(), err)
	}
	m := found.KeyMetadata
	k := &key{ARN: aws.ToString(m.Arn), State: m.KeyState, Tags: map[string]string{}}
	pages := kms.NewListResourceTagsPaginator(a.kms, &kms.ListResourceTagsInput{KeyId: m.KeyId})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return a.failed("read the tags of the key "+a.Alias(), err)
		}
		for _, t := range page.Tags {
			k.Tags[aws.ToString(t.TagKey)] = aws.ToString(t.TagValue)
		}
	}
	k.Ours = k.Tags[markTag] == a.Project
	a.key = k
	return nil
}

// makeKey makes the key of state and secrets, which rotates every year.
func (a *Account) makeKey(ctx context.Context) error {
	if err := a.findKey(ctx); err != nil {
		return err
	}
	what := "key " + a.Alias() + " of state and secrets"
	if a.key == nil {
		if err := a.act(made, what, func() error { return a.createKey(ctx) }); err != nil {
			return err
		}
	} else if a.key.State != types.KeyStateEnabled {
		return fault.New(fault.Failed, fmt.Errorf("the %s (%s) is %s: no state can be read with it", what, a.key.ARN, a.key.State),
			"bring it back: aws kms cancel-key-deletion --key-id "+a.key.ARN+", aws kms enable-key --key-id "+a.key.ARN)
	} else {
		a.say(there, "%s", what)
	}
	what = "yearly rotation of the key"
	if a.key == nil { // a dry run
		return a.act(made, what, nil)
	}
	id := aws.String(a.key.ARN)
	status, err := a.kms.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: id})
	if err != nil {
		return a.failed("read the "+what, err)
	}
	if status.KeyRotationEnabled {
		a.say(there, "%s", what)
		return nil
	}
	return a.act(made, what, func() error {
		_, err := a.kms.EnableKeyRotation(ctx, &kms.EnableKeyRotationInput{KeyId: id})
		return err
	})
}

func (a *Account) createKey(ctx context.Context) error {
	policy, err := a.keyPolicy()
	if err != nil {
		return err
	}
	out, err := a.kms.CreateKey(ctx, &kms.CreateKeyInput{
		Description: aws.String("State and secrets of the stacks of " + a.Project),
		Policy:      aws.String(policy),
		Tags:        []types.Tag{{TagKey: aws.String(markTag), TagValue: aws.String(a.Project)}},
	})
	if err != nil {
		return err
	}
	id := out.KeyMetadata.KeyId
	if _, err := a.kms.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: aws.String(a.Alias()), TargetKeyId: id}); err != nil {
		// Without its alias nothing finds the key again.
		_, gone := a.kms.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: id, PendingWindowInDays: aws.Int32(7)})
		return errors.Join(fmt.Errorf("name key %s: %w", aws.ToString(id), err), gone)
	}
	a.key = &key{ARN: aws.ToString(out.KeyMetadata.Arn), State: types.KeyStateEnabled, Ours: true, Tags: map[string]string{markTag: a.Project}}
	return nil
}

// keyPolicy lets the account's own IAM policies say who uses the key. Whoever
// may read the state needs both the bucket and the key.
func (a *Account) keyPolicy() (string, error) {
	text, err := json.Marshal(map[string]any{
		"Version": "2012-10-17",
		"Statement": []any{map[string]any{
			"Sid": "Account", "Effect": "Allow",
			"Principal": map[string]string{"AWS": a.site().GlobalARN("iam", "root")},
			"Action":    "kms:*", "Resource": "*",
		}},
	})
	return string(text), err
}

// remember notes on the key what was made elsewhere.
func (a *Account) remember(ctx context.Context, tag, value string) error {
	if len(value) > 256 {
		return fault.New(fault.Usage, fmt.Errorf("%q has %d characters; a tag remembers at most 256", value, len(value)), "name a role with a shorter path: ADMIN=arn:…")
	}
	_, err := a.kms.TagResource(ctx, &kms.TagResourceInput{KeyId: aws.String(a.key.ARN),
		Tags: []types.Tag{{TagKey: aws.String(tag), TagValue: aws.String(value)}}})
	if err != nil {
		return fmt.Errorf("remember it on the key %s: %w", a.Alias(), err)
	}
	a.key.Tags[tag] = value
	return nil
}

// forget takes a note off the key.
func (a *Account) forget(ctx context.Context, tag string) error {
	_, err := a.kms.UntagResource(ctx, &kms.UntagResourceInput{KeyId: aws.String(a.key.ARN), TagKeys: []string{tag}})
	if err != nil {
		return fmt.Errorf("forget %s on the key %s: %w", tag, a.Alias(), err)
	}
	delete(a.key.Tags, tag)
	return nil
}

// remembered is what a tag of the key says, "" for nothing.
func (a *Account) remembered(tag string) string {
	if a.key == nil {
		return ""
	}
	return a.key.Tags[tag]
}

// removeKey takes the alias away at once and the key after its waiting period.
func (a *Account) removeKey(ctx context.Context) error {
	what := "key " + a.Alias()
	if !a.key.Ours {
		a.say(kept, "%s: it was here before", what)
		return nil
	}
	until := time.Now().AddDate(0, 0, keyWindow).Format(time.DateOnly)
	id := a.key.ARN[strings.LastIndex(a.key.ARN, "/")+1:]
	what = fmt.Sprintf("%s; key %s can be brought back until %s and costs nothing meanwhile", what, id, until)
	return a.act(removed, what, func() error {
		if a.key.State != types.KeyStatePendingDeletion { // where an earlier removal ended half way
			in := &kms.ScheduleKeyDeletionInput{KeyId: aws.String(id), PendingWindowInDays: aws.Int32(keyWindow)}
			if _, err := a.kms.ScheduleKeyDeletion(ctx, in); err != nil {
				return err
			}
		}
		_, err := a.kms.DeleteAlias(ctx, &kms.DeleteAliasInput{AliasName: aws.String(a.Alias())})
		return err
	})
}
