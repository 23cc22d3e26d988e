#include "duck/row_check.h"

#include <fmt/format.h>

#include <atomic>
#include <map>
#include <span>

#include "duck/native.h"
#include "duck/set_aside_store.h"

namespace penstock::duck {
namespace {

constexpr size_t kSetAsideMemory = size_t{64} << 20;
constexpr std::string_view kMask = "__penstock_mask";
constexpr std::string_view kPosition = "__penstock_position";

}  // namespace

struct RowCheck::State {
  State(std::vector<RowRuleSpec> specs, bool null_passes);

  std::vector<RowRuleSpec> rules;
  const bool null_passes;
  uint64_t id = 0;
  uint64_t stopping = 0;  // rules that fail the update
  uint64_t keeping = 0;   // rules whose rows are set aside or shown: fail and quarantine
  uint64_t quarantining = 0;
  uint64_t removing = 0;  // any rule but warn

  std::atomic<int64_t> rows_in{0};
  std::atomic<int64_t> dropped{0};
  std::atomic<int64_t> quarantined{0};
  std::vector<std::atomic<int64_t>> failed;
  SetAsideStore store{kSetAsideMemory};
  std::mutex failure_mutex;
  std::optional<std::pair<size_t, std::string>> failure;

  void Check(duckdb_data_chunk input, uint64_t* masks);
  Error Stop(uint64_t mask, const std::string& row_json);
  std::string MaskCall() const;
  std::string KeepCondition(const std::string& row, const std::string& position) const;
};

namespace {

// Checks that live, by the number that stands in their queries.
class Registry {
 public:
  uint64_t Add(RowCheck::State* check) {
    std::lock_guard lock(mutex_);
    checks_[++last_] = check;
    return last_;
  }
  void Remove(uint64_t id) {
    std::lock_guard lock(mutex_);
    checks_.erase(id);
  }
  RowCheck::State* Find(uint64_t id) {
    std::lock_guard lock(mutex_);
    auto it = checks_.find(id);
    return it == checks_.end() ? nullptr : it->second;
  }

 private:
  std::mutex mutex_;
  uint64_t last_ = 0;
  std::map<uint64_t, RowCheck::State*> checks_;
};

Registry& Checks() {
  static Registry registry;
  return registry;
}

template <typename T>
T* Column(duckdb_data_chunk chunk, idx_t column) {
  return static_cast<T*>(duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, column)));
}

// The check that the first column of the chunk names; an error is set when there is none.
RowCheck::State* CheckOf(duckdb_function_info info, duckdb_data_chunk input) {
  RowCheck::State* check = Checks().Find(Column<uint64_t>(input, 0)[0]);
  if (check == nullptr) {
    duckdb_scalar_function_set_error(
        info, ErrorForEngine(InternalError("A row check was used after its end.")).c_str());
  }
  return check;
}

// Sets bit `bit` in the masks of rows whose condition did not hold; returns their number.
int64_t MarkFailed(std::span<uint64_t> masks, duckdb_vector condition, int bit, bool null_passes) {
  const auto* holds = static_cast<const bool*>(duckdb_vector_get_data(condition));
  uint64_t* validity = duckdb_vector_get_validity(condition);
  uint64_t failed = 0;
  for (size_t row = 0; row < masks.size(); ++row) {
    uint64_t broken = holds[row] ? 0 : 1;
    if (validity != nullptr && !duckdb_validity_row_is_valid(validity, row))
      broken = null_passes ? 0 : 1;
    masks[row] |= broken << bit;
    failed += broken;
  }
  return static_cast<int64_t>(failed);
}

void CheckChunk(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  if (duckdb_data_chunk_get_size(input) == 0) return;
  RowCheck::State* check = CheckOf(info, input);
  if (check != nullptr) check->Check(input, static_cast<uint64_t*>(duckdb_vector_get_data(output)));
}

// Arguments of penstock_set_aside after the check's number.
enum SetAsideArgument { kFailedRules = 1, kRowJson, kFile, kRecord };

SetAsideRow ReadSetAside(duckdb_data_chunk input, idx_t row) {
  SetAsideRow aside;
  aside.failed_rules = Column<uint64_t>(input, kFailedRules)[row];
  duckdb_vector file = duckdb_data_chunk_get_vector(input, kFile);
  if (!IsNativeNull(file, row)) aside.file = NativeString(file, row);
  if (!IsNativeNull(duckdb_data_chunk_get_vector(input, kRecord), row)) {
    aside.record = Column<int64_t>(input, kRecord)[row];
  }
  std::string_view json = NativeString(duckdb_data_chunk_get_vector(input, kRowJson), row);
  // The position and the mask are the last members. A text with quotes cannot stand inside a JSON
  // string unescaped.
  for (std::string_view own : {kMask, kPosition}) {
    size_t at = json.rfind(fmt::format("\"{}\":", own));
    if (at != std::string_view::npos) json = json.substr(0, at);
    while (!json.empty() && json.back() == ',') json.remove_suffix(1);
  }
  aside.row_json = std::string(json) + "}";
  return aside;
}

void SetAsideChunk(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  idx_t rows = duckdb_data_chunk_get_size(input);
  if (rows == 0) return;
  RowCheck::State* check = CheckOf(info, input);
  if (check == nullptr) return;
  auto* kept = static_cast<bool*>(duckdb_vector_get_data(output));
  for (idx_t row = 0; row < rows; ++row) {
    kept[row] = false;
    SetAsideRow aside = ReadSetAside(input, row);
    if ((aside.failed_rules & check->stopping) != 0) {
      Error error = check->Stop(aside.failed_rules, aside.row_json);
      duckdb_scalar_function_set_error(info, ErrorForEngine(error).c_str());
      return;
    }
    Status added = check->store.Add(std::move(aside));
    if (!added.ok()) {
      duckdb_scalar_function_set_error(info, ErrorForEngine(added.error()).c_str());
      return;
    }
  }
}

class Function {
 public:
  Function(const char* name, duckdb_type returns, duckdb_scalar_function_t body)
      : function_(duckdb_create_scalar_function()) {
    duckdb_scalar_function_set_name(function_, name);
    duckdb_scalar_function_set_return_type(function_,
                                           NativeType(duckdb_create_logical_type(returns)).get());
    duckdb_scalar_function_set_function(function_, body);
    duckdb_scalar_function_set_volatile(function_);
    duckdb_scalar_function_set_special_handling(function_);
  }
  ~Function() { duckdb_destroy_scalar_function(&function_); }
  Function(const Function&) = delete;

  void Takes(duckdb_type type) {
    duckdb_scalar_function_add_parameter(function_,
                                         NativeType(duckdb_create_logical_type(type)).get());
  }
  void TakesAnyNumberOf(duckdb_type type) {
    duckdb_scalar_function_set_varargs(function_,
                                       NativeType(duckdb_create_logical_type(type)).get());
  }
  Status Register(duckdb_connection connection) {
    if (duckdb_register_scalar_function(connection, function_) == DuckDBSuccess) return OkStatus();
    return InternalError("The engine refuses a function of Penstock.");
  }

 private:
  duckdb_scalar_function function_;
};

}  // namespace

RowCheck::State::State(std::vector<RowRuleSpec> specs, bool nulls)
    : rules(std::move(specs)), null_passes(nulls), failed(rules.size()) {
  for (size_t i = 0; i < rules.size(); ++i) {
    uint64_t bit = uint64_t{1} << i;
    if (rules[i].action == RowAction::kFail) stopping |= bit;
    if (rules[i].action == RowAction::kQuarantine) quarantining |= bit;
    if (rules[i].action != RowAction::kWarn) removing |= bit;
  }
  keeping = stopping | quarantining;
}

// Leaves 0 for rows that stay, else the bits of all rules they broke.
void RowCheck::State::Check(duckdb_data_chunk input, uint64_t* masks) {
  size_t count = duckdb_data_chunk_get_size(input);
  std::span<uint64_t> rows(masks, count);
  std::fill(rows.begin(), rows.end(), 0);
  for (size_t i = 0; i < rules.size(); ++i) {
    duckdb_vector condition = duckdb_data_chunk_get_vector(input, 1 + i);
    int64_t broken = MarkFailed(rows, condition, static_cast<int>(i), null_passes);
    if (broken > 0) failed[i].fetch_add(broken, std::memory_order_relaxed);
  }
  int64_t to_drop = 0, to_quarantine = 0;
  for (uint64_t& mask : rows) {
    to_quarantine += (mask & quarantining) != 0 ? 1 : 0;
    to_drop += (mask & removing) != 0 && (mask & quarantining) == 0 ? 1 : 0;
    if ((mask & removing) == 0) mask = 0;
  }
  rows_in.fetch_add(static_cast<int64_t>(count), std::memory_order_relaxed);
  if (to_drop > 0) dropped.fetch_add(to_drop, std::memory_order_relaxed);
  if (to_quarantine > 0) quarantined.fetch_add(to_quarantine, std::memory_order_relaxed);
}

Error RowCheck::State::Stop(uint64_t mask, const std::string& row_json) {
  size_t rule = static_cast<size_t>(__builtin_ctzll(mask & stopping));
  std::lock_guard lock(failure_mutex);
  if (!failure) failure.emplace(rule, row_json);
  return DataError("EXPECTATION_FAILED",
                   fmt::format("A row breaks the expectation {}: {}. The row: {}",
                               QuoteIdentifier(rules[rule].name), rules[rule].condition,
                               row_json.substr(0, 1000)),
                   "Correct the data, or let the expectation drop or quarantine such rows.");
}

Status RegisterRowCheck(duckdb_connection connection) {
  Function check("penstock_check", DUCKDB_TYPE_UBIGINT, CheckChunk);
  check.Takes(DUCKDB_TYPE_UBIGINT);
  check.TakesAnyNumberOf(DUCKDB_TYPE_BOOLEAN);
  RETURN_IF_ERROR(check.Register(connection));

  Function set_aside("penstock_set_aside", DUCKDB_TYPE_BOOLEAN, SetAsideChunk);
  for (duckdb_type type : {DUCKDB_TYPE_UBIGINT, DUCKDB_TYPE_UBIGINT, DUCKDB_TYPE_VARCHAR,
                           DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_BIGINT}) {
    set_aside.Takes(type);
  }
  return set_aside.Register(connection);
}

RowCheck::RowCheck(std::vector<RowRuleSpec> rules, bool null_passes)
    : state_(std::make_unique<State>(std::move(rules), null_passes)) {
  state_->id = Checks().Add(state_.get());
}

RowCheck::~RowCheck() { Checks().Remove(state_->id); }

std::string RowCheck::State::MaskCall() const {
  std::string conditions;
  for (const RowRuleSpec& rule : rules) {
    conditions += fmt::format(", CAST((\n{}\n) AS BOOLEAN)", rule.condition);
  }
  return fmt::format("penstock_check({}::UBIGINT{}) AS {}", id, conditions, QuoteIdentifier(kMask));
}

// The row becomes JSON only in the branch for rows that are set aside.
std::string RowCheck::State::KeepCondition(const std::string& row,
                                           const std::string& position) const {
  std::string mask = QuoteIdentifier(kMask);
  if (keeping == 0) return mask + " = 0";
  return fmt::format(
      "CASE WHEN {0} = 0 THEN true WHEN {0} & {1}::UBIGINT = 0 THEN false ELSE "
      "penstock_set_aside({2}::UBIGINT, {0}, CAST(to_json({3}) AS VARCHAR), {4}, {5}) END",
      mask, keeping, id, row, position.empty() ? "NULL" : position + ".file",
      position.empty() ? "NULL" : position + ".record");
}

// The mask is computed in a projection of its own: the function is volatile, so the engine neither
// moves the filter below it nor computes it twice.
std::string RowCheck::Wrap(const std::string& query, bool has_position) const {
  std::string position = has_position ? QuoteIdentifier(kPosition) : "";
  return fmt::format(
      "SELECT * EXCLUDE ({}{}) FROM (SELECT *, {} FROM (\n{}\n) AS penstock_rows) AS "
      "penstock_checked WHERE {}",
      QuoteIdentifier(kMask), has_position ? ", " + position : "", state_->MaskCall(), query,
      state_->KeepCondition("penstock_checked", position));
}

// The limit, which holds every row, keeps filters of the reader above the check; that the columns
// come out of a struct keeps the ranges of its joins and of ORDER BY … LIMIT from reaching a scan.
std::string RowCheck::WrapForReaders(const std::string& query, bool has_position) const {
  std::string position = has_position ? "penstock_row." + QuoteIdentifier(kPosition) : "";
  return fmt::format(
      "SELECT penstock_row.* FROM (SELECT penstock_rows AS penstock_row, {} FROM (\n{}\n) AS "
      "penstock_rows) AS penstock_checked WHERE {} LIMIT 9223372036854775807",
      state_->MaskCall(), query, state_->KeepCondition("penstock_row", position));
}

RowCheck::Counts RowCheck::counts() const {
  Counts counts;
  counts.rows_in = state_->rows_in;
  counts.dropped = state_->dropped;
  counts.quarantined = state_->quarantined;
  for (const auto& failed : state_->failed) {
    counts.failed.push_back(failed);
    counts.passed.push_back(counts.rows_in - failed);
  }
  return counts;
}

std::optional<std::pair<size_t, std::string>> RowCheck::failure() const {
  std::lock_guard lock(state_->failure_mutex);
  return state_->failure;
}

Status RowCheck::TakeSetAside(const std::function<Status(const SetAsideRow&)>& visit) {
  return state_->store.Take(visit);
}

}  // namespace penstock::duck
