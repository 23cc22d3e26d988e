#include "cli/init_files.h"

#include "base/json.h"

namespace penstock::cli {
namespace {

constexpr char kProject[] = R"(
# Tables and Penstock's own data are kept below this folder.
storage: storage
libraries:
  - glob:
      include: pipeline/**
configuration:
  source: data
)";

constexpr char kBronze[] = R"(-- What arrives, as it arrives: each file is read exactly once.
CREATE OR REFRESH STREAMING TABLE bronze_orders
COMMENT 'Orders as they came'
AS SELECT * FROM STREAM read_files(
  '${source}/orders',
  format => 'json',
  schema => 'order_id BIGINT, customer STRING, country STRING, amount DECIMAL(10,2), ordered_at TIMESTAMP'
);
)";

constexpr char kSilver[] =
    R"(-- What may be relied on: rows that break a rule are set aside, dropped or counted.
CREATE OR REFRESH STREAMING TABLE silver_orders (
  CONSTRAINT has_id EXPECT (order_id IS NOT NULL) ON VIOLATION DROP ROW,
  CONSTRAINT positive_amount EXPECT (amount > 0) ON VIOLATION QUARANTINE,
  CONSTRAINT known_country EXPECT (country IN ('DE', 'FR', 'US'))
)
COMMENT 'Orders that can be relied on'
AS SELECT order_id, customer, upper(country) AS country, amount, ordered_at
FROM STREAM bronze_orders;
)";

constexpr char kGold[] =
    R"(-- What people look at: recomputed when silver_orders has changed, left alone otherwise.
CREATE OR REFRESH MATERIALIZED VIEW gold_revenue
COMMENT 'Revenue by country'
AS SELECT country, count(*) AS orders, sum(amount) AS revenue
FROM silver_orders
GROUP BY country;
)";

constexpr char kFirstDay[] =
    R"({"order_id": 1, "customer": "Ada", "country": "de", "amount": 19.90, "ordered_at": "2026-01-01T09:30:00Z"}
{"order_id": 2, "customer": "Blaise", "country": "fr", "amount": 5.00, "ordered_at": "2026-01-01T10:15:00Z"}
{"order_id": 3, "customer": "Grace", "country": "us", "amount": 120.50, "ordered_at": "2026-01-01T17:45:00Z"}
{"order_id": 4, "customer": "Ada", "country": "de", "amount": -19.90, "ordered_at": "2026-01-01T18:00:00Z"}
)";

constexpr char kSecondDay[] =
    R"({"order_id": 5, "customer": "Emmy", "country": "de", "amount": 42.00, "ordered_at": "2026-01-02T08:05:00Z"}
{"order_id": null, "customer": "Nobody", "country": "us", "amount": 1.00, "ordered_at": "2026-01-02T11:00:00Z"}
{"order_id": 6, "customer": "Srinivasa", "country": "in", "amount": 17.29, "ordered_at": "2026-01-02T12:00:00Z"}
)";

}  // namespace

std::vector<InitFile> InitFiles(const std::string& name) {
  return {{"penstock.yml", "name: " + DumpJson(Json(name)) + kProject},
          {"pipeline/bronze.sql", kBronze},
          {"pipeline/silver.sql", kSilver},
          {"pipeline/gold.sql", kGold},
          {"data/orders/2026-01-01.json", kFirstDay},
          {"data/orders/2026-01-02.json", kSecondDay},
          {".gitignore", "storage/\n"}};
}

}  // namespace penstock::cli
