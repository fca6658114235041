package graph

// Above answers quickly what lies above a node; it is made once for a graph
// that does not change any more.
type Above struct {
	at   map[string]int
	bits [][]uint64
}

// Above makes the answers for all nodes. Nodes on a cycle have none.
func (g *Graph) Above() *Above {
	order := g.Order()
	a := &Above{at: make(map[string]int, len(order)), bits: make([][]uint64, len(order))}
	words := (len(order) + 63) / 64
	for i, id := range order {
		a.at[id] = i
		row := make([]uint64, words)
		for p := range g.parents[id] {
			j := a.at[p]
			row[j/64] |= 1 << (j % 64)
			for w, b := range a.bits[j] {
				row[w] |= b
			}
		}
		a.bits[i] = row
	}
	return a
}

// Has says that other lies above id.
func (a *Above) Has(id, other string) bool {
	i, ok := a.at[id]
	j, ok2 := a.at[other]
	return ok && ok2 && a.bits[i][j/64]&(1<<(j%64)) != 0
}

// All says that all of ids lie above id.
func (a *Above) All(id string, ids []string) bool {
	for _, x := range ids {
		if !a.Has(id, x) {
			return false
		}
	}
	return true
}
