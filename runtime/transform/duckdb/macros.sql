-- Functions of Trino and Athena that DuckDB has not, or has under another name
-- or meaning. One CREATE per statement; an overload per arity or type. The
-- cases are testdata/dialect.txt. What DuckDB itself means by a name that is
-- taken over here is system.main.<name>.

-- Dates and times. date_diff counts whole units, as Trino's does.
CREATE TEMP MACRO date_diff(unit, a, b) AS system.main.date_sub(unit, a, b);
CREATE TEMP MACRO __interval(unit, n) AS CASE lower(unit)
    WHEN 'millisecond' THEN to_milliseconds(n) WHEN 'second' THEN to_seconds(n)
    WHEN 'minute' THEN to_minutes(n) WHEN 'hour' THEN to_hours(n)
    WHEN 'day' THEN to_days(n::INT) WHEN 'week' THEN to_weeks(n::INT)
    WHEN 'month' THEN to_months(n::INT) WHEN 'quarter' THEN to_months((3 * n)::INT)
    WHEN 'year' THEN to_years(n::INT)
    ELSE error('date_add: unknown unit ' || unit) END;
CREATE TEMP MACRO date_add(a, b) AS a + b,
    (unit VARCHAR, n, t DATE) AS (t + __interval(unit, n))::DATE,
    (unit VARCHAR, n, t TIMESTAMP) AS t + __interval(unit, n),
    (unit VARCHAR, n, t TIMESTAMPTZ) AS t + __interval(unit, n);
CREATE TEMP MACRO date_trunc(unit, t DATE) AS system.main.date_trunc(unit, t)::DATE,
    (unit, t TIMESTAMP) AS system.main.date_trunc(unit, t),
    (unit, t TIMESTAMPTZ) AS system.main.date_trunc(unit, t);
CREATE TEMP MACRO date_part(unit, t) AS CASE WHEN lower(unit) IN ('dow', 'day_of_week') THEN isodow(t)
    ELSE system.main.date_part(unit, t) END;
CREATE TEMP MACRO __mysql_format(f) AS replace(replace(replace(replace(replace(replace(replace(replace(replace(f,
    '%M', '%\1'), '%i', '%M'), '%s', '%S'), '%h', '%I'), '%T', '%H:%M:%S'), '%e', '%-d'), '%c', '%-m'), '%\1', '%B'), '%W', '%A');
-- Only for a format that is computed: portable.go translates one that is written out.
CREATE TEMP MACRO date_format(t, f) AS strftime(t, __mysql_format(f));
CREATE TEMP MACRO __joda_format(f) AS replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(f,
    'yyyy', '%Y'), 'YYYY', '%Y'), 'MMMM', '%B'), 'MMM', '%b'), 'MM', '%m'), 'dd', '%d'), 'HH', '%H'), 'mm', '%M'),
    'SSS', '%g'), 'ss', '%S'), 'EEE', '%a'), '''', '');
CREATE TEMP MACRO format_datetime(t, f) AS strftime(t, __joda_format(f));
CREATE TEMP MACRO from_unixtime(x) AS to_timestamp(x);
CREATE TEMP MACRO to_unixtime(t) AS epoch(t);
CREATE TEMP MACRO from_iso8601_timestamp(s) AS s::TIMESTAMPTZ;
CREATE TEMP MACRO from_iso8601_date(s) AS s::DATE;
CREATE TEMP MACRO to_iso8601(t DATE) AS strftime(t, '%Y-%m-%d'),
    (t TIMESTAMP) AS strftime(t, '%Y-%m-%dT%H:%M:%S.%g'),
    (t TIMESTAMPTZ) AS strftime(t, '%Y-%m-%dT%H:%M:%S.%gZ');
CREATE TEMP MACRO day_of_week(t) AS isodow(t);
CREATE TEMP MACRO dow(t) AS isodow(t);
CREATE TEMP MACRO day_of_month(t) AS day(t);
CREATE TEMP MACRO day_of_year(t) AS dayofyear(t);
CREATE TEMP MACRO doy(t) AS dayofyear(t);
CREATE TEMP MACRO week_of_year(t) AS week(t);
CREATE TEMP MACRO year_of_week(t) AS isoyear(t);
CREATE TEMP MACRO yow(t) AS isoyear(t);
CREATE TEMP MACRO last_day_of_month(t) AS last_day(t);
CREATE TEMP MACRO date(x) AS CAST(x AS DATE);
CREATE TEMP MACRO with_timezone(t, zone) AS timezone(zone, t::TIMESTAMP);
-- The wall clock in a zone; portable.go lets it pass only where that is cast at once.
CREATE TEMP MACRO at_timezone(t, zone) AS timezone(zone, t::TIMESTAMPTZ);

-- Text. concat and greatest with NULL give NULL, as in Trino.
CREATE TEMP MACRO concat(a, b) AS a || b,
    (a, b, c) AS a || b || c,
    (a, b, c, d) AS a || b || c || d,
    (a, b, c, d, e) AS a || b || c || d || e,
    (a, b, c, d, e, f) AS a || b || c || d || e || f,
    (a, b, c, d, e, f, g) AS a || b || c || d || e || f || g,
    (a, b, c, d, e, f, g, h) AS a || b || c || d || e || f || g || h,
    (a, b, c, d, e, f, g, h, i) AS a || b || c || d || e || f || g || h || i,
    (a, b, c, d, e, f, g, h, i, j) AS a || b || c || d || e || f || g || h || i || j;
CREATE TEMP MACRO regexp_like(s, p) AS regexp_matches(s, p);
CREATE TEMP MACRO regexp_extract(s, p) AS CASE WHEN regexp_matches(s, p) THEN system.main.regexp_extract(s, p) END,
    (s, p, g) AS CASE WHEN regexp_matches(s, p) THEN system.main.regexp_extract(s, p, g) END;
CREATE TEMP MACRO regexp_replace(s, p) AS system.main.regexp_replace(s, p, '', 'g'),
    (s, p, r) AS system.main.regexp_replace(s, p, system.main.regexp_replace(r, '\$(\d)', '\\\1', 'g'), 'g');
CREATE TEMP MACRO regexp_count(s, p) AS len(regexp_extract_all(s, p));
CREATE TEMP MACRO regexp_split(s, p) AS regexp_split_to_array(s, p);
CREATE TEMP MACRO codepoint(s) AS unicode(s);
CREATE TEMP MACRO levenshtein_distance(a, b) AS levenshtein(a, b);
CREATE TEMP MACRO format(f, a) AS printf(f, a), (f, a, b) AS printf(f, a, b), (f, a, b, c) AS printf(f, a, b, c),
    (f, a, b, c, d) AS printf(f, a, b, c, d);
CREATE TEMP MACRO url_extract_host(u) AS nullif(system.main.regexp_extract(u, '^[a-z]+://([^/:?#]+)', 1), '');
CREATE TEMP MACRO url_extract_path(u) AS system.main.regexp_extract(u, '^[a-z]+://[^/?#]+([^?#]*)', 1);
CREATE TEMP MACRO url_extract_parameter(u, p) AS nullif(system.main.regexp_extract(u, '[?&]' || p || '=([^&#]*)', 1), '');
CREATE TEMP MACRO split_to_map(s, d1, d2) AS map_from_entries(
    list_transform(string_split(s, d1), lambda x: (split_part(x, d2, 1), split_part(x, d2, 2))));

-- Comparisons.
CREATE TEMP MACRO greatest(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL WHEN a >= b THEN a ELSE b END,
    (a, b, c) AS CASE WHEN a IS NULL OR b IS NULL OR c IS NULL THEN NULL ELSE system.main.greatest(a, b, c) END,
    (a, b, c, d) AS CASE WHEN a IS NULL OR b IS NULL OR c IS NULL OR d IS NULL THEN NULL ELSE system.main.greatest(a, b, c, d) END;
CREATE TEMP MACRO least(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL WHEN a <= b THEN a ELSE b END,
    (a, b, c) AS CASE WHEN a IS NULL OR b IS NULL OR c IS NULL THEN NULL ELSE system.main.least(a, b, c) END,
    (a, b, c, d) AS CASE WHEN a IS NULL OR b IS NULL OR c IS NULL OR d IS NULL THEN NULL ELSE system.main.least(a, b, c, d) END;

-- JSON.
CREATE TEMP MACRO json_extract_scalar(j, p) AS CASE json_type(j, p) WHEN 'OBJECT' THEN NULL WHEN 'ARRAY' THEN NULL
    ELSE json_extract_string(j, p) END;
CREATE TEMP MACRO __json_path(p) AS CASE WHEN starts_with(p, 'lax ') THEN substr(p, 5) WHEN starts_with(p, 'strict ') THEN substr(p, 8) ELSE p END;
CREATE TEMP MACRO json_value(j, p) AS CASE json_type(j, __json_path(p)) WHEN 'OBJECT' THEN NULL WHEN 'ARRAY' THEN NULL
    ELSE json_extract_string(j, __json_path(p)) END;
CREATE TEMP MACRO json_query(j, p) AS CASE WHEN json_type(j, __json_path(p)) IN ('OBJECT', 'ARRAY')
    THEN CAST(json_extract(j, __json_path(p)) AS VARCHAR) END;
CREATE TEMP MACRO json_parse(s) AS s::JSON;
CREATE TEMP MACRO json_format(j) AS j::VARCHAR;
CREATE TEMP MACRO json_size(j, p) AS coalesce(json_array_length(j, p), 0);
CREATE TEMP MACRO json_array_contains(j, v) AS list_contains(j::JSON::VARCHAR[], v::VARCHAR);

-- Arrays and maps.
CREATE TEMP MACRO cardinality(a) AS len(a);
CREATE TEMP MACRO element_at(a, i) AS a[i];
CREATE TEMP MACRO array_join(a, d) AS array_to_string(a, d),
    (a, d, n) AS array_to_string(list_transform(a, lambda x: coalesce(x::VARCHAR, n)), d);
CREATE TEMP MACRO array_sort(a) AS list_sort(a, 'ASC', 'NULLS LAST');
CREATE TEMP MACRO array_max(a) AS list_max(a);
CREATE TEMP MACRO array_min(a) AS list_min(a);
CREATE TEMP MACRO array_position(a, x) AS coalesce(list_position(a, x), 0);
CREATE TEMP MACRO array_remove(a, x) AS list_filter(a, lambda y: y <> x);
CREATE TEMP MACRO array_except(a, b) AS list_distinct(list_filter(a, lambda y: NOT list_contains(b, y)));
CREATE TEMP MACRO array_union(a, b) AS list_distinct(list_concat(a, b));
CREATE TEMP MACRO arrays_overlap(a, b) AS list_has_any(a, b);
CREATE TEMP MACRO slice(a, s, l) AS list_slice(a, CASE WHEN s < 0 THEN len(a) + s + 1 ELSE s END,
    CASE WHEN s < 0 THEN len(a) + s ELSE s - 1 END + l);
CREATE TEMP MACRO sequence(a DATE, b DATE) AS list_transform(generate_series(a, b, INTERVAL 1 DAY), lambda x: x::DATE),
    (a DATE, b DATE, s INTERVAL) AS list_transform(generate_series(a, b, s), lambda x: x::DATE),
    (a BIGINT, b BIGINT) AS generate_series(a, b),
    (a BIGINT, b BIGINT, s BIGINT) AS generate_series(a, b, s),
    (a TIMESTAMP, b TIMESTAMP, s INTERVAL) AS generate_series(a, b, s);
CREATE TEMP MACRO map_agg(k, v) AS map(list(k), list(v));

-- Aggregates.
CREATE TEMP MACRO approx_distinct(x) AS approx_count_distinct(x), (x, e) AS approx_count_distinct(x);
CREATE TEMP MACRO approx_percentile(x, p) AS approx_quantile(x, p);
CREATE TEMP MACRO bitwise_and_agg(x) AS bit_and(x);
CREATE TEMP MACRO bitwise_or_agg(x) AS bit_or(x);
CREATE TEMP MACRO every(x) AS bool_and(x);
CREATE TEMP MACRO geometric_mean(x) AS exp(avg(ln(x)));

-- Binary. Of text the digests stay DuckDB's hexadecimal text, which Trino refuses.
CREATE TEMP MACRO to_utf8(s) AS encode(s);
CREATE TEMP MACRO from_utf8(b) AS decode(b);
CREATE TEMP MACRO to_hex(b) AS hex(b);
CREATE TEMP MACRO from_hex(s) AS unhex(s);
CREATE TEMP MACRO md5(s VARCHAR) AS system.main.md5(s), (b BLOB) AS unhex(system.main.md5(b));
CREATE TEMP MACRO sha1(s VARCHAR) AS system.main.sha1(s), (b BLOB) AS unhex(system.main.sha1(b));
CREATE TEMP MACRO sha256(s VARCHAR) AS system.main.sha256(s), (b BLOB) AS unhex(system.main.sha256(b));

-- Numbers.
CREATE TEMP MACRO truncate(x) AS trunc(x), (x, n) AS trunc(x * power(10, n)) / power(10, n);
CREATE TEMP MACRO bitwise_and(a, b) AS a & b;
CREATE TEMP MACRO bitwise_or(a, b) AS a | b;
CREATE TEMP MACRO bitwise_xor(a, b) AS xor(a, b);
CREATE TEMP MACRO is_nan(x) AS isnan(x);
CREATE TEMP MACRO nan() AS 'nan'::DOUBLE;
CREATE TEMP MACRO infinity() AS 'inf'::DOUBLE;
CREATE TEMP MACRO rand() AS random();
