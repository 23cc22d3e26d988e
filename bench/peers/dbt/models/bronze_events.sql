{{ config(materialized='incremental') }}
SELECT * FROM read_json('{{ env_var("BENCH_LANDING") }}/events/*.json', format = 'newline_delimited', filename = true,
  columns = {event_id: 'VARCHAR', user_id: 'VARCHAR', event_type: 'VARCHAR', amount: 'DOUBLE', country: 'VARCHAR', ts: 'VARCHAR', session_id: 'VARCHAR'})
{% if is_incremental() %} WHERE filename NOT IN (SELECT DISTINCT filename FROM {{ this }}) {% endif %}
