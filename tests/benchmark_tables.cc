#include "tests/benchmark_tables.h"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "base/text.h"

namespace penstock::tests {
namespace {

// Number 0 … limit - 1 by chance, of the row `of`.
std::string Number(const char* of, int salt, int limit) {
  return fmt::format("CAST(hash({}, {}) % {} AS INTEGER)", of, salt, limit);
}

std::string OneOf(const char* of, int salt, const std::vector<const char*>& values) {
  std::string list;
  for (const char* value : values) list += (list.empty() ? "'" : ", '") + std::string(value) + "'";
  return "([" + list + "])[1 + " + Number(of, salt, static_cast<int>(values.size())) + "]";
}

std::string Money(const std::string& cents) {
  return "CAST((" + cents + ") / 100.0 AS DECIMAL(15,2))";
}

// "id BIGINT, name VARCHAR"
RandomTable Table(const std::string& name, const std::string& columns) {
  RandomTable table{name, {}};
  std::istringstream stream(columns);
  for (std::string name_of, type; stream >> name_of >> type;) {
    if (type.ends_with(';')) type.pop_back();
    table.columns.push_back({name_of, Kind::kInteger, type});
  }
  return table;
}

// ---- TPC-H

constexpr int kOrders = 1500;
constexpr int kParts = 200;
constexpr int kSuppliers = 50;
constexpr int kCustomers = 150;
constexpr int kOrdersOfBatch = 8;

std::vector<RandomTable> TpchTables() {
  return {
      Table("region", "r_regionkey INT; r_name STRING; r_comment STRING"),
      Table("nation", "n_nationkey INT; n_name STRING; n_regionkey INT; n_comment STRING"),
      Table("supplier",
            "s_suppkey INT; s_name STRING; s_address STRING; s_nationkey INT; s_phone STRING; "
            "s_acctbal DECIMAL(15,2); s_comment STRING"),
      Table("customer",
            "c_custkey INT; c_name STRING; c_address STRING; c_nationkey INT; c_phone STRING; "
            "c_acctbal DECIMAL(15,2); c_mktsegment STRING; c_comment STRING"),
      Table("part",
            "p_partkey INT; p_name STRING; p_mfgr STRING; p_brand STRING; p_type STRING; p_size "
            "INT; p_container STRING; p_retailprice DECIMAL(15,2); p_comment STRING"),
      Table("partsupp",
            "ps_partkey INT; ps_suppkey INT; ps_availqty INT; ps_supplycost DECIMAL(15,2); "
            "ps_comment STRING"),
      Table("orders",
            "o_orderkey INT; o_custkey INT; o_orderstatus STRING; o_totalprice DECIMAL(15,2); "
            "o_orderdate DATE; o_orderpriority STRING; o_clerk STRING; o_shippriority INT; "
            "o_comment STRING"),
      Table("lineitem",
            "l_orderkey INT; l_partkey INT; l_suppkey INT; l_linenumber INT; l_quantity "
            "DECIMAL(15,2); l_extendedprice DECIMAL(15,2); l_discount DECIMAL(15,2); l_tax "
            "DECIMAL(15,2); l_returnflag STRING; l_linestatus STRING; l_shipdate DATE; "
            "l_commitdate DATE; l_receiptdate DATE; l_shipinstruct STRING; l_shipmode STRING; "
            "l_comment STRING")};
}

std::string Places() {
  return "INSERT INTO region SELECT i, (['AFRICA', 'AMERICA', 'ASIA', 'EUROPE', 'MIDDLE EAST'])"
         "[i + 1], '' FROM range(5) AS r(i)";
}

std::string Nations() {
  return "INSERT INTO nation SELECT i - 1, (['ALGERIA', 'ARGENTINA', 'BRAZIL', 'CANADA', 'EGYPT', "
         "'ETHIOPIA', 'FRANCE', 'GERMANY', 'INDIA', 'INDONESIA', 'IRAN', 'IRAQ', 'JAPAN', "
         "'JORDAN', "
         "'KENYA', 'MOROCCO', 'MOZAMBIQUE', 'PERU', 'CHINA', 'ROMANIA', 'SAUDI ARABIA', 'VIETNAM', "
         "'RUSSIA', 'UNITED KINGDOM', 'UNITED STATES'])[i], ([0, 1, 1, 1, 4, 0, 3, 3, 2, 2, 4, 4, "
         "2, 4, 0, 0, 0, 1, 2, 3, 4, 2, 3, 3, 1])[i], '' FROM range(1, 26) AS r(i)";
}

std::string Suppliers(int first, int end) {
  return fmt::format(
      "INSERT INTO supplier SELECT i, 'Supplier ' || i, 'Road ' || i, i % 25, (10 + i % 25) || '-' "
      "|| {}, {}, {} FROM range({}, {}) AS r(i)",
      Number("i", 1, 9999), Money(Number("i", 2, 1000000)),
      OneOf("i", 3, {"", "", "Customer and their Complaints", "slow"}), first, end);
}

std::string Customers(int first, int end) {
  return fmt::format(
      "INSERT INTO customer SELECT i, 'Customer ' || i, 'Street ' || i, i % 25, (10 + i % 25) || "
      "'-' || {}, {}, {}, '' FROM range({}, {}) AS r(i)",
      Number("i", 11, 9999), Money(Number("i", 12, 1000000) + " - 99900"),
      OneOf("i", 13, {"BUILDING", "AUTOMOBILE", "MACHINERY"}), first, end);
}

std::string Parts(int first, int end) {
  const std::vector<const char*> colors = {"forest", "green", "azure", "linen", "misty"};
  return fmt::format(
      "INSERT INTO part SELECT i, {} || ' ' || {}, 'Manufacturer#' || i % 5, {}, {}, "
      "CAST({} AS INTEGER), {}, {}, '' FROM range({}, {}) AS r(i)",
      OneOf("i", 21, colors), OneOf("i", 22, colors),
      OneOf("i", 23, {"Brand#12", "Brand#23", "Brand#34", "Brand#45"}),
      OneOf("i", 24,
            {"ECONOMY ANODIZED STEEL", "STANDARD POLISHED BRASS", "PROMO BURNISHED COPPER",
             "MEDIUM POLISHED TIN", "SMALL PLATED BRASS"}),
      OneOf("i", 25, {"15", "49", "14", "23", "3", "5", "9"}),
      OneOf("i", 26, {"SM CASE", "MED BOX", "LG PACK", "MED BAG"}),
      Money("90000 + " + Number("i", 27, 20000)), first, end);
}

std::string PartSuppliers(int first, int end) {
  return fmt::format(
      "INSERT INTO partsupp SELECT i, (i + n * 13) % {}, {}, {}, '' FROM range({}, {}) AS r(i), "
      "range(4) AS s(n)",
      kSuppliers, Number("i * 4 + n", 31, 200), Money("100 + " + Number("i * 4 + n", 32, 99900)),
      first, end);
}

std::string DateOf(const char* order) {
  return "(DATE '1992-01-01' + " + Number(order, 41, 2405) + ")";
}

// A third of the customers never order.
std::string Orders(int first, int end) {
  return fmt::format(
      "INSERT INTO orders SELECT i, 1 + 3 * {} + {}, CASE WHEN {} < DATE '1995-03-01' THEN 'F' "
      "ELSE 'O' END, {}, {}, {}, 'Clerk', 0, {} FROM range({}, {}) AS r(i)",
      Number("i", 42, kCustomers / 3), Number("i", 43, 2), DateOf("i"),
      Money("100000 + " + Number("i", 44, 9000000)), DateOf("i"),
      OneOf("i", 45, {"1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW"}),
      OneOf("i", 46, {"", "", "special parcel requests"}), first, end);
}

// One to seven lines; every fortieth order is large.
std::string Lines(int first, int end) {
  return fmt::format(
      "INSERT INTO lineitem SELECT o, p, (p + {} * 13) % {}, n, q, CAST(q * {} AS DECIMAL(15,2)), "
      "{}, {}, CASE WHEN received > DATE '1995-06-17' THEN 'N' ELSE {} END, CASE WHEN shipped > "
      "DATE '1995-06-17' THEN 'O' ELSE 'F' END, shipped, {} + 30 + {}, received, {}, {}, '' FROM "
      "(SELECT *, shipped + 1 + {} AS received FROM (SELECT o, n, o * 8 + n AS i, {} AS p, "
      "CAST(CASE "
      "WHEN o % 40 = 0 THEN 45 + n % 6 ELSE 1 + {} END AS DECIMAL(15,2)) AS q, {} + 1 + {} AS "
      "shipped FROM range({}, {}) AS r(o), range(1, 8) AS s(n) WHERE n <= 1 + {} OR o % 40 = 0))",
      Number("i", 51, 4), kSuppliers, Money("90000 + " + Number("p", 27, 20000)),
      Money(Number("i", 52, 11)), Money(Number("i", 53, 9)), OneOf("i", 54, {"R", "A"}),
      DateOf("o"), Number("i", 55, 60), OneOf("i", 56, {"DELIVER IN PERSON", "NONE"}),
      OneOf("i", 57, {"AIR", "MAIL", "SHIP", "REG AIR", "RAIL"}), Number("i", 58, 30),
      Number("o * 8 + n", 59, kParts), Number("o * 8 + n", 60, 50), DateOf("o"),
      Number("o * 8 + n", 61, 121), first, end, Number("o", 62, 7));
}

std::vector<std::string> TpchBatch(int i) {
  const int first = kOrders + i * kOrdersOfBatch;
  const int gone = i * 60;
  std::vector<std::string> batch = {
      Orders(first, first + kOrdersOfBatch),
      Lines(first, first + kOrdersOfBatch),
      fmt::format("DELETE FROM lineitem WHERE l_orderkey BETWEEN {} AND {}", gone, gone + 4),
      fmt::format("DELETE FROM orders WHERE o_orderkey BETWEEN {} AND {}", gone, gone + 4),
      fmt::format("UPDATE lineitem SET l_quantity = 1 + l_linenumber, l_discount = 0.06 WHERE "
                  "l_orderkey BETWEEN {} AND {}",
                  gone + 30, gone + 33),
      fmt::format("UPDATE orders SET o_orderpriority = '1-URGENT', o_comment = '' WHERE o_orderkey "
                  "BETWEEN {} AND {}",
                  gone + 33, gone + 36)};
  const std::vector<std::string> others = {
      fmt::format("UPDATE customer SET c_acctbal = c_acctbal + 500 WHERE c_custkey % 30 = {}", i),
      fmt::format("UPDATE part SET p_name = 'forest green', p_size = 15, p_brand = 'Brand#23', "
                  "p_container = 'MED BOX' WHERE p_partkey % 50 = {}",
                  i),
      fmt::format("UPDATE partsupp SET ps_supplycost = 1, ps_availqty = ps_availqty * 3 WHERE "
                  "ps_partkey % 50 = {}",
                  i),
      fmt::format("UPDATE supplier SET s_comment = 'Customer and their Complaints' WHERE s_suppkey "
                  "= {}",
                  i),
      "DELETE FROM customer WHERE c_custkey % 50 = " + std::to_string(i)};
  batch.push_back(others[static_cast<size_t>(i) % others.size()]);
  if (i % 7 == 6) batch.push_back(Customers(kCustomers + i, kCustomers + i + 1));
  return batch;
}

// ---- Nexmark

constexpr int kBids = 1500;
constexpr int kBidsOfBatch = 24;  // and two auctions and one person

std::string At(const std::string& seconds) {
  return "TIMESTAMP '2024-01-01 00:00:00' + to_seconds(" + seconds + ")";
}

std::string Persons(int first, int end) {
  return fmt::format(
      "INSERT INTO person SELECT i, 'Person ' || i, i || '@example', {}, {}, {}, '' FROM range({}, "
      "{}) AS r(i)",
      OneOf("i", 71, {"Boise", "Portland", "Phoenix"}), OneOf("i", 72, {"OR", "ID", "CA", "AZ"}),
      At("i * 1200"), first, end);
}

std::string Auctions(int first, int end) {
  return fmt::format(
      "INSERT INTO auction SELECT i, 'Item ' || i, {}, {}, {}, {}, i // 2, 10 + {}, '' FROM "
      "range({}, {}) AS r(i)",
      Number("i", 73, 100), Number("i", 74, 1000), At("i * 600"),
      At("i * 600 + 900 + " + Number("i", 75, 1800)), Number("i", 76, 4), first, end);
}

// A bid every 50 seconds, on one of the auctions of that time.
std::string Bids(int first, int end) {
  return fmt::format(
      "INSERT INTO bid SELECT greatest(0, i // 12 - {}), {}, {}, {}, 'https://shop.example/' || {} "
      "|| '/item/' || i || {}, {}, {} FROM range({}, {}) AS r(i)",
      Number("i", 81, 4), Number("i", 82, 60), Number("i", 83, 9000),
      OneOf("i", 84, {"Apple", "Google", "Facebook", "Baidu", "channel-1"}),
      OneOf("i", 85, {"a", "b"}), OneOf("i", 86, {"", "?channel_id=7"}), At("i * 50"),
      OneOf("i", 87, {"abc", "ccc", ""}), first, end);
}

std::vector<RandomTable> NexmarkTables() {
  return {
      Table("person",
            "id BIGINT; name STRING; email_address STRING; city STRING; state STRING; date_time "
            "TIMESTAMP; extra STRING"),
      Table("auction",
            "id BIGINT; item_name STRING; initial_bid BIGINT; reserve BIGINT; date_time "
            "TIMESTAMP; expires TIMESTAMP; seller BIGINT; category BIGINT; extra STRING"),
      Table("bid",
            "auction BIGINT; bidder BIGINT; price BIGINT; channel STRING; url STRING; date_time "
            "TIMESTAMP; extra STRING")};
}

std::vector<std::string> NexmarkBatch(int i) {
  const int bids = kBids + i * kBidsOfBatch;
  return {Persons(bids / 24, bids / 24 + 1),
          Auctions(bids / 12, bids / 12 + 2),
          Bids(bids, bids + kBidsOfBatch),
          fmt::format("DELETE FROM bid WHERE auction = {} AND bidder % 5 = 0", i * 5),
          fmt::format("UPDATE auction SET category = 10, expires = date_time WHERE id = {}", i * 6),
          fmt::format("UPDATE person SET state = 'OR' WHERE id = {}", i * 3)};
}

}  // namespace

Benchmark TpchBenchmark(size_t batches) {
  Benchmark tpch{"TPC-H", "tests/benchmarks/tpch_queries.sql", TpchTables(), {}, {}};
  tpch.rows = {Places(),
               Nations(),
               Suppliers(0, kSuppliers),
               Customers(1, kCustomers),
               Parts(0, kParts),
               PartSuppliers(0, kParts),
               Orders(0, kOrders),
               Lines(0, kOrders)};
  for (size_t i = 0; i < batches; ++i) tpch.batches.push_back(TpchBatch(static_cast<int>(i)));
  return tpch;
}

Benchmark NexmarkBenchmark(size_t batches) {
  Benchmark nexmark{"Nexmark", "tests/benchmarks/nexmark_queries.sql", NexmarkTables(), {}, {}};
  nexmark.rows = {Persons(0, kBids / 24), Auctions(0, kBids / 12), Bids(0, kBids)};
  for (size_t i = 0; i < batches; ++i) nexmark.batches.push_back(NexmarkBatch(static_cast<int>(i)));
  return nexmark;
}

std::vector<BenchmarkQuery> ReadBenchmarkQueries(const Benchmark& benchmark) {
  std::ifstream stream(benchmark.queries);
  const std::string create = "CREATE MATERIALIZED VIEW ";
  std::vector<BenchmarkQuery> queries;
  for (std::string statement; std::getline(stream, statement, ';');) {
    const size_t at = statement.find(create);
    if (at == statement.npos) continue;
    const size_t name = at + create.size();
    const size_t as = statement.find(" AS", name);
    queries.push_back({statement.substr(name, as - name), statement.substr(as + 3)});
  }
  return queries;
}

}  // namespace penstock::tests
