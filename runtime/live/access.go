package live

// Access is live/<stack>/access.yaml: who may read what. Nobody else reads.
type Access struct {
	Version int `yaml:"version" jsonschema:"enum=1"`
	// Grants by principal. Default none.
	Grants []Grant `yaml:"grants,omitempty"`
}

// Grant lets a principal read whole schemas, or tables, or columns of one table.
type Grant struct {
	// Principal is the ARN of an IAM role or user.
	Principal string `yaml:"principal"`
	// Schemas may be read whole: marts, landing_chess.
	Schemas []string `yaml:"schemas,omitempty" jsonschema:"minItems=1"`
	// Tables by schema and name: marts.fct_games.
	Tables []string `yaml:"tables,omitempty" jsonschema:"minItems=1"`
	// Columns of the one table that is named; without it, all.
	Columns []string `yaml:"columns,omitempty" jsonschema:"minItems=1"`
}
