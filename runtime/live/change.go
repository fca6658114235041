package live

import "regexp"

// Development is the stack whose shape the stacks of changes have.
const Development = "dev"

// changeForm is the stack of a pull request: pr-12.
var changeForm = regexp.MustCompile(`^pr-[1-9][0-9]{0,8}$`)

// OfChange says whether the stack is a pull request's: it lives as long as the
// request is open, has no folder of its own, and may always be destroyed.
func OfChange(stack string) bool { return changeForm.MatchString(stack) }

// Folder is the folder of live/, and the part of stacks/Pulumi.<stack>.yaml,
// that says what a stack is: its own name, but dev for the stack of a change.
func Folder(stack string) string {
	if OfChange(stack) {
		return Development
	}
	return stack
}

// forChange makes of dev's files those of a change's stack: nothing runs by
// itself, and the stack may go.
func (s *Stack) forChange() {
	s.Platform.Deletion = "allowed"
	for i := range s.Pipelines.Workflows {
		s.Pipelines.Workflows[i].Enabled = false
	}
}
