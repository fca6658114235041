// Package container runs a container image's own program without a container:
// its layers are unpacked into a folder, and the entrypoint is started there
// with exactly the environment given. Paths of the image's configuration are
// resolved below that folder, those that the program itself opens are not:
// there is no chroot, which would need rights that a test has not.
package container
