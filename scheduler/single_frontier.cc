#include "scheduler/single_frontier.h"

#include "scheduler/state.h"

namespace csim {

std::vector<Part> SingleFrontier::NextRound() {
  if (finished_) return {};
  return {{strategy_, state_, executions_}};
}

void SingleFrontier::Return(size_t, PartResult result) {
  state_ = std::move(result.state);
  finished_ = result.finished;
  complete_ = result.complete;
  bounded_ = result.bounded;
}

void SingleFrontier::Restart() {
  state_.clear();
  finished_ = complete_ = bounded_ = false;
}

std::string SingleFrontier::Save() const {
  StateWriter writer;
  writer.Bytes(strategy_);
  writer.Flag(finished_);
  writer.Flag(complete_);
  writer.Flag(bounded_);
  writer.Bytes(state_);
  return std::string(writer.Seal());
}

bool SingleFrontier::Load(std::string_view state) {
  StateReader reader(state);
  const bool mine = reader.Bytes() == strategy_;
  finished_ = reader.Flag();
  complete_ = reader.Flag();
  bounded_ = reader.Flag();
  state_ = reader.Bytes();
  if (mine && reader.AtEnd()) return true;
  Restart();
  return false;
}

}  // namespace csim
