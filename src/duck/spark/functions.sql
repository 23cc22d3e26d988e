-- Spark's functions as macros of the engine. A macro is named spark_<Spark's name>, so that it never hides a function of
-- the engine; the translation of queries writes these names. Each statement begins a line with CREATE MACRO and ends
-- before the next; a macro may call others of the pack. Overloads are chosen by the types of the arguments.

-- Casts

CREATE MACRO spark_byte(x) AS CAST(spark_whole(x) AS TINYINT);
CREATE MACRO spark_try_byte(x) AS TRY_CAST(spark_try_whole(x) AS TINYINT);
CREATE MACRO spark_short(x) AS CAST(spark_whole(x) AS SMALLINT);
CREATE MACRO spark_try_short(x) AS TRY_CAST(spark_try_whole(x) AS SMALLINT);
CREATE MACRO spark_int(x) AS CAST(spark_whole(x) AS INTEGER);
CREATE MACRO spark_try_int(x) AS TRY_CAST(spark_try_whole(x) AS INTEGER);
CREATE MACRO spark_long(x) AS CAST(spark_whole(x) AS BIGINT);
CREATE MACRO spark_try_long(x) AS TRY_CAST(spark_try_whole(x) AS BIGINT);
CREATE MACRO spark_double(x) AS CASE WHEN typeof(x) = 'TIMESTAMP WITH TIME ZONE'
  THEN epoch(TRY_CAST(x AS TIMESTAMPTZ)) ELSE CAST(x AS DOUBLE) END;
CREATE MACRO spark_try_double(x) AS CASE WHEN typeof(x) = 'TIMESTAMP WITH TIME ZONE'
  THEN epoch(TRY_CAST(x AS TIMESTAMPTZ)) ELSE TRY_CAST(x AS DOUBLE) END;
CREATE MACRO spark_float(x) AS CAST(x AS FLOAT);
CREATE MACRO spark_decimal(x) AS CAST(x AS DECIMAL(10, 0));
CREATE MACRO spark_boolean(x) AS CAST(x AS BOOLEAN);
CREATE MACRO spark_string(x) AS CASE
  WHEN typeof(x) IN ('DOUBLE', 'FLOAT', 'BLOB') THEN spark_text(x)
  WHEN typeof(x) = 'VARIANT' THEN spark_variant_text(x)
  WHEN typeof(x) = 'TIMESTAMP WITH TIME ZONE' THEN regexp_replace(CAST(x AS VARCHAR), '[+-][0-9:]+$', '')
  ELSE CAST(x AS VARCHAR) END;
CREATE MACRO spark_try_string(x) AS spark_string(x);
-- What is given where a text belongs.
CREATE MACRO spark_text_of(x) AS CASE
  WHEN typeof(x) LIKE '%[]' OR typeof(x) LIKE 'STRUCT(%' OR typeof(x) LIKE 'MAP(%'
    THEN error('a text is needed here, not ' || spark_typeof(x))
  ELSE spark_string(x) END;
CREATE MACRO spark_binary(x) AS spark_bytes(x);
CREATE MACRO spark_try_binary(x) AS spark_bytes(x);
-- No short cut may stand around a function that fails: the engine may evaluate such a call once for several places.
CREATE MACRO spark_date(x) AS spark_text_date(x, TRY_CAST(x AS DATE));
CREATE MACRO spark_try_date(x) AS spark_try_text_date(x, TRY_CAST(x AS DATE));
CREATE MACRO spark_timestamp(x) AS spark_found(x, spark_try_timestamp(x));
CREATE MACRO spark_try_timestamp(x) AS
  coalesce(TRY_CAST(x AS TIMESTAMPTZ), CAST(spark_try_text_date(x, NULL) AS TIMESTAMPTZ));
CREATE MACRO spark_cast_timestamp(x) AS spark_found(x, spark_try_cast_timestamp(x));
CREATE MACRO spark_try_cast_timestamp(x) AS coalesce(TRY_CAST(x AS TIMESTAMPTZ),
  make_timestamptz(spark_number_micros(x)), CAST(spark_try_text_date(x, NULL) AS TIMESTAMPTZ));
CREATE MACRO spark_timestamp_ntz(x) AS CASE WHEN typeof(x) = 'VARCHAR'
  THEN CAST(regexp_replace(trim(CAST(x AS VARCHAR)), '([0-9])(Z|[+-]\d{1,2}:?\d{0,2})$', '\1') AS TIMESTAMP)
  ELSE CAST(x AS TIMESTAMP) END;
CREATE MACRO spark_try_timestamp_ntz(x) AS TRY_CAST(x AS TIMESTAMP);

-- Operators

CREATE MACRO spark_divide(a, b) AS
  a / CASE WHEN b = 0 THEN error('division by zero (try_divide gives NULL instead)') ELSE b END;
CREATE MACRO spark_remainder(a, b) AS
  a % CASE WHEN b = 0 THEN error('division by zero (try_mod gives NULL instead)') ELSE b END;
CREATE MACRO spark_div(a, b) AS CASE
  WHEN b = 0 THEN CAST(error('division by zero (try_divide gives NULL instead)') AS BIGINT)
  WHEN typeof(a) IN ('TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT') AND typeof(b) IN ('TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT')
    THEN CAST(a // b AS BIGINT)
  ELSE CAST(trunc(a / b) AS BIGINT) END;
CREATE MACRO spark_add_interval(x, i) AS spark_like(x, x + i);
CREATE MACRO spark_subtract_interval(x, i) AS spark_like(x, x - i);
CREATE MACRO spark_interval_plus(i, x) AS spark_like(x, x + i);
CREATE MACRO spark_item(x, i) AS
  CASE WHEN typeof(x) LIKE 'MAP(%' THEN x[i] ELSE x[spark_checked_offset(i, spark_size(x))] END;
-- A text beside a value that may be a time: less than 0 if it is smaller, as whatever the other is.
CREATE MACRO spark_text_order(t, x) AS CASE
  WHEN typeof(x) = 'DATE' THEN spark_order(spark_date(t), TRY_CAST(x AS DATE))
  WHEN spark_is_time(x) THEN spark_order(spark_timestamp(t), TRY_CAST(x AS TIMESTAMPTZ))
  ELSE spark_order(CAST(t AS VARCHAR), CAST(x AS VARCHAR)) END;
CREATE MACRO spark_order(a, b) AS CASE WHEN a < b THEN -1 WHEN a = b THEN 0 WHEN a > b THEN 1 END;
CREATE MACRO spark_order_text(x, t) AS -spark_text_order(t, x);
CREATE MACRO spark_rlike(x, pattern) AS regexp_matches(x, pattern);
CREATE MACRO spark_outer_elements(x) AS CASE WHEN len(x) > 0 THEN x ELSE [NULL] END;
CREATE MACRO spark_positions(x, keeps_row) AS
  CASE WHEN keeps_row AND coalesce(len(x), 0) = 0 THEN [NULL] ELSE CAST(range(len(x)) AS INTEGER[]) END;

-- Text

CREATE MACRO spark_ascii(s) AS CAST(ascii(s) AS INTEGER);
CREATE MACRO spark_base64(x) AS base64(spark_bytes(x));
CREATE MACRO spark_unbase64(x) AS from_base64(x);
CREATE MACRO spark_bit_length(x) AS CAST(bit_length(x) AS INTEGER);
CREATE MACRO spark_btrim(s) AS trim(s), (s, characters) AS trim(s, characters);
CREATE MACRO spark_char(n) AS CASE WHEN n < 0 THEN '' ELSE chr(CAST(n % 256 AS INTEGER)) END;
CREATE MACRO spark_decode(x, charset) AS decode(x);
CREATE MACRO spark_encode(x, charset) AS encode(x);
CREATE MACRO spark_endswith(s, part) AS ends_with(s, part);
CREATE MACRO spark_startswith(s, part) AS starts_with(s, part);
CREATE MACRO spark_find_in_set(s, list) AS CASE WHEN contains(s, ',') THEN 0
  ELSE CAST(coalesce(list_position(string_split(list, ','), s), 0) AS INTEGER) END;
CREATE MACRO spark_format_number(x, digits) AS format('{:,.' || digits || 'f}', CAST(x AS DOUBLE));
-- An argument of concat_ws: the elements of an array each.
CREATE MACRO spark_joined_part(x, separator) AS CASE WHEN typeof(x) LIKE '%[]'
  THEN CASE WHEN len(list_filter(TRY_CAST(x AS VARCHAR[]), lambda e: e IS NOT NULL)) > 0
    THEN array_to_string(list_filter(TRY_CAST(x AS VARCHAR[]), lambda e: e IS NOT NULL), separator) END
  ELSE spark_string(x) END;
CREATE MACRO spark_initcap(s) AS
  array_to_string(list_transform(string_split(lower(s), ' '), lambda w: upper(w[1]) || w[2:]), ' ');
CREATE MACRO spark_instr(s, part) AS CAST(instr(s, part) AS INTEGER);
CREATE MACRO spark_left(s, n) AS left(s, greatest(CAST(n AS BIGINT), 0));
CREATE MACRO spark_right(s, n) AS right(s, greatest(CAST(n AS BIGINT), 0));
CREATE MACRO spark_length(x) AS CASE WHEN typeof(x) LIKE '%[]' THEN spark_size(x)
  WHEN typeof(x) = 'BLOB' THEN CAST(octet_length(spark_bytes(x)) AS INTEGER)
  ELSE CAST(length(spark_string(x)) AS INTEGER) END;
CREATE MACRO spark_levenshtein(a, b) AS CAST(levenshtein(a, b) AS INTEGER);
CREATE MACRO spark_locate(part, s) AS CAST(instr(s, part) AS INTEGER),
  (part, s, start) AS CAST(CASE WHEN start < 1 THEN 0 WHEN instr(substr(s, start), part) = 0 THEN 0
    ELSE instr(substr(s, start), part) + start - 1 END AS INTEGER);
CREATE MACRO spark_lpad(s, n) AS lpad(s, CAST(greatest(n, 0) AS INTEGER), ' '),
  (s, n, pad) AS lpad(s, CAST(greatest(n, 0) AS INTEGER), pad);
CREATE MACRO spark_rpad(s, n) AS rpad(s, CAST(greatest(n, 0) AS INTEGER), ' '),
  (s, n, pad) AS rpad(s, CAST(greatest(n, 0) AS INTEGER), pad);
CREATE MACRO spark_mask(s) AS regexp_replace(regexp_replace(regexp_replace(s, '[A-Z]', 'X', 'g'),
  '[a-z]', 'x', 'g'), '[0-9]', 'n', 'g');
CREATE MACRO spark_octet_length(x) AS CAST(octet_length(spark_bytes(x)) AS INTEGER);
CREATE MACRO spark_overlay(s, part, start) AS left(s, start - 1) || part || substr(s, start + length(part)),
  (s, part, start, n) AS left(s, start - 1) || part || substr(s, start + CASE WHEN n < 0 THEN length(part) ELSE n END);
CREATE MACRO spark_parse_url(url, part) AS nullif(CASE upper(part)
    WHEN 'PROTOCOL' THEN regexp_extract(url, '^([a-zA-Z][a-zA-Z0-9+.-]*):', 1)
    WHEN 'HOST' THEN regexp_extract(url, '^[^:/?#]+://(?:[^@/?#]*@)?([^:/?#]+)', 1)
    WHEN 'PATH' THEN regexp_extract(url, '^[^:/?#]+://[^/?#]*([^?#]*)', 1)
    WHEN 'QUERY' THEN regexp_extract(url, '\?([^#]*)', 1)
    WHEN 'REF' THEN regexp_extract(url, '#(.*)$', 1)
    WHEN 'FILE' THEN regexp_extract(url, '^[^:/?#]+://[^/?#]*([^#]*)', 1)
    WHEN 'AUTHORITY' THEN regexp_extract(url, '^[^:/?#]+://([^/?#]*)', 1)
    WHEN 'USERINFO' THEN regexp_extract(url, '^[^:/?#]+://([^@/?#]*)@', 1) END, ''),
  (url, part, key) AS CASE WHEN upper(part) = 'QUERY' THEN
    list_transform(list_filter(string_split(regexp_extract(url, '\?([^#]*)', 1), '&'),
      lambda pair: starts_with(pair, key || '=')), lambda pair: substr(pair, length(key) + 2))[1] END;
CREATE MACRO spark_position(part, s) AS CAST(instr(s, part) AS INTEGER),
  (part, s, start) AS spark_locate(part, s, start);
CREATE MACRO spark_regexp_count(s, pattern) AS CAST(len(regexp_extract_all(s, pattern)) AS INTEGER);
CREATE MACRO spark_regexp_extract(s, pattern) AS regexp_extract(s, pattern, 1),
  (s, pattern, g) AS regexp_extract(s, pattern, g);
CREATE MACRO spark_regexp_extract_all(s, pattern) AS regexp_extract_all(s, pattern, 1),
  (s, pattern, g) AS regexp_extract_all(s, pattern, g);
CREATE MACRO spark_regexp_instr(s, pattern) AS CAST(CASE WHEN regexp_matches(s, pattern)
  THEN instr(s, regexp_extract(s, pattern, 0)) ELSE 0 END AS INTEGER);
CREATE MACRO spark_regexp_like(s, pattern) AS regexp_matches(s, pattern);
CREATE MACRO spark_regexp_replace(s, pattern, replacement) AS
  regexp_replace(s, pattern, regexp_replace(replacement, '\$(\d)', '\\\1', 'g'), 'g');
CREATE MACRO spark_regexp_substr(s, pattern) AS
  CASE WHEN regexp_matches(s, pattern) THEN regexp_extract(s, pattern, 0) END;
CREATE MACRO spark_repeat(s, n) AS repeat(s, greatest(CAST(n AS BIGINT), 0));
CREATE MACRO spark_replace(s, part) AS replace(s, part, ''), (s, part, other) AS replace(s, part, other);

CREATE MACRO spark_space(n) AS repeat(' ', CAST(greatest(n, 0) AS BIGINT));
CREATE MACRO spark_split(s, pattern) AS string_split_regex(s, pattern),
  (s, pattern, n) AS CASE WHEN n <= 0 OR len(string_split_regex(s, pattern)) <= n THEN string_split_regex(s, pattern)
    ELSE list_append(string_split_regex(s, pattern)[1:n - 1],
      regexp_replace(s, '^(?s:.*?(?:' || pattern || ')){' || (n - 1) || '}', '')) END;
CREATE MACRO spark_str_to_map(s) AS spark_str_to_map_by(s, ',', ':'),
  (s, pairs) AS spark_str_to_map_by(s, pairs, ':'),
  (s, pairs, keys) AS spark_str_to_map_by(s, pairs, keys);
CREATE MACRO spark_str_to_map_by(s, pairs, keys) AS
  map(list_transform(string_split(s, pairs), lambda p: split_part(p, keys, 1)),
    list_transform(string_split(s, pairs), lambda p:
      CASE WHEN contains(p, keys) THEN substr(p, instr(p, keys) + length(keys)) END));
CREATE MACRO spark_substring(s, start) AS spark_substring_of(s, start, 2147483647),
  (s, start, n) AS spark_substring_of(s, start, n);
CREATE MACRO spark_substring_of(s, start, n) AS CASE WHEN n <= 0 THEN left(s, 0)
    WHEN start = 0 THEN substr(s, 1, n)
    WHEN start > 0 OR -start <= length(s) THEN substr(s, start, n)
    ELSE substr(s, 1, greatest(n + start + length(s), 0)) END;
CREATE MACRO spark_substring_index(s, delimiter, n) AS CASE WHEN n > 0
    THEN array_to_string(string_split(s, delimiter)[1:n], delimiter)
    WHEN n < 0 THEN array_to_string(string_split(s, delimiter)[n:], delimiter) ELSE left(s, 0) END;
CREATE MACRO spark_url_decode(s) AS url_decode(replace(s, '+', ' '));
CREATE MACRO spark_url_encode(s) AS replace(replace(url_encode(s), '%20', '+'), '~', '%7E');

-- Date and time

CREATE MACRO spark_add_months(d, n) AS CAST(spark_date(d) + to_months(CAST(n AS INTEGER)) AS DATE);
CREATE MACRO spark_convert_timezone(target, x) AS timezone(target, spark_timestamp(x)),
  (source, target, x) AS timezone(target, timezone(source, spark_timestamp_ntz(x)));
CREATE MACRO spark_curdate() AS current_date();
CREATE MACRO spark_current_timestamp() AS now();
CREATE MACRO spark_current_timezone() AS current_setting('TimeZone');
CREATE MACRO spark_date_add(d, n) AS spark_date(d) + CAST(n AS INTEGER);
CREATE MACRO spark_date_sub(d, n) AS spark_date(d) - CAST(n AS INTEGER);
CREATE MACRO spark_datediff(finish, start) AS CAST(spark_date(finish) - spark_date(start) AS INTEGER);
CREATE MACRO spark_date_format(x, pattern) AS strftime(CAST(spark_timestamp(x) AS TIMESTAMP), pattern);
CREATE MACRO spark_date_from_unix_date(n) AS DATE '1970-01-01' + CAST(n AS INTEGER);
CREATE MACRO spark_time_unit(unit) AS CASE lower(unit) WHEN 'yyyy' THEN 'year' WHEN 'yy' THEN 'year'
  WHEN 'mm' THEN 'month' WHEN 'mon' THEN 'month' WHEN 'dd' THEN 'day' ELSE lower(unit) END;
CREATE MACRO spark_date_trunc(unit, x) AS date_trunc(spark_time_unit(unit), spark_timestamp(x));
CREATE MACRO spark_day(x) AS CAST(day(spark_date(x)) AS INTEGER);
CREATE MACRO spark_dayname(x) AS left(dayname(spark_date(x)), 3);
CREATE MACRO spark_dayofweek(x) AS CAST(dayofweek(spark_date(x)) + 1 AS INTEGER);
CREATE MACRO spark_dayofyear(x) AS CAST(dayofyear(spark_date(x)) AS INTEGER);
CREATE MACRO spark_from_unixtime(n) AS strftime(CAST(to_timestamp(n) AS TIMESTAMP), '%Y-%m-%d %H:%M:%S'),
  (n, pattern) AS strftime(CAST(to_timestamp(n) AS TIMESTAMP), pattern);
CREATE MACRO spark_from_utc_timestamp(x, zone) AS
  CAST(timezone(zone, timezone('UTC', CAST(spark_timestamp(x) AS TIMESTAMP))) AS TIMESTAMPTZ);
CREATE MACRO spark_to_utc_timestamp(x, zone) AS
  CAST(timezone('UTC', timezone(zone, CAST(spark_timestamp(x) AS TIMESTAMP))) AS TIMESTAMPTZ);
CREATE MACRO spark_hour(x) AS CAST(hour(spark_timestamp(x)) AS INTEGER);
CREATE MACRO spark_last_day(x) AS last_day(spark_date(x));
CREATE MACRO spark_localtimestamp() AS CAST(now() AS TIMESTAMP);
CREATE MACRO spark_make_timestamp(y, mo, d, h, mi, s) AS
  CAST(make_timestamp(y, mo, d, h, mi, CAST(s AS DOUBLE)) AS TIMESTAMPTZ);
CREATE MACRO spark_minute(x) AS CAST(minute(spark_timestamp(x)) AS INTEGER);
CREATE MACRO spark_month(x) AS CAST(month(spark_date(x)) AS INTEGER);
CREATE MACRO spark_monthname(x) AS left(monthname(spark_date(x)), 3);
CREATE MACRO spark_months_between(a, b) AS
  spark_months_apart(CAST(spark_timestamp(a) AS TIMESTAMP), CAST(spark_timestamp(b) AS TIMESTAMP)),
  (a, b, rounded) AS
  spark_months_apart(CAST(spark_timestamp(a) AS TIMESTAMP), CAST(spark_timestamp(b) AS TIMESTAMP));
CREATE MACRO spark_months_apart(a, b) AS round((year(a) - year(b)) * 12 + month(a) - month(b) +
  CASE WHEN day(a) = day(b) OR (CAST(a AS DATE) = last_day(a) AND CAST(b AS DATE) = last_day(b)) THEN 0
    ELSE ((day(a) - day(b)) * 86400 + epoch(CAST(a AS TIME)) - epoch(CAST(b AS TIME))) / 2678400 END, 8);
CREATE MACRO spark_next_day(d, name) AS spark_date(d) + CAST(1 + (6 + list_position(
  ['mo', 'tu', 'we', 'th', 'fr', 'sa', 'su'], left(lower(name), 2)) - isodow(spark_date(d))) % 7 AS INTEGER);
CREATE MACRO spark_quarter(x) AS CAST(quarter(spark_date(x)) AS INTEGER);
CREATE MACRO spark_seconds(x) AS CAST(microsecond(spark_timestamp(x)) / 1000000.0 AS DECIMAL(8, 6));
CREATE MACRO spark_second(x) AS CAST(second(spark_timestamp(x)) AS INTEGER);
CREATE MACRO spark_timestamp_micros(n) AS make_timestamptz(CAST(n AS BIGINT));
CREATE MACRO spark_timestamp_millis(n) AS make_timestamptz(CAST(n AS BIGINT) * 1000);
CREATE MACRO spark_timestamp_seconds(n) AS to_timestamp(n);
CREATE MACRO spark_timestampadd(unit, n, x) AS spark_timestamp(x) + CASE spark_time_unit(unit)
  WHEN 'year' THEN to_years(CAST(n AS INTEGER)) WHEN 'quarter' THEN to_months(CAST(n * 3 AS INTEGER))
  WHEN 'month' THEN to_months(CAST(n AS INTEGER)) WHEN 'week' THEN to_days(CAST(n * 7 AS INTEGER))
  WHEN 'day' THEN to_days(CAST(n AS INTEGER)) WHEN 'dayofyear' THEN to_days(CAST(n AS INTEGER))
  WHEN 'hour' THEN to_hours(n) WHEN 'minute' THEN to_minutes(n) WHEN 'second' THEN to_seconds(n)
  WHEN 'millisecond' THEN to_milliseconds(n) WHEN 'microsecond' THEN to_microseconds(n)
  ELSE CAST(error('the unit ' || unit || ' is not known') AS INTERVAL) END;
CREATE MACRO spark_timestampdiff(unit, start, finish) AS CASE spark_time_unit(unit)
  WHEN 'year' THEN CAST(trunc(spark_whole_months(spark_timestamp(start), spark_timestamp(finish)) / 12) AS BIGINT)
  WHEN 'quarter' THEN CAST(trunc(spark_whole_months(spark_timestamp(start), spark_timestamp(finish)) / 3) AS BIGINT)
  WHEN 'month' THEN spark_whole_months(spark_timestamp(start), spark_timestamp(finish))
  ELSE date_sub(spark_time_unit(unit), spark_timestamp(start), spark_timestamp(finish)) END;
CREATE MACRO spark_whole_months(a, b) AS (year(b) - year(a)) * 12 + month(b) - month(a) - CASE
  WHEN b >= a AND (day(b), epoch(b) % 86400) < (day(a), epoch(a) % 86400) THEN 1
  WHEN b < a AND (day(b), epoch(b) % 86400) > (day(a), epoch(a) % 86400) THEN -1 ELSE 0 END;
-- The engine reads no "Z" for a zone.
CREATE MACRO spark_zoned_text(x, pattern) AS CASE WHEN ends_with(pattern, '%z') THEN regexp_replace(x, 'Z$', '+00') ELSE x END;
CREATE MACRO spark_is_time(x) AS typeof(x) IN ('DATE', 'TIMESTAMP', 'TIMESTAMP WITH TIME ZONE');
CREATE MACRO spark_to_date(x) AS spark_date(x),
  (x, pattern) AS CASE WHEN spark_is_time(x) THEN TRY_CAST(x AS DATE)
    ELSE CAST(strptime(spark_zoned_text(CAST(x AS VARCHAR), pattern), pattern) AS DATE) END;
CREATE MACRO spark_try_to_date(x) AS spark_try_date(x),
  (x, pattern) AS CASE WHEN spark_is_time(x) THEN TRY_CAST(x AS DATE)
    ELSE CAST(try_strptime(spark_zoned_text(CAST(x AS VARCHAR), pattern), pattern) AS DATE) END;
CREATE MACRO spark_to_timestamp(x) AS spark_cast_timestamp(x),
  (x, pattern) AS CASE WHEN spark_is_time(x) THEN TRY_CAST(x AS TIMESTAMPTZ)
    ELSE CAST(strptime(spark_zoned_text(CAST(x AS VARCHAR), pattern), pattern) AS TIMESTAMPTZ) END;
CREATE MACRO spark_try_to_timestamp(x) AS spark_try_cast_timestamp(x),
  (x, pattern) AS CASE WHEN spark_is_time(x) THEN TRY_CAST(x AS TIMESTAMPTZ)
    ELSE CAST(try_strptime(spark_zoned_text(CAST(x AS VARCHAR), pattern), pattern) AS TIMESTAMPTZ) END;
CREATE MACRO spark_to_timestamp_ntz(x) AS spark_timestamp_ntz(x),
  (x, pattern) AS CASE WHEN spark_is_time(x) THEN TRY_CAST(x AS TIMESTAMP)
    ELSE CAST(strptime(spark_zoned_text(CAST(x AS VARCHAR), pattern), pattern) AS TIMESTAMP) END;
CREATE MACRO spark_trunc(x, unit) AS CAST(date_trunc(spark_time_unit(unit), spark_date(x)) AS DATE);
CREATE MACRO spark_unix_date(d) AS CAST(spark_date(d) - DATE '1970-01-01' AS INTEGER);
CREATE MACRO spark_unix_micros(x) AS epoch_us(x);
CREATE MACRO spark_unix_millis(x) AS epoch_ms(x);
CREATE MACRO spark_unix_seconds(x) AS CAST(floor(epoch(x)) AS BIGINT);
CREATE MACRO spark_unix_timestamp() AS CAST(floor(epoch(now())) AS BIGINT),
  (x) AS CAST(floor(epoch(spark_timestamp(x))) AS BIGINT),
  (x, pattern) AS CAST(floor(epoch(spark_to_timestamp(x, pattern))) AS BIGINT);
CREATE MACRO spark_weekday(x) AS CAST((dayofweek(spark_date(x)) + 6) % 7 AS INTEGER);
CREATE MACRO spark_weekofyear(x) AS CAST(weekofyear(spark_date(x)) AS INTEGER);
CREATE MACRO spark_window(x, width) AS struct_pack(
  "start" := time_bucket(CAST(width AS INTERVAL), spark_timestamp(x), TIMESTAMPTZ '1970-01-01 00:00:00+00'),
  "end" := time_bucket(CAST(width AS INTERVAL), spark_timestamp(x), TIMESTAMPTZ '1970-01-01 00:00:00+00')
    + CAST(width AS INTERVAL));
CREATE MACRO spark_year(x) AS CAST(year(spark_date(x)) AS INTEGER);

-- JSON

CREATE MACRO spark_json_field(j, name) AS TRY(json_extract_string(j, '$."' || replace(name, '"', '\"') || '"'));
-- A path with * gives a JSON array of what it finds, or what it finds when that is one.
CREATE MACRO spark_json_matches(j, path) AS CASE len(TRY(json_extract(j, path))) WHEN 0 THEN NULL
  WHEN 1 THEN CAST(TRY(json_extract(j, path))[1] AS VARCHAR) ELSE CAST(to_json(TRY(json_extract(j, path))) AS VARCHAR) END;
CREATE MACRO spark_get_json_object(j, path) AS TRY(json_extract_string(j, path));
CREATE MACRO spark_json_array_length(j) AS
  CASE WHEN TRY(json_type(j)) = 'ARRAY' THEN CAST(json_array_length(j) AS INTEGER) END;
CREATE MACRO spark_json_object_keys(j) AS CASE WHEN TRY(json_type(j)) = 'OBJECT' THEN json_keys(j) END;
CREATE MACRO spark_to_json(x) AS CASE WHEN typeof(x) = 'VARIANT' THEN spark_variant_json(x)
  WHEN typeof(x) LIKE 'MAP(%' THEN CAST(to_json(x) AS VARCHAR) WHEN typeof(x) LIKE '%[]' THEN CAST(to_json(x) AS VARCHAR)
  ELSE CAST(json_merge_patch(CAST('{}' AS JSON), to_json(x)) AS VARCHAR) END;

-- Arrays and maps

CREATE MACRO spark_array_append(a, x) AS list_append(a, x);
CREATE MACRO spark_array_compact(a) AS list_filter(a, lambda e: e IS NOT NULL);
CREATE MACRO spark_array_contains(a, x) AS CASE WHEN x IS NULL OR a IS NULL THEN NULL
  WHEN list_contains(a, x) THEN true WHEN len(list_filter(a, lambda e: e IS NULL)) > 0 THEN NULL ELSE false END;
CREATE MACRO spark_array_distinct(a) AS
  list_filter(a, lambda e, i: len(list_filter(a[1:i - 1], lambda o: o IS NOT DISTINCT FROM e)) = 0);
CREATE MACRO spark_array_except(a, b) AS spark_array_distinct(
  list_filter(a, lambda e: len(list_filter(b, lambda o: o IS NOT DISTINCT FROM e)) = 0));
CREATE MACRO spark_array_intersect(a, b) AS spark_array_distinct(
  list_filter(a, lambda e: len(list_filter(b, lambda o: o IS NOT DISTINCT FROM e)) > 0));
CREATE MACRO spark_array_union(a, b) AS spark_array_distinct(list_concat(a, b));
CREATE MACRO spark_array_join(a, separator) AS coalesce(array_to_string(list_filter(a, lambda e: e IS NOT NULL), separator),
    CASE WHEN a IS NOT NULL THEN '' END),
  (a, separator, other) AS coalesce(array_to_string(list_transform(a, lambda e: coalesce(CAST(e AS VARCHAR), other)), separator),
    CASE WHEN a IS NOT NULL THEN '' END);
CREATE MACRO spark_array_max(a) AS list_max(a);
CREATE MACRO spark_array_min(a) AS list_min(a);
CREATE MACRO spark_array_position(a, x) AS CASE WHEN a IS NULL OR x IS NULL THEN NULL
  ELSE CAST(coalesce(list_position(a, x), 0) AS BIGINT) END;
CREATE MACRO spark_array_prepend(a, x) AS list_prepend(x, a);
CREATE MACRO spark_array_remove(a, x) AS list_filter(a, lambda e: e IS DISTINCT FROM x);
CREATE MACRO spark_array_repeat(x, n) AS list_transform(range(CAST(n AS BIGINT)), lambda i: x);
CREATE MACRO spark_array_size(a) AS CAST(len(a) AS INTEGER);
CREATE MACRO spark_array_sort(a) AS list_sort(a, 'ASC', 'NULLS LAST');
CREATE MACRO spark_arrays_overlap(a, b) AS list_has_any(a, b);
CREATE MACRO spark_element_at(x, i) AS
  CASE WHEN typeof(x) LIKE 'MAP(%' THEN x[i] ELSE x[spark_checked_position(i, spark_size(x))] END;
CREATE MACRO spark_try_element_at(x, i) AS x[i];
CREATE MACRO spark_get(a, i) AS CASE WHEN i >= 0 THEN a[i + 1] END;
CREATE MACRO spark_map_contains_key(m, k) AS list_contains(map_keys(m), k);
CREATE MACRO spark_map_from_arrays(k, v) AS map(k, v);
CREATE MACRO spark_sequence(a, b) AS
    list_transform(generate_series(CAST(a AS BIGINT), CAST(b AS BIGINT), CASE WHEN a <= b THEN 1 ELSE -1 END), lambda e: spark_like(a, e)),
  (a, b, step) AS list_transform(generate_series(CAST(a AS BIGINT), CAST(b AS BIGINT), step), lambda e: spark_like(a, e));
-- Each element is so many steps from the first: from the 31st, months end on their last day.
CREATE MACRO spark_time_sequence(a, b) AS list_transform(generate_series(a, b, INTERVAL 1 DAY), lambda e: spark_like(a, e)),
  (a, b, step) AS list_transform(list_filter(list_transform(range(len(generate_series(a, b, step)) + 1),
      lambda i: a + step * i), lambda e: CASE WHEN a + step >= a THEN e <= b ELSE e >= b END), lambda e: spark_like(a, e));

CREATE MACRO spark_slice(a, start, n) AS list_slice(a, CASE WHEN start < 0 THEN len(a) + start + 1 ELSE start END,
  CASE WHEN start < 0 THEN len(a) + start + 1 ELSE start END + n - 1);
CREATE MACRO spark_sort_array(a) AS list_sort(a, 'ASC', 'NULLS FIRST'),
  (a, ascending) AS CASE WHEN ascending THEN list_sort(a, 'ASC', 'NULLS FIRST') ELSE list_sort(a, 'DESC', 'NULLS LAST') END;

-- Numbers

CREATE MACRO spark_bit_count(x) AS CAST(bit_count(x) AS INTEGER);
CREATE MACRO spark_bround(x) AS round_even(x, 0), (x, digits) AS round_even(x, CAST(digits AS INTEGER));
CREATE MACRO spark_ceil(x) AS CAST(ceil(x) AS BIGINT), (x, digits) AS ceil(x * power(10, digits)) / power(10, digits);
CREATE MACRO spark_csc(x) AS 1 / sin(x);
CREATE MACRO spark_sec(x) AS 1 / cos(x);
CREATE MACRO spark_e() AS exp(1.0::DOUBLE);
CREATE MACRO spark_expm1(x) AS exp(x) - 1;
CREATE MACRO spark_factorial(x) AS CASE WHEN x BETWEEN 0 AND 20 THEN CAST(factorial(CAST(x AS INTEGER)) AS BIGINT) END;
CREATE MACRO spark_floor(x) AS CAST(floor(x) AS BIGINT), (x, digits) AS floor(x * power(10, digits)) / power(10, digits);
CREATE MACRO spark_getbit(x, i) AS CAST((x >> i) & 1 AS TINYINT);
CREATE MACRO spark_hypot(a, b) AS sqrt(a * a + b * b);
CREATE MACRO spark_isnan(x) AS coalesce(isnan(CAST(x AS DOUBLE)), false);
CREATE MACRO spark_ln(x) AS CASE WHEN x > 0 THEN ln(x) END;
CREATE MACRO spark_log(x) AS CASE WHEN x > 0 THEN ln(x) END, (base, x) AS CASE WHEN x > 0 AND base > 0 THEN ln(x) / ln(base) END;
CREATE MACRO spark_log10(x) AS CASE WHEN x > 0 THEN log10(x) END;
CREATE MACRO spark_log1p(x) AS CASE WHEN x > -1 THEN ln(1 + x) END;
CREATE MACRO spark_log2(x) AS CASE WHEN x > 0 THEN log2(x) END;
CREATE MACRO spark_negative(x) AS -x;
CREATE MACRO spark_positive(x) AS x;
CREATE MACRO spark_pmod(a, b) AS spark_remainder(spark_remainder(a, b) + b, b);
CREATE MACRO spark_mod(a, b) AS spark_remainder(a, b);
CREATE MACRO spark_rand() AS random(), (seed) AS random();
CREATE MACRO spark_randn() AS sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random());
CREATE MACRO spark_rint(x) AS round_even(CAST(x AS DOUBLE), 0);
CREATE MACRO spark_shiftleft(x, n) AS x << n;
CREATE MACRO spark_shiftright(x, n) AS x >> n;
CREATE MACRO spark_sign(x) AS CAST(sign(x) AS DOUBLE);
CREATE MACRO spark_sqrt(x) AS CASE WHEN x < 0 THEN CAST('NaN' AS DOUBLE) ELSE sqrt(x) END;
CREATE MACRO spark_sha2(x, bits) AS CASE WHEN bits IN (0, 256) THEN sha256(x)
  ELSE error('sha2 knows 256 bits only') END;
CREATE MACRO spark_try_add(a, b) AS TRY(a + b);
CREATE MACRO spark_try_divide(a, b) AS a / nullif(b, 0);
CREATE MACRO spark_try_mod(a, b) AS a % nullif(b, 0);
CREATE MACRO spark_try_multiply(a, b) AS TRY(a * b);
CREATE MACRO spark_try_subtract(a, b) AS TRY(a - b);
CREATE MACRO spark_width_bucket(x, low, high, n) AS CASE WHEN low < high THEN
    CASE WHEN x < low THEN 0 WHEN x >= high THEN CAST(n AS BIGINT) + 1
      ELSE CAST(floor(n * (x - low) / (high - low)) AS BIGINT) + 1 END
  ELSE CASE WHEN x > low THEN 0 WHEN x <= high THEN CAST(n AS BIGINT) + 1
      ELSE CAST(floor(n * (low - x) / (low - high)) AS BIGINT) + 1 END END;

-- Conditions

CREATE MACRO spark_assert_true(c) AS CASE WHEN c THEN NULL ELSE error('assert_true: the condition does not hold') END,
  (c, message) AS CASE WHEN c THEN NULL ELSE error(CAST(message AS VARCHAR)) END;
CREATE MACRO spark_equal_null(a, b) AS a IS NOT DISTINCT FROM b;
CREATE MACRO spark_iff(c, a, b) AS CASE WHEN c THEN a ELSE b END;
CREATE MACRO spark_isnotnull(x) AS x IS NOT NULL;
CREATE MACRO spark_isnull(x) AS x IS NULL;
CREATE MACRO spark_nanvl(a, b) AS CASE WHEN isnan(CAST(a AS DOUBLE)) THEN b ELSE a END;
CREATE MACRO spark_nullifzero(x) AS nullif(x, 0);
CREATE MACRO spark_nvl2(a, b, c) AS CASE WHEN a IS NOT NULL THEN b ELSE c END;
CREATE MACRO spark_raise_error(message) AS error(CAST(message AS VARCHAR));
CREATE MACRO spark_zeroifnull(x) AS coalesce(x, 0);
CREATE MACRO spark_typeof(x) AS replace(replace(replace(replace(lower(typeof(x)), 'integer', 'int'), 'varchar', 'string'),
  'timestamp with time zone', 'timestamp'), 'blob', 'binary');
