#!/bin/sh
# Run the chess workflow on the sample server and show what came of it.
# usage: scripts/run.sh GAMES HOME
set -eu
games=$1
home=$2
bin/sample --games "$games" -- bin/floe run chess --home "$home" --set "base_url={url}" --set "players={players}"
echo
echo "The openings that were played most (marts.openings):"
bin/floe sql --home "$home" "select opening, games, white_wins, black_wins, draws, round(white_score, 3) as white_score
	from marts.openings order by games desc, opening limit 8"
cat <<TEXT

The data lies in $home: catalog.db is the catalog, warehouse/ holds the tables.
Try next:
  bin/floe sql                              a prompt; \\t lists the tables
  bin/floe sql "select * from marts.player_ratings_monthly limit 5"
  bin/floe tables marts.fct_games           schema, snapshots, files
  bin/floe run chess --set players=hikaru   real games from api.chess.com
TEXT
