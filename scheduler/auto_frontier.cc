#include "scheduler/auto_frontier.h"

#include <algorithm>

#include "scheduler/state.h"

namespace csim {
namespace {

// How many executions each search has in each of the first rounds; in those that follow all but the
// last have as many as in the last of these.
constexpr size_t kFirstRounds = 6;
struct Share {
  const char* strategy;
  uint64_t executions[kFirstRounds];
  bool ends;  // says by itself when it has nothing left
};
constexpr Share kShares[] = {
    {"reads-from", {0, 6, 16, 64, 256, 1024}, false},
    {"pct", {0, 4, 8, 32, 128, 512}, false},
    {"preemption-bounded", {0, 0, 16, 128, 512, 2048}, true},
    {"dpor", {1, 8, 32, 128, 512, 2048}, true},
};
constexpr size_t kDpor = 3;

}  // namespace

std::optional<Part> AutoFrontier::PartOf(size_t search) const {
  if (searches_[search].finished) return {};
  // Later the others have as many executions as the exhaustive search, not more: they cannot end it.
  if (round_ >= kFirstRounds && (search == kDpor || beside_ > exhausted_)) return {};
  const Share& share = kShares[search];
  const uint64_t executions = share.executions[std::min<uint64_t>(round_, kFirstRounds - 1)];
  if (executions == 0) return {};
  return Part{share.strategy, searches_[search].state, executions};
}

bool AutoFrontier::EndsWith(bool complete, bool bounded) {
  if (!complete && !bounded && !gave_up_) {
    gave_up_ = true;
    return false;
  }
  over_ = true;
  complete_ = complete;
  bounded_ = bounded;
  return true;
}

std::vector<Part> AutoFrontier::NextRound() {
  std::vector<Part> round;
  owners_.clear();
  out_ = 0;
  if (over_) return round;
  for (size_t i = 0; i < kSearches; ++i) {
    if (std::optional<Part> part = PartOf(i)) {
      round.push_back(std::move(*part));
      owners_.push_back({i, 0});
    }
  }
  if (round_ >= kFirstRounds || gave_up_) {
    std::vector<Part> rest = Rest().NextRound();
    if (rest.empty() && !EndsWith(Rest().complete(), Rest().bounded())) rest = Rest().NextRound();
    if (over_) {
      owners_.clear();
      return {};
    }
    for (size_t i = 0; i < rest.size(); ++i) {
      round.push_back(std::move(rest[i]));
      owners_.push_back({kSearches, i});
    }
  }
  out_ = round.size();
  return round;
}

std::optional<TotalEstimate> AutoFrontier::estimate() const {
  if (gave_up_) return {};
  std::optional<TotalEstimate> rest = exhaustive_->estimate();
  if (rest) rest->executions += static_cast<double>(beside_);
  return rest;
}

void AutoFrontier::Return(size_t part, PartResult result) {
  const auto [search, index] = owners_[part];
  if (search == kSearches) {
    exhausted_ += result.executions;
    Rest().Return(index, std::move(result));
  } else {
    beside_ += result.executions;
    searches_[search] = {std::move(result.state), kShares[search].ends && result.finished};
    if (search == kDpor && result.finished) EndsWith(result.complete, result.bounded);
  }
  if (--out_ == 0) ++round_;
}

void AutoFrontier::Restart() {
  exhaustive_->Restart();
  simpler_->Restart();
  searches_ = {};
  round_ = beside_ = exhausted_ = 0;
  gave_up_ = over_ = complete_ = bounded_ = false;
  owners_.clear();
  out_ = 0;
}

std::string AutoFrontier::Save() const {
  StateWriter writer;
  writer.Bytes("auto");
  writer.Number(round_);
  writer.Number(beside_);
  writer.Number(exhausted_);
  writer.Flag(gave_up_);
  writer.Flag(over_);
  writer.Flag(complete_);
  writer.Flag(bounded_);
  for (const Progress& search : searches_) {
    writer.Flag(search.finished);
    writer.Bytes(search.state);
  }
  writer.Bytes(exhaustive_->Save());
  writer.Bytes(simpler_->Save());
  return std::string(writer.Seal());
}

bool AutoFrontier::Load(std::string_view state) {
  StateReader reader(state);
  const bool mine = reader.Bytes() == "auto";
  round_ = reader.Number();
  beside_ = reader.Number();
  exhausted_ = reader.Number();
  gave_up_ = reader.Flag();
  over_ = reader.Flag();
  complete_ = reader.Flag();
  bounded_ = reader.Flag();
  for (Progress& search : searches_) {
    search.finished = reader.Flag();
    search.state = reader.Bytes();
  }
  const std::string_view exhaustive = reader.Bytes();
  const std::string_view simpler = reader.Bytes();
  const bool whole = mine && reader.AtEnd();
  if (whole && exhaustive_->Load(exhaustive) && simpler_->Load(simpler)) return true;
  Restart();
  return false;
}

}  // namespace csim
