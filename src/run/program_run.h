#pragma once

#include <functional>

#include "duck/engine.h"
#include "ivm/program.h"

namespace penstock::run {

// Runs the steps of a derived refresh on the connection, where the relations that they read are
// (temporary) tables or views. Each step's rows stay in a temporary table of its name until it is
// dropped. `look_up` makes the relation of a kept state's rows when the program comes to need it.
using StateLookup = std::function<Status(const ivm::StateSteps&)>;
Status RunProgram(duck::Connection& connection, const ivm::Program& program,
                  const StateLookup& look_up = {});
void DropSteps(duck::Connection& connection, const ivm::Program& program);

}  // namespace penstock::run
