// Package budget tells people when a stack costs more than it was meant to: at
// 80 % of live/'s ceiling, when a month is on its way to all of it, and, where
// the account may, when something costs unusually much.
//
// AWS tells a stack's costs by the tag floe:stack, once that is a cost
// allocation tag, which `make bootstrap` sees to. Until then, a budget is there
// and stays at zero. The program's own estimate refuses a plan that would cost
// too much (infra/cost); this is about what AWS counts.
package budget
