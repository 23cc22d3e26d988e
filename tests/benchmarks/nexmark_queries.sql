-- Nexmark's queries as views of all that came so far, over tables of the same names and columns. Left out: q5, q11 and q12,
-- whose windows slide or close by a watermark or the time of processing.
CREATE MATERIALIZED VIEW q0 AS SELECT auction, bidder, price, date_time, extra FROM bid;

CREATE MATERIALIZED VIEW q1 AS SELECT auction, bidder, 0.908 * price AS price, date_time, extra FROM bid;

CREATE MATERIALIZED VIEW q2 AS SELECT auction, price FROM bid WHERE auction % 13 = 0;

CREATE MATERIALIZED VIEW q3 AS
SELECT p.name, p.city, p.state, a.id FROM auction a JOIN person p ON a.seller = p.id
WHERE a.category = 10 AND p.state IN ('OR', 'ID', 'CA');

CREATE MATERIALIZED VIEW q4 AS
SELECT category, avg(final) AS price
FROM (SELECT a.id, a.category, max(b.price) AS final FROM auction a JOIN bid b ON a.id = b.auction
  WHERE b.date_time BETWEEN a.date_time AND a.expires GROUP BY a.id, a.category) AS q
GROUP BY category;

CREATE MATERIALIZED VIEW q6 AS
SELECT id, seller, avg(price) OVER (PARTITION BY seller ORDER BY date_time, id ROWS BETWEEN 10 PRECEDING AND CURRENT ROW)
  AS price
FROM (SELECT id, seller, price, date_time,
    row_number() OVER (PARTITION BY id, seller ORDER BY price DESC, date_time) AS place
  FROM (SELECT a.id, a.seller, b.price, b.date_time FROM auction a JOIN bid b ON a.id = b.auction
    WHERE b.date_time BETWEEN a.date_time AND a.expires) AS bids) AS winners
WHERE place = 1;

CREATE MATERIALIZED VIEW q7 AS
SELECT b.auction, b.price, b.bidder, b.date_time
FROM bid b JOIN (SELECT date_trunc('minute', date_time) AS minute, max(price) AS price FROM bid
  GROUP BY date_trunc('minute', date_time)) AS m
ON b.price = m.price AND date_trunc('minute', b.date_time) = m.minute;

CREATE MATERIALIZED VIEW q8 AS
SELECT p.id, p.name, p.minute
FROM (SELECT DISTINCT id, name, date_trunc('minute', date_time) AS minute FROM person) AS p
JOIN (SELECT DISTINCT seller, date_trunc('minute', date_time) AS minute FROM auction) AS a
ON p.id = a.seller AND p.minute = a.minute;

CREATE MATERIALIZED VIEW q9 AS
SELECT id, seller, category, auction, bidder, price, bid_time
FROM (SELECT a.id, a.seller, a.category, b.auction, b.bidder, b.price, b.date_time AS bid_time,
    row_number() OVER (PARTITION BY a.id ORDER BY b.price DESC, b.date_time, b.bidder) AS place
  FROM auction a JOIN bid b ON a.id = b.auction AND b.date_time BETWEEN a.date_time AND a.expires) AS q
WHERE place <= 1;

CREATE MATERIALIZED VIEW q10 AS
SELECT auction, bidder, price, date_time, extra, CAST(date_time AS DATE) AS day, extract(MINUTE FROM date_time) AS minute
FROM bid;

CREATE MATERIALIZED VIEW q13 AS
SELECT b.auction, b.bidder, b.price, b.date_time, s.name AS side FROM bid b JOIN person s ON b.auction % 7 = s.id;

CREATE MATERIALIZED VIEW q14 AS
SELECT auction, bidder, 0.908 * price AS price,
  CASE WHEN extract(HOUR FROM date_time) BETWEEN 8 AND 18 THEN 'day'
    WHEN extract(HOUR FROM date_time) <= 6 OR extract(HOUR FROM date_time) >= 20 THEN 'night' ELSE 'other' END AS bid_time,
  date_time, length(extra) - length(replace(extra, 'c', '')) AS c_counts
FROM bid WHERE 0.908 * price > 100 AND 0.908 * price < 50000;

CREATE MATERIALIZED VIEW q15 AS
SELECT CAST(date_time AS DATE) AS day, count(*) AS total, count(*) FILTER (WHERE price < 1000) AS rank1,
  count(*) FILTER (WHERE price >= 1000 AND price < 5000) AS rank2, count(*) FILTER (WHERE price >= 5000) AS rank3,
  count(DISTINCT bidder) AS bidders, count(DISTINCT bidder) FILTER (WHERE price < 1000) AS rank1_bidders,
  count(DISTINCT auction) AS auctions, count(DISTINCT auction) FILTER (WHERE price >= 5000) AS rank3_auctions
FROM bid GROUP BY CAST(date_time AS DATE);

CREATE MATERIALIZED VIEW q16 AS
SELECT channel, CAST(date_time AS DATE) AS day, max(extract(MINUTE FROM date_time)) AS minute, count(*) AS total,
  count(*) FILTER (WHERE price < 1000) AS rank1, count(DISTINCT bidder) AS bidders,
  count(DISTINCT bidder) FILTER (WHERE price < 1000) AS rank1_bidders, count(DISTINCT auction) AS auctions
FROM bid GROUP BY channel, CAST(date_time AS DATE);

CREATE MATERIALIZED VIEW q17 AS
SELECT auction, CAST(date_time AS DATE) AS day, count(*) AS total, count(*) FILTER (WHERE price < 1000) AS rank1,
  min(price) AS min_price, max(price) AS max_price, avg(price) AS avg_price, sum(price) AS sum_price
FROM bid GROUP BY auction, CAST(date_time AS DATE);

CREATE MATERIALIZED VIEW q18 AS
SELECT auction, bidder, price, channel, date_time
FROM (SELECT auction, bidder, price, channel, date_time,
    row_number() OVER (PARTITION BY bidder, auction ORDER BY date_time DESC, price, channel) AS place FROM bid) AS q
WHERE place <= 1;

CREATE MATERIALIZED VIEW q19 AS
SELECT auction, bidder, price, date_time, place
FROM (SELECT auction, bidder, price, date_time,
    row_number() OVER (PARTITION BY auction ORDER BY price DESC, date_time, bidder) AS place FROM bid) AS q
WHERE place <= 10;

CREATE MATERIALIZED VIEW q20 AS
SELECT b.auction, b.bidder, b.price, b.channel, b.date_time, a.item_name, a.initial_bid, a.reserve, a.seller, a.category
FROM bid b JOIN auction a ON b.auction = a.id WHERE a.category = 10;

CREATE MATERIALIZED VIEW q21 AS
SELECT auction, bidder, price, channel,
  CASE WHEN lower(channel) = 'apple' THEN '0' WHEN lower(channel) = 'google' THEN '1'
    WHEN lower(channel) = 'facebook' THEN '2' ELSE split_part(url, '=', 2) END AS channel_id
FROM bid WHERE lower(channel) IN ('apple', 'google', 'facebook') OR split_part(url, '=', 2) <> '';

CREATE MATERIALIZED VIEW q22 AS
SELECT auction, bidder, price, channel, split_part(url, '/', 4) AS dir1, split_part(url, '/', 5) AS dir2,
  split_part(url, '/', 6) AS dir3
FROM bid;
