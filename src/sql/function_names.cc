#include "sql/function_names.h"

#include <algorithm>
#include <iterator>

namespace penstock::sql {
namespace {

struct Renamed {
  std::string_view spark;
  std::string_view pack;
};

// Sorted by Spark's name.
constexpr Renamed kRenamed[] = {
    {"array", "list_value"},
    {"concat", "spark_concat"},
    {"substr", "spark_substring"},
    {"substring", "spark_substring"},
};

struct Missing {
  std::string_view name;
  std::string_view remedy;
};
constexpr Missing kMissing[] = {
    {"sentences", "Split with regexp_extract_all or split."},
};

constexpr std::string_view kAggregates[] = {"any_value",
                                            "approx_count_distinct",
                                            "approx_percentile",
                                            "array_agg",
                                            "avg",
                                            "bool_and",
                                            "bool_or",
                                            "collect_list",
                                            "collect_set",
                                            "corr",
                                            "count",
                                            "count_if",
                                            "covar_pop",
                                            "covar_samp",
                                            "every",
                                            "first",
                                            "first_value",
                                            "histogram",
                                            "kurtosis",
                                            "last",
                                            "last_value",
                                            "list",
                                            "listagg",
                                            "max",
                                            "max_by",
                                            "mean",
                                            "median",
                                            "min",
                                            "min_by",
                                            "mode",
                                            "percentile",
                                            "percentile_approx",
                                            "percentile_cont",
                                            "percentile_disc",
                                            "quantile",
                                            "quantile_cont",
                                            "quantile_disc",
                                            "regr_slope",
                                            "skewness",
                                            "some",
                                            "std",
                                            "stddev",
                                            "stddev_pop",
                                            "stddev_samp",
                                            "string_agg",
                                            "sum",
                                            "try_avg",
                                            "try_sum",
                                            "var_pop",
                                            "var_samp",
                                            "variance"};

constexpr std::string_view kTimeDependent[] = {"curdate",
                                               "current_date",
                                               "current_time",
                                               "current_timestamp",
                                               "get_current_timestamp",
                                               "localtime",
                                               "localtimestamp",
                                               "now",
                                               "today",
                                               "transaction_timestamp",
                                               "unix_timestamp"};

constexpr std::string_view kNondeterministic[] = {"gen_random_uuid",
                                                  "monotonically_increasing_id",
                                                  "rand",
                                                  "randn",
                                                  "random",
                                                  "randstr",
                                                  "setseed",
                                                  "shuffle",
                                                  "spark_partition_id",
                                                  "uniform",
                                                  "uuid",
                                                  "uuidv4",
                                                  "uuidv7"};

template <size_t kSize>
bool Contains(const std::string_view (&names)[kSize], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

}  // namespace

std::optional<std::string> PackName(std::string_view lower_name) {
  for (const Renamed& renamed : kRenamed) {
    if (renamed.spark == lower_name) return std::string(renamed.pack);
  }
  return std::nullopt;
}

std::optional<std::string> MissingFunction(std::string_view lower_name) {
  for (const Missing& missing : kMissing) {
    if (missing.name == lower_name) return std::string(missing.remedy);
  }
  return std::nullopt;
}

bool IsAggregate(std::string_view lower_name) { return Contains(kAggregates, lower_name); }

bool IsTimeDependent(std::string_view lower_name) { return Contains(kTimeDependent, lower_name); }

bool IsNondeterministic(std::string_view lower_name) {
  return Contains(kNondeterministic, lower_name);
}

std::vector<std::string> RenamedFunctions() {
  std::vector<std::string> names;
  for (const Renamed& renamed : kRenamed) names.emplace_back(renamed.spark);
  return names;
}

}  // namespace penstock::sql
