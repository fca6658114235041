package parquetfile

import (
	"hash/maphash"

	"github.com/parquet-go/parquet-go"

	"github.com/floe-data/floe/runtime/schema"
)

const (
	sampleRows = 8192
	// dictionaryShare is the share of distinct values up to which a dictionary
	// pays: beyond it the values are stored twice.
	dictionaryShare = 0.25
	dictionaryBytes = 1 << 20
)

// encode gives a file's layout: its schema with encodings, and the writer's options.
func encode(s schema.Schema, sample *Chunk) ([]parquet.WriterOption, error) {
	dictionary := make([]bool, len(s.Columns))
	options := []parquet.WriterOption{
		parquet.Compression(codec),
		parquet.PageBufferSize(pageBytes),
		parquet.DataPageStatistics(false), // the footer and the page index have them
		parquet.DictionaryMaxBytes(dictionaryBytes),
		parquet.CreatedBy("floe", "1", ""),
	}
	for i, c := range s.Columns {
		if wideDecimal(c.Type) {
			options = append(options, parquet.SkipPageBounds(c.Name))
		}
		if sample == nil || sample.rows == 0 || sample.cols[i].class != blobs || wideDecimal(c.Type) {
			continue
		}
		v := &sample.cols[i]
		dictionary[i] = lowCardinality(v, sample.rows)
		if len(v.data)/sample.rows >= wideText {
			options = append(options, parquet.SkipPageBounds(c.Name))
		}
	}
	fs, err := fileSchema(s, dictionary)
	if err != nil {
		return nil, err
	}
	return append(options, fs), nil
}

var sampleSeed = maphash.MakeSeed()

// lowCardinality says whether a text column's values repeat enough for a dictionary.
func lowCardinality(v *vector, rows int) bool {
	n := min(rows, sampleRows)
	if n < 2 {
		return false
	}
	limit := max(1, int(float64(n)*dictionaryShare))
	seen := make(map[uint64]struct{}, limit)
	for i := range n {
		row := i * (rows / n) // spread over the chunk: neighbours are often alike
		if v.null(row) {
			continue
		}
		seen[maphash.Bytes(sampleSeed, v.blob(row))] = struct{}{}
		if len(seen) > limit {
			return false
		}
	}
	return true
}
