#include <csignal>
#include <cstdio>
#include <variant>

#include "cli/commands.h"
#include "cli/diagnostics.h"

namespace penstock::cli {

ExitStatus Execute(Session&, const ShowText& command) {
  std::fputs(command.text.c_str(), stdout);
  return kDone;
}

ExitStatus RunProgram(const std::vector<std::string>& arguments) {
  // A reader that goes away must not end an update in the middle.
  std::signal(SIGPIPE, SIG_IGN);
  const Result<Invocation> invocation = ParseCommandLine(arguments);
  if (!invocation.ok()) return Fail(invocation.error());
  Session session(invocation->options);
  return std::visit([&](const auto& command) { return Execute(session, command); },
                    invocation->command);
}

}  // namespace penstock::cli
