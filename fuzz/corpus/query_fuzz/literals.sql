SELECT "it's", 'a\'b\u0041', r'a\b', X'1F', 1L, 1.5BD, DATE '2026-01-01', INTERVAL 3 DAYS, named_struct('a', 1), map('k', array(1, 2)), CASE WHEN a THEN b END -- comment
/* block */ FROM cloud_files("/x", "csv", map("header", "true"))
