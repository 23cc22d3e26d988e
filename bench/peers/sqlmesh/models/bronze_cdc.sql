MODEL (name churn.bronze_cdc, kind FULL);
SELECT * FROM read_json('BENCH_LANDING/cdc/*.json', format = 'newline_delimited',
  columns = {op: 'VARCHAR', seq: 'BIGINT', user_id: 'BIGINT', plan: 'VARCHAR', country: 'VARCHAR', email: 'VARCHAR'})
