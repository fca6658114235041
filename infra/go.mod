module github.com/floe-data/floe/infra

go 1.26.0
