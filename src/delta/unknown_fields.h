#pragma once

#include "base/data_type.h"
#include "base/json.h"
#include "delta/file_set.h"

// The types of what other writers say of files and this program does not know, so that a checkpoint
// keeps it in columns.
namespace penstock::delta {

// Widens `fields` so that they hold the members of the object too. Whole numbers are LONG, others
// DOUBLE; what is of several types, or has no parts to name, is STRING. Null members say nothing.
void AddFieldsOf(const Json& object, Schema* fields);

struct UnknownFields {
  Schema of_adds;
  Schema of_removes;
};
// Of all files; costs nothing when none has any.
UnknownFields UnknownFieldsOf(const FileSet& files);

}  // namespace penstock::delta
