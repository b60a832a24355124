// What the reads-from search tries next, and the search as bytes.
#include <algorithm>

#include "scheduler/hash.h"
#include "scheduler/reads_from.h"
#include "scheduler/state.h"

namespace csim {
namespace {

constexpr uint32_t kKinds = 4;  // of plans, once each pair of the source was tried
constexpr uint32_t kTriesOfPair = 3;
constexpr uint32_t kTriesOfTask = 2;
constexpr int kDraws = 32;  // of pairs to be combined

}  // namespace

void ReadsFromStrategy::Plan() {
  goals_.clear();
  order_ = Order::kFormer;
  if (number_ == 1 || PlanNew(false, 1)) return;
  for (uint32_t i = 0; i < kKinds; ++i) {
    bool planned = false;
    switch ((number_ + i) % kKinds) {
      case 0: planned = PlanNew(true, 1) || PlanNew(false, kTriesOfPair); break;
      case 1: planned = PlanCombination(); break;
      case 2: planned = PlanNew(true, kTriesOfTask); break;
      default: planned = PlanAtRandom(); break;
    }
    if (planned) return;
  }
}

uint64_t ReadsFromStrategy::SitesOf(const Pair& pair) const {
  uint64_t source = pair.source;
  if (source != kStart && !IsAlternative(pair.source)) {
    source = Hash(operations_[pair.source >> 1].site, pair.source & 1);
  }
  return Hash(operations_[pair.reader].site, source);
}

// One of the pairs never seen that were tried least often, less than `tries` times; among them those
// first that are new in the source and not only on their object. False if there is none.
bool ReadsFromStrategy::PlanNew(bool of_task, uint32_t tries) {
  candidates_.clear();
  uint32_t limit = 2 * tries;
  for (uint32_t i = 0; i < pairs_.size(); ++i) {
    const Pair& pair = pairs_[i];
    if (pair.seen || pair.of_task != of_task || 2 * pair.tries >= limit) continue;
    const uint32_t rank = 2 * pair.tries + (sites_.contains(SitesOf(pair)) ? 1 : 0);
    if (rank >= limit) continue;
    if (rank + 1 < limit) {
      limit = rank + 1;
      candidates_.clear();
    }
    candidates_.push_back(i);
  }
  if (candidates_.empty()) return false;
  const uint32_t number = candidates_[generator_.Below(static_cast<uint32_t>(candidates_.size()))];
  Pair& pair = pairs_[number];
  sites_.insert(SitesOf(pair));
  AddGoal(number, pair.tries == 0 || generator_.Below(2) == 0);
  if (++pair.tries > 1 && generator_.Below(2) == 0) order_ = Order::kPriorities;
  if (!pair.of_task) {
    const uint32_t same = FindPair(pair.reader, pair.source, pair.task);
    if (same != kNone) ++pairs_[same].tries;
  }
  return true;
}

uint64_t ReadsFromStrategy::CombinationOf(uint32_t a, uint32_t b) {
  return Hash(std::min(a, b), std::max(a, b));
}

// Two pairs that were seen, but never in the same execution. False if few draws find none.
bool ReadsFromStrategy::PlanCombination() {
  if (pairs_.size() < 2) return false;
  const auto count = static_cast<uint32_t>(pairs_.size());
  for (int i = 0; i < kDraws; ++i) {
    const uint32_t a = generator_.Below(count);
    const uint32_t b = generator_.Below(count);
    if (a == b || !pairs_[a].seen || !pairs_[b].seen) continue;
    if (pairs_[a].reader == pairs_[b].reader && pairs_[a].task == pairs_[b].task) continue;
    if (combinations_.size() == kMostCombinations) return false;
    if (!combinations_.insert(CombinationOf(a, b)).second) continue;
    AddGoal(a, generator_.Below(2) == 0);
    AddGoal(b, generator_.Below(2) == 0);
    return true;
  }
  return false;
}

bool ReadsFromStrategy::PlanAtRandom() {
  constexpr Order kOrders[] = {Order::kFormer, Order::kPriorities, Order::kScores, Order::kScores};
  const uint32_t kind = generator_.Below(4);
  order_ = kOrders[kind];
  if (kind == 3 || pairs_.empty()) return true;
  for (uint32_t goals = 1 + generator_.Below(4); goals > 0; --goals) {
    AddGoal(generator_.Below(static_cast<uint32_t>(pairs_.size())), generator_.Below(2) == 0);
    goals_.back().occurrence = generator_.Below(goals_.back().occurrence + 2);
  }
  return true;
}

void ReadsFromStrategy::AddGoal(uint32_t number, bool late) {
  const Pair& pair = pairs_[number];
  const bool lasting = pair.source == kStart || (!IsAlternative(pair.source) && pair.source & 1);
  goals_.push_back({.pair = number, .occurrence = pair.occurrence, .late = late && !lasting});
}

// ---- Saved and loaded ----

bool ReadsFromStrategy::Save(StateWriter& writer) const {
  writer.Number(number_);
  std::pmr::vector<uint64_t> places(place_numbers_.size(), place_numbers_.get_allocator());
  for (const auto& [key, number] : place_numbers_) places[number] = key;
  writer.Number(places.size());
  for (const uint64_t key : places) writer.Number(key);
  writer.Number(operations_.size());
  for (const Known& known : operations_) {
    writer.Number(known.key);
    writer.Number(known.site);
    writer.Number(known.place);
    writer.Number(known.offered);
  }
  writer.Number(pairs_.size());
  for (const Pair& pair : pairs_) {
    writer.Number(pair.reader);
    writer.Number(pair.source);
    writer.Number(pair.task);
    writer.Number(pair.writer);
    writer.Number(pair.occurrence);
    writer.Number(pair.tries);
    writer.Flag(pair.of_task);
    writer.Flag(pair.seen);
  }
  std::pmr::vector<uint64_t> combinations(combinations_.begin(), combinations_.end(),
                                          place_numbers_.get_allocator());
  std::sort(combinations.begin(), combinations.end());
  writer.Number(combinations.size());
  for (const uint64_t combination : combinations) writer.Number(combination);
  return true;
}

bool ReadsFromStrategy::LoadPairs(StateReader& reader) {
  const size_t count = reader.Count();
  if (count > kMostPairs) return reader.Refuse();
  for (size_t i = 0; i < count; ++i) {
    Pair pair;
    pair.reader = static_cast<uint32_t>(reader.Number(kNone - 1));
    pair.source = static_cast<uint32_t>(reader.Number(kNone));
    pair.task = reader.Number();
    pair.writer = reader.Number();
    pair.occurrence = static_cast<uint32_t>(reader.Number(AccessLog::kMostAccesses));
    pair.tries = static_cast<uint8_t>(reader.Number(0xff));
    pair.of_task = reader.Flag();
    pair.seen = reader.Flag();
    const bool from_operation = pair.source != kStart && !IsAlternative(pair.source);
    if (pair.reader >= operations_.size()) return reader.Refuse();
    if (from_operation && pair.source >> 1 >= operations_.size()) return reader.Refuse();
    if (pair.seen || pair.tries > 0) sites_.insert(SitesOf(pair));
    const uint64_t key = Hash(Hash(pair.reader, pair.source), pair.of_task ? pair.task : 0);
    pair_numbers_.emplace(key, static_cast<uint32_t>(pairs_.size()));
    pairs_.push_back(pair);
  }
  return reader.ok() && pair_numbers_.size() == pairs_.size();
}

bool ReadsFromStrategy::Load(StateReader& reader) {
  number_ = reader.Number();
  const size_t places = reader.Count();
  for (uint32_t i = 0; i < places; ++i) place_numbers_.emplace(reader.Number(), i);
  const size_t operations = reader.Count();
  for (uint32_t i = 0; i < operations; ++i) {
    Known known;
    known.key = reader.Number();
    known.site = reader.Number();
    known.place = static_cast<uint32_t>(reader.Number(kNone));
    known.offered = static_cast<uint32_t>(reader.Number(kNone));
    if (known.place != kNone && known.place >= places) return reader.Refuse();
    operation_numbers_.emplace(known.key, i);
    operations_.push_back(known);
  }
  const bool distinct = place_numbers_.size() == places && operation_numbers_.size() == operations;
  if (!distinct || !LoadPairs(reader)) return reader.Refuse();
  for (size_t left = reader.Count(); left > 0; --left) combinations_.insert(reader.Number());
  return reader.AtEnd();
}

}  // namespace csim
