CREATE MATERIALIZED VIEW sorted
COMMENT 'A sort of more rows than the memory limit holds'
AS SELECT * FROM read_files('${rows}', format => 'parquet') ORDER BY k;
