#pragma once

#include <string>
#include <string_view>

#include "model/dataset.h"

namespace penstock::catalog {

// One part of a name as one part of a path: lower case (ASCII), every byte outside [a-z0-9_~-]
// percent-encoded, so that no name reaches outside of its folder. Names that differ in more than
// ASCII case differ in their path parts.
std::string PathPart(std::string_view name);
// The lower-cased name again.
std::string NameOfPathPart(std::string_view part);
// "catalog.schema.table", each a path part.
std::string QualifiedPathPart(const model::TableName& name);

}  // namespace penstock::catalog
