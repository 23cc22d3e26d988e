#pragma once

#include "base/data_type.h"

namespace penstock {

// The type VARIANT, whose values bring their own types with them: Spark's, and the engine's. It has
// no parts.
inline constexpr TypeId kVariantType = static_cast<TypeId>(static_cast<int>(TypeId::kStruct) + 1);

}  // namespace penstock
