#include <atomic>
#include <mutex>
#include <thread>

#include "base/text.h"
#include "duck/scan/inferred_type.h"

namespace penstock::duck {
namespace {

DataType DecideNumber(const InferredType& inferred, const InferenceOptions& options) {
  if (inferred.fraction) {
    const int precision = inferred.digits + inferred.scale;
    if (options.prefers_decimal && precision <= 38 && precision > 0) {
      return DataType::Decimal(precision, inferred.scale);
    }
    return DataType::Of(TypeId::kDouble);
  }
  if (!inferred.wide_integer) return DataType::Of(TypeId::kLong);
  const int precision = std::max(inferred.digits, 20);
  return precision <= 38 ? DataType::Decimal(precision, 0) : DataType::Of(TypeId::kDouble);
}

// The files that are looked at.
ScanSpec Sampled(ScanSpec spec, const InferenceOptions& options) {
  int64_t bytes = 0;
  size_t count = 0;
  while (count < spec.files.size() && static_cast<int64_t>(count) < options.max_files &&
         bytes < options.max_bytes) {
    bytes += spec.files[count++].size;
  }
  spec.files.resize(count);
  return spec;
}

}  // namespace

void InferredType::Merge(InferredType&& other) {
  integer |= other.integer;
  wide_integer |= other.wide_integer;
  fraction |= other.fraction;
  boolean |= other.boolean;
  text |= other.text;
  timestamp |= other.timestamp;
  object |= other.object;
  array |= other.array;
  repeated_key |= other.repeated_key;
  digits = std::max(digits, other.digits);
  scale = std::max(scale, other.scale);
  for (auto& [name, field] : other.fields) {
    auto& mine = fields[name];
    if (mine == nullptr) mine = std::make_unique<InferredType>();
    mine->Merge(std::move(*field));
  }
  if (other.element == nullptr) return;
  if (element == nullptr) element = std::make_unique<InferredType>();
  element->Merge(std::move(*other.element));
}

std::optional<DataType> Decide(const InferredType& inferred, const InferenceOptions& options) {
  const bool number = inferred.integer || inferred.wide_integer || inferred.fraction;
  const int kinds = number + inferred.boolean + (inferred.text || inferred.timestamp) +
                    inferred.object + inferred.array;
  if (kinds != 1 || inferred.text) return DataType::Of(TypeId::kString);
  if (number) return DecideNumber(inferred, options);
  if (inferred.boolean) return DataType::Of(TypeId::kBoolean);
  if (inferred.timestamp) return DataType::Of(TypeId::kTimestamp);
  if (inferred.array) {
    if (inferred.element == nullptr) return DataType::Array(DataType::Of(TypeId::kString));
    auto element = Decide(*inferred.element, options);
    if (!element) return std::nullopt;
    return DataType::Array(*std::move(element));
  }
  std::vector<Field> fields;
  for (const auto& [name, field] : inferred.fields) {
    auto type = Decide(*field, options);
    if (type) fields.push_back({name, *std::move(type), true, ""});
  }
  if (fields.empty()) return std::nullopt;
  return DataType::Struct(std::move(fields));
}

Status ForEachUnit(const std::vector<size_t>& units, const std::function<Status(size_t)>& read) {
  std::atomic<size_t> next{0};
  std::mutex mutex;
  std::optional<Error> failure;
  const auto work = [&] {
    for (size_t i = next++; i < units.size(); i = next++) {
      const Status status = read(units[i]);
      if (status.ok()) continue;
      const std::lock_guard lock(mutex);
      if (!failure) failure = status.error();
      next = units.size();
    }
  };
  const size_t count =
      std::min<size_t>(units.size(), std::max(1u, std::thread::hardware_concurrency()));
  std::vector<std::thread> threads;
  for (size_t i = 1; i < count; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  return failure ? Status(*failure) : OkStatus();
}

Error NothingToInfer() {
  return DataError("EMPTY_INPUT", "the files hold no record to infer columns from",
                   "Put a record there, or give the columns: schema => 'id BIGINT, name STRING'.");
}

Result<InferredSchema> InferSchema(const ScanSpec& spec, const InferenceOptions& options) {
  const ScanSpec sampled = Sampled(spec, options);
  const DataType text = DataType::Of(TypeId::kString);
  InferredSchema schema;
  switch (spec.format) {
    case FileFormat::kJson:
      return InferJson(sampled, options);
    case FileFormat::kCsv:
      return InferCsv(sampled, options);
    case FileFormat::kText:
      schema.columns = {{"value", text, true, ""}};
      break;
    case FileFormat::kBinary:
      schema.columns = {{"path", text, true, ""},
                        {"modificationTime", DataType::Of(TypeId::kTimestamp), true, ""},
                        {"length", DataType::Of(TypeId::kLong), true, ""},
                        {"content", DataType::Of(TypeId::kBinary), true, ""}};
      break;
  }
  return schema;
}

}  // namespace penstock::duck
