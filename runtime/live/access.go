package live

// Access is live/<stack>/access.yaml: who may read what. Nobody else reads.
type Access struct {
	Version int `yaml:"version" jsonschema:"enum=1"`
	// Grants by principal. Default none.
	Grants []Grant `yaml:"grants,omitempty"`
}

// Grant lets a principal read whole schemas, or what is tagged, or tables, or columns and rows of one table.
type Grant struct {
	// Principal is the ARN of an IAM role or user.
	Principal string `yaml:"principal" json:"principal"`
	// Schemas may be read whole, with tables that come later: marts, landing_chess.
	Schemas []string `yaml:"schemas,omitempty" json:"schemas,omitempty" jsonschema:"minItems=1"`
	// Layers may be read whole: landing, staging, intermediate, marts, or a schema of platform.yaml.
	Layers []string `yaml:"layers,omitempty" json:"layers,omitempty" jsonschema:"minItems=1"`
	// Domains of contracts and models; with layers, both must hold.
	Domains []string `yaml:"domains,omitempty" json:"domains,omitempty" jsonschema:"minItems=1"`
	// Tables by schema and name: marts.fct_games.
	Tables []string `yaml:"tables,omitempty" json:"tables,omitempty" jsonschema:"minItems=1"`
	// Columns of the one table that is named; without it, all of the sensitivity that the grant has.
	Columns []string `yaml:"columns,omitempty" json:"columns,omitempty" jsonschema:"minItems=1"`
	// Rows of the one table that is named, as a condition in Athena's SQL: "country = 'NO'". Default all.
	Rows string `yaml:"rows,omitempty" json:"rows,omitempty"`
	// Sensitivity of the columns that may be read. Default public and internal; columns that are named need none.
	Sensitivity []string `yaml:"sensitivity,omitempty" json:"sensitivity,omitempty" jsonschema:"minItems=1"`
}
