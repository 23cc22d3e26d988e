#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/row_source.h"

namespace penstock::cli {

// Aligned columns for people: numbers right, text left, long cells cut with "…", control characters
// made visible. Rows are kept until Settle chooses the widths by them, writes head and rows; later
// rows go out with Drain.
class TableText {
 public:
  TableText(std::vector<OutputColumn> columns, size_t width);

  void Add(const std::vector<std::string>& cells);
  void Settle(std::string* out);  // a second call writes only what was added since
  void Drain(std::string* out);

 private:
  void ChooseWidths();
  void AppendLine(const std::vector<std::string>& cells, std::string* out) const;

  std::vector<OutputColumn> columns_;
  size_t width_;
  std::vector<std::vector<std::string>> rows_;
  std::vector<size_t> widths_;  // empty until settled
};

}  // namespace penstock::cli
