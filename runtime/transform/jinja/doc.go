// Package jinja is a Jinja2 engine on Python's value model, with the tags that
// dbt adds to the language.
//
// Parse makes a Template, which never changes afterwards and may be rendered
// from many goroutines; Env says what names mean, in which mode undefined ones
// are (Strict or Lenient) and what a render may cost. Values are plain Go values
// (see Value): nil is None and is not Undefined, lists and dicts are shared and
// mutable, dicts keep their order, ints have any size. Other packages add
// objects by implementing small interfaces (Object, Callable, Mapping, ...).
//
// It renders what jinja2 3.1.6 renders with dbt's environment: no autoescape, no
// trim_blocks, one trailing newline removed, the "do" and "loopcontrols"
// extensions, ranges limited as in jinja2's sandbox. There is no loader, so
// include, import, extends and block are refused with that reason.
//
// Blocks finds macros, tests, materializations, snapshots and docs in a file
// without parsing their bodies; Template.Calls lists calls with constant
// arguments without rendering. Nothing here panics or runs forever: parsing is
// bounded in depth, rendering in steps, depth and bytes (Limits), and by its
// context.Context.
package jinja
