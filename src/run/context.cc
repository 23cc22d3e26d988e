#include "run/context.h"

namespace penstock::run {

void RunningQueries::Add(duck::Connection* connection) {
  const std::lock_guard lock(mutex_);
  running_.insert(connection);
}

void RunningQueries::Remove(duck::Connection* connection) {
  const std::lock_guard lock(mutex_);
  running_.erase(connection);
}

void RunningQueries::InterruptAll() {
  const std::lock_guard lock(mutex_);
  for (duck::Connection* connection : running_) connection->Interrupt();
}

QueryScope::QueryScope(RunningQueries& queries, duck::Connection* connection)
    : queries_(queries), connection_(connection) {
  queries_.Add(connection_);
}

QueryScope::~QueryScope() { queries_.Remove(connection_); }

}  // namespace penstock::run
