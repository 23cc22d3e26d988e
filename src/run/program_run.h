#pragma once

#include "duck/engine.h"
#include "ivm/program.h"

namespace penstock::run {

// Runs the steps of a derived refresh on the connection, where the relations that they read are
// (temporary) tables or views. Each step's rows stay in a temporary table of its name until it is
// dropped.
Status RunProgram(duck::Connection& connection, const ivm::Program& program);
void DropSteps(duck::Connection& connection, const ivm::Program& program);

}  // namespace penstock::run
