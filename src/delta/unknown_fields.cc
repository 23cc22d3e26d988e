#include "delta/unknown_fields.h"

#include <optional>
#include <utility>

#include "base/text.h"

namespace penstock::delta {

namespace {

DataType TypeOf(const Json& value);

DataType ListType(const Json& array) {
  Schema element;
  for (const Json& value : array) AddFieldsOf(Json{{"element", value}}, &element);
  if (element.empty()) element.push_back({"element", DataType::Of(TypeId::kString), true, ""});
  DataType type = DataType::Of(TypeId::kArray);
  type.fields = std::move(element);
  return type;
}

DataType TypeOf(const Json& value) {
  if (value.is_boolean()) return DataType::Of(TypeId::kBoolean);
  if (value.is_number_unsigned() && value.get<uint64_t>() > uint64_t{INT64_MAX}) {
    return DataType::Of(TypeId::kString);
  }
  if (value.is_number_integer()) return DataType::Of(TypeId::kLong);
  if (value.is_number()) return DataType::Of(TypeId::kDouble);
  if (value.is_array()) return ListType(value);
  DataType type = DataType::Of(TypeId::kStruct);
  if (value.is_object()) AddFieldsOf(value, &type.fields);
  return type.fields.empty() ? DataType::Of(TypeId::kString) : type;
}

Field* Find(Schema& fields, const std::string& name) {
  for (Field& field : fields) {
    if (EqualsIgnoreCase(field.name, name)) return &field;
  }
  return nullptr;
}

DataType Common(DataType a, const DataType& b) {
  if (a == b) return a;
  const bool nested = a.id == TypeId::kStruct || a.id == TypeId::kArray;
  if (a.id != b.id || !nested) {
    const auto number = [](const DataType& type) {
      return type.id == TypeId::kLong || type.id == TypeId::kDouble;
    };
    return DataType::Of(number(a) && number(b) ? TypeId::kDouble : TypeId::kString);
  }
  for (const Field& field : b.fields) {
    Field* const same = Find(a.fields, field.name);
    if (same == nullptr) {
      a.fields.push_back(field);
    } else {
      same->type = Common(std::move(same->type), field.type);
    }
  }
  return a;
}

}  // namespace

void AddFieldsOf(const Json& object, Schema* fields) {
  for (const auto& [name, value] : object.items()) {
    if (value.is_null() || name.empty()) continue;
    DataType type = TypeOf(value);
    if (Field* const same = Find(*fields, name)) {
      same->type = Common(std::move(same->type), type);
    } else {
      fields->push_back({name, std::move(type), true, ""});
    }
  }
}

UnknownFields UnknownFieldsOf(const FileSet& files) {
  UnknownFields unknown;
  if (files.num_extra() == 0) return unknown;
  files.ForEach([&](PackedFile file) {
    if (!file.has_extra()) return;
    if (file.active()) {
      AddFieldsOf(file.Add().extra, &unknown.of_adds);
    } else {
      AddFieldsOf(file.Remove().extra, &unknown.of_removes);
    }
  });
  return unknown;
}

}  // namespace penstock::delta
