MODEL (name churn.bronze_events, kind FULL);
SELECT * FROM read_json('BENCH_LANDING/events/*.json', format = 'newline_delimited',
  columns = {event_id: 'VARCHAR', user_id: 'VARCHAR', event_type: 'VARCHAR', amount: 'DOUBLE', country: 'VARCHAR', ts: 'VARCHAR', session_id: 'VARCHAR'})
