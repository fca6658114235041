package jsonrows

import (
	"fmt"
	"hash/fnv"
	"strings"
	"unicode"
)

// SplitPath reads a dotted path; a backslash makes the next dot part of a name.
func SplitPath(path string) []string {
	var parts []string
	var part strings.Builder
	for i := 0; i < len(path); i++ {
		switch {
		case path[i] == '\\' && i+1 < len(path) && (path[i+1] == '.' || path[i+1] == '\\'):
			i++
			part.WriteByte(path[i])
		case path[i] == '.':
			parts = append(parts, part.String())
			part.Reset()
		default:
			part.WriteByte(path[i])
		}
	}
	return append(parts, part.String())
}

// JoinPath writes a path as SplitPath reads it.
func JoinPath(path []string) string {
	escape := strings.NewReplacer(`\`, `\\`, `.`, `\.`)
	parts := make([]string, len(path))
	for i, p := range path {
		parts[i] = escape.Replace(p)
	}
	return strings.Join(parts, ".")
}

// maxName is how long the name of an evolved column may be; Glue takes 255 bytes.
const maxName = 200

// SafeName is the column's name for a field: lower-case ASCII words with
// underscores, levels parted by two. Names that are too long are cut and
// hashed; those that would collide with the columns of a load lose the
// underscore in front.
func SafeName(path []string) string {
	parts := make([]string, len(path))
	for i, p := range path {
		parts[i] = safeWord(p)
	}
	name := strings.Join(parts, "__")
	for strings.HasPrefix(name, "_floe_") {
		name = name[1:]
	}
	if len(name) > maxName {
		name = Distinct(name[:maxName-7], path)
	}
	return name
}

// Distinct is a name for a field whose safe name another field has.
func Distinct(name string, path []string) string {
	return fmt.Sprintf("%s_%06x", name, pathHash(path)&0xffffff)
}

func pathHash(path []string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(JoinPath(path)))
	return h.Sum32()
}

// safeWord is one level of SafeName: playerId -> player_id, @id -> id, 1st -> _1st.
func safeWord(s string) string {
	var b strings.Builder
	runes := []rune(s)
	for i, r := range runes {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			b.WriteByte('_')
			continue
		}
		if unicode.IsUpper(r) && startsWord(runes, i) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	word := squeeze(b.String())
	word = strings.TrimRight(word, "_")
	if s == "" || s[0] != '_' {
		word = strings.TrimLeft(word, "_")
	}
	if strings.Trim(word, "_") == "" {
		return fmt.Sprintf("field_%06x", pathHash([]string{s})&0xffffff)
	}
	if word[0] >= '0' && word[0] <= '9' {
		word = "_" + word
	}
	return word
}

// startsWord says whether the capital at i begins a word: aB, and B in ABc.
func startsWord(runes []rune, i int) bool {
	if i == 0 {
		return false
	}
	before := runes[i-1]
	if unicode.IsLower(before) || unicode.IsDigit(before) {
		return true
	}
	return unicode.IsUpper(before) && i+1 < len(runes) && unicode.IsLower(runes[i+1])
}

// squeeze makes one underscore of several: two of them part levels.
func squeeze(s string) string {
	for strings.Contains(s, "__") {
		s = strings.ReplaceAll(s, "__", "_")
	}
	return s
}
