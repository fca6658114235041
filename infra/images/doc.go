// Package images builds floe's programs into container images and keeps them
// where AWS takes them from.
//
// Build compiles a program and packs it, without docker and without a base
// image, into two layers: the binary, and the pipelines. So an edit of YAML or
// SQL changes the second layer only. The same inputs give the same digest on
// every machine that has the same Go; so the digest is in the preview. The
// binary's layer is cached by a hash of all it is made of.
//
// New makes a repository for each image. The image itself is pushed by a hook
// that runs before the first function or task definition that names it is
// created or updated, once: a preview pushes nothing, and no second command is
// needed.
package images
