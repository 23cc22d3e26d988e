{{ config(materialized='incremental') }}
SELECT * FROM read_json('{{ env_var("BENCH_LANDING") }}/cdc/*.json', format = 'newline_delimited', filename = true,
  columns = {op: 'VARCHAR', seq: 'BIGINT', user_id: 'BIGINT', plan: 'VARCHAR', country: 'VARCHAR', email: 'VARCHAR'})
{% if is_incremental() %} WHERE filename NOT IN (SELECT DISTINCT filename FROM {{ this }}) {% endif %}
