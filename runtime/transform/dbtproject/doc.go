// Package dbtproject reads the files of a dbt-format project: dbt_project.yml,
// models, property files, seeds, tests, macros and doc blocks, of the project
// itself and of the packages that lie in its dbt_packages folder.
//
// It knows the format and renders nothing: ReadConfig reads dbt_project.yml,
// the caller makes a renderer of its vars, and ReadFiles reads the rest with
// it. Every problem names file, line, key, what was found and what would be
// right; all of them are collected before an error is returned.
package dbtproject
