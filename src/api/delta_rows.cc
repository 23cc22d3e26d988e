#include "api/rows_state.h"

namespace penstock {
namespace {

bool IsNested(TypeId id) {
  return id == TypeId::kArray || id == TypeId::kMap || id == TypeId::kStruct;
}
bool IsBytes(TypeId id) { return id == TypeId::kString || id == TypeId::kBinary; }

}  // namespace

DeltaRows::DeltaRows(std::unique_ptr<State> state) : state_(std::move(state)) {}
DeltaRows::DeltaRows(DeltaRows&&) noexcept = default;
DeltaRows& DeltaRows::operator=(DeltaRows&&) noexcept = default;
DeltaRows::~DeltaRows() = default;

const Schema& DeltaRows::columns() const { return state_->columns; }

Result<bool> DeltaRows::Next() {
  State& state = *state_;
  if (state.row + 1 < state.count) {
    ++state.row;
    return true;
  }
  state.row = state.count = 0;
  // A chunk may be empty.
  while (state.count == 0) {
    ASSIGN_OR_RETURN(const bool more, state.rows->NextChunk());
    if (!more) return false;
    state.count = state.rows->RowCount();
  }
  return true;
}

bool DeltaRows::IsNull(size_t column) const {
  return !state_->Has(column) || state_->rows->IsNull(state_->row, column);
}

int64_t DeltaRows::Int64(size_t column) const {
  if (IsNull(column)) return 0;
  const TypeId id = state_->columns[column].type.id;
  return IsNested(id) || IsBytes(id) ? 0 : state_->rows->Int64(state_->row, column);
}

double DeltaRows::Double(size_t column) const {
  if (IsNull(column)) return 0;
  const TypeId id = state_->columns[column].type.id;
  return IsNested(id) || IsBytes(id) ? 0 : state_->rows->Double(state_->row, column);
}

std::string DeltaRows::Text(size_t column) const {
  if (IsNull(column)) return "";
  if (IsBytes(state_->columns[column].type.id)) return state_->rows->Text(state_->row, column);
  std::string text;
  state_->text->AppendText(state_->row, column, &text);
  return text;
}

}  // namespace penstock
