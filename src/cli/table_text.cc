#include "cli/table_text.h"

#include <algorithm>
#include <utility>

#include "cli/terminal.h"

namespace penstock::cli {
namespace {

constexpr std::string_view kGap = "  ";
// No column is cut below this.
constexpr size_t kNarrowest = 12;

std::string Visible(std::string_view text) {
  std::string visible;
  for (const char c : text) {
    if (c == '\n') {
      visible += "\\n";
    } else if (c == '\t') {
      visible += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      visible += "?";
    } else {
      visible += c;
    }
  }
  return visible;
}

void AppendCell(std::string_view text, size_t width, bool right, bool last, std::string* out) {
  std::string cut;
  size_t used = DisplayWidth(text);
  if (used > width) {
    cut = std::string(Truncate(text, width - 1)) + "…";
    text = cut;
    used = DisplayWidth(text);
  }
  if (right) out->append(width - used, ' ');
  *out += text;
  if (!right && !last) out->append(width - used, ' ');
}

}  // namespace

TableText::TableText(std::vector<OutputColumn> columns, size_t width)
    : columns_(std::move(columns)), width_(width) {}

void TableText::Add(const std::vector<std::string>& cells) {
  std::vector<std::string>& row = rows_.emplace_back();
  for (const std::string& cell : cells) row.push_back(Visible(cell));
}

void TableText::Settle(std::string* out) {
  if (widths_.empty() && !columns_.empty()) {
    ChooseWidths();
    std::vector<std::string> heads;
    std::vector<std::string> rules;
    for (size_t i = 0; i < columns_.size(); ++i) {
      heads.push_back(Visible(columns_[i].name));
      std::string rule;
      for (size_t j = 0; j < widths_[i]; ++j) rule += "─";
      rules.push_back(std::move(rule));
    }
    AppendLine(heads, out);
    AppendLine(rules, out);
  }
  Drain(out);
}

void TableText::Drain(std::string* out) {
  for (const std::vector<std::string>& row : rows_) AppendLine(row, out);
  rows_.clear();
}

// As wide as the widest cell; when that does not fit, the widest columns are cut down to a common
// width.
void TableText::ChooseWidths() {
  for (const OutputColumn& column : columns_) widths_.push_back(DisplayWidth(Visible(column.name)));
  for (const std::vector<std::string>& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths_[i] = std::max(widths_[i], DisplayWidth(row[i]));
  }
  const auto total = [&] {
    size_t sum = kGap.size() * (widths_.size() - 1);
    for (const size_t width : widths_) sum += width;
    return sum;
  };
  while (total() > width_) {
    const auto widest = std::max_element(widths_.begin(), widths_.end());
    if (*widest <= kNarrowest) break;
    size_t next = kNarrowest;
    for (const size_t width : widths_) {
      if (width < *widest) next = std::max(next, width);
    }
    const size_t excess = total() - width_;
    *widest = *widest - next > excess ? *widest - excess : std::min(next, *widest - 1);
  }
}

void TableText::AppendLine(const std::vector<std::string>& cells, std::string* out) const {
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) *out += kGap;
    AppendCell(cells[i], widths_[i], columns_[i].number, i + 1 == cells.size(), out);
  }
  *out += '\n';
}

}  // namespace penstock::cli
