package main

import (
	"context"
	"fmt"
	"slices"
)

// table is the share of one table and of its indices.
type table struct {
	name                        string
	rows, words, bytes, indices int64 // words are of those bytes
}

// sizes lists the tables with their indices, the largest first.
func (h *house) sizes(ctx context.Context) ([]table, error) {
	sizes, length := `SELECT s.tbl_name, SUM(CASE s.type WHEN 'table' THEN d.pgsize ELSE 0 END), SUM(CASE s.type WHEN 'index' THEN d.pgsize ELSE 0 END)
		FROM dbstat AS d JOIN sqlite_schema AS s ON s.name = d.name GROUP BY 1 ORDER BY SUM(d.pgsize) DESC`, "length(CAST(%s AS BLOB))"
	if h.postgres {
		sizes, length = `SELECT relname, pg_table_size(relid), pg_indexes_size(relid) FROM pg_stat_user_tables
			ORDER BY pg_total_relation_size(relid) DESC`, "octet_length(%s)"
	}
	all, err := h.tables(ctx, sizes)
	if err != nil {
		return nil, err
	}
	for i := range all {
		of := slices.IndexFunc(copied, func(r rowsOfOrder) bool { return r.table == all[i].name })
		if of < 0 {
			continue
		}
		sum := "0"
		for _, c := range copied[of].words {
			sum += "+" + fmt.Sprintf(length, c)
		}
		err := h.db.QueryRowContext(ctx, "SELECT COUNT(*), COALESCE(SUM("+sum+"), 0) FROM "+all[i].name).Scan(&all[i].rows, &all[i].words)
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (h *house) tables(ctx context.Context, sizes string) ([]table, error) {
	rows, err := h.db.QueryContext(ctx, sizes)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []table
	for rows.Next() {
		var t table
		if err := rows.Scan(&t.name, &t.bytes, &t.indices); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, rows.Err()
}
