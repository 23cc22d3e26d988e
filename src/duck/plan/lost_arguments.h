#pragma once

#include <string>
#include <vector>

namespace duckdb {
class AggregateFunction;
struct FunctionData;
struct LogicalType;
}  // namespace duckdb

namespace penstock::duck {

// Arguments of an aggregate that its binding took out of the expression (a separator, quantiles),
// as SQL text. Throws NoCounterpart when the binding may keep something that cannot be had back.
std::vector<std::string> LostArguments(const duckdb::AggregateFunction& function,
                                       const duckdb::FunctionData* bound,
                                       const duckdb::LogicalType& result);

}  // namespace penstock::duck
