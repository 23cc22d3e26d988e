#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/data_type.h"
#include "duck/key_order.h"
#include "duck/scan/file_scan.h"

namespace penstock::duck {

// The kinds of values met in one place of the records; decides on a type at the end.
struct InferredType {
  bool integer = false;
  bool wide_integer = false;  // beyond 64 bits
  bool fraction = false;
  bool boolean = false;
  bool text = false;
  bool timestamp = false;
  bool object = false;
  bool array = false;
  bool repeated_key = false;  // an object had a key twice
  uint64_t met = 0;           // of a field: which of the parent's objects had it last
  uint64_t objects = 0;       // that were looked at
  int digits = 0;             // most digits before the point of a wide integer or decimal
  int scale = 0;              // most digits behind it
  std::map<std::string, std::unique_ptr<InferredType>, std::less<>> fields;
  std::unique_ptr<InferredType> element;

  KeyOrder<InferredType*> order;

  void Merge(InferredType&& other);
};

// Spark's type: other mixes of kinds are STRING, nulls alone STRING; nothing for an object without
// fields.
std::optional<DataType> Decide(const InferredType& inferred, const InferenceOptions& options);

// Shared by the formats: reads the units with two or more threads, `read(unit)` from any of them.
Status ForEachUnit(const std::vector<size_t>& units, const std::function<Status(size_t)>& read);

Error NothingToInfer();

Result<InferredSchema> InferJson(const ScanSpec& spec, const InferenceOptions& options);
Result<InferredSchema> InferCsv(const ScanSpec& spec, const InferenceOptions& options);

}  // namespace penstock::duck
