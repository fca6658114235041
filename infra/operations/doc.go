// Package operations is what tells people that something is wrong, and keeps
// what they then look at.
//
//	key            encrypts logs, messages and what else is not data
//	topic          where alarms and failed workflows are told; e-mail if live/ names one
//	dead letters   the events that nobody could be handed: start what they meant by hand
//	LogGroup       every log group of the stack: encrypted, kept as long as live/ says
//	Watch          the alarms; each names what to do in docs/operate.md
//
// The key's and the topic's policies name services and this account, never a
// single resource, so that nothing here waits for what uses it.
package operations
