// Operations on several objects: polls, and semops.
#include <algorithm>
#include <limits>

#include "model/check.h"
#include "model/machine.h"

namespace csim {
namespace {

constexpr uint8_t kContentOnly = 1 << kContent;
constexpr uint8_t kToRead = kContentOnly | 1 << kWritingEnds;
constexpr uint8_t kToWrite = kContentOnly | 1 << kReadingEnds;
// The uses of an operation, each object once.
class UseList {
 public:
  explicit UseList(std::pmr::vector<ObjectUse>& uses) : uses_(uses) { uses_.clear(); }
  void Add(const ObjectUse& use) {
    if (use.object == kNoObject) return;
    for (ObjectUse& known : uses_) {
      if (known.object != use.object) continue;
      known.parts |= use.parts;
      known.footprint = std::max(known.footprint, use.footprint);
      return;
    }
    uses_.push_back(use);
  }

 private:
  std::pmr::vector<ObjectUse>& uses_;
};

// What decides whether the interest is ready.
void AddUsesOf(const Interest& interest, UseList& uses) {
  if (interest.signals != 0) {
    return uses.Add({interest.object, Footprint::kWrite});
  }
  if (interest.ends) {
    uses.Add({interest.object, Footprint::kRead, 1 << kWritingEnds});
    return uses.Add({interest.other, Footprint::kRead, 1 << kReadingEnds});
  }
  // (What comes is written, or a writing end that is closed.)
  if (interest.reads || !interest.writes) {
    uses.Add({interest.object, Footprint::kRead, kToRead});
  }
  if (interest.writes) uses.Add({interest.object, Footprint::kRead, kToWrite});
}

// Fills in the bytes of an operation that touches these parts. False if they do not lie side by side.
bool SetParts(Operation& operation, uint8_t parts) {
  switch (parts) {
    case kToRead: operation.offset = kContent, operation.size = 2; return true;
    case kToWrite: operation.offset = kReadingEnds, operation.size = 2; return true;
    case 1 << kWritingEnds: operation.offset = kWritingEnds, operation.size = 1; return true;
    case 1 << kReadingEnds: operation.offset = kReadingEnds, operation.size = 1; return true;
    case kToRead | kToWrite:
    case 0xff: operation.offset = operation.size = 0; return true;
    default: return false;
  }
}

}  // namespace

const ObjectUse* Machine::AddUses(std::span<const ObjectUse> uses) {
  CSIM_CHECK(uses.size() <= kUsesInChunk);
  if (uses_used_ % kUsesInChunk + uses.size() > kUsesInChunk) {
    uses_used_ += kUsesInChunk - uses_used_ % kUsesInChunk;
  }
  if (uses_used_ / kUsesInChunk == use_chunks_.size()) {
    void* chunk = memory_->allocate(kUsesInChunk * sizeof(ObjectUse), alignof(ObjectUse));
    use_chunks_.push_back(static_cast<ObjectUse*>(chunk));
  }
  ObjectUse* const at = use_chunks_[uses_used_ / kUsesInChunk] + uses_used_ % kUsesInChunk;
  std::copy(uses.begin(), uses.end(), at);
  uses_used_ += uses.size();
  return at;
}

void Machine::SetUses(Operation& operation, std::span<const ObjectUse> uses) {
  operation.uses = AddUses(uses);
  operation.use_count = static_cast<uint16_t>(uses.size());
}

// ---- Polls ----

Operation Machine::PollOf(std::span<const Interest> interests, bool waits, bool suspends,
                          std::span<const ObjectUse> shown) {
  UseList list(uses_);
  bool signals = false;
  for (const Interest& interest : interests) {
    AddUsesOf(interest, list);
    signals |= interest.signals != 0;
  }
  for (const ObjectUse& use : shown) list.Add(use);
  const std::span<const ObjectUse> uses(uses_);
  const uint64_t begin = interests_.size();
  interests_.insert(interests_.end(), interests.begin(), interests.end());
  Operation operation{.argument = begin << 32 | (suspends ? kPollSuspends : 0) |
                                  interests.size() << 1 | (waits ? 1 : 0)};
  const bool few = uses.size() <= 2 && (uses.size() < 2 || uses[0].parts == uses[1].parts);
  if (!signals && few && (uses.empty() || SetParts(operation, uses[0].parts))) {
    operation.kind = OpKind::kPoll;
    if (!uses.empty()) operation.object = uses[0].object;
    if (uses.size() == 2) operation.object2 = uses[1].object;
    return operation;
  }
  operation.kind = signals ? OpKind::kPollSignals : OpKind::kPollMany;
  for (const Interest& interest : interests) {
    if (interest.signals != 0) operation.object = interest.object;
  }
  SetUses(operation, uses);
  return operation;
}

std::span<const Interest> Machine::InterestsOf(uint64_t poll) const {
  const size_t begin = poll >> 32;
  const size_t count = (poll & (kPollSuspends - 1)) >> 1;
  if (begin + count > interests_used_->size()) return {};
  return {interests_used_->data() + begin, count};
}

// ---- Semops ----

Operation Machine::SemAdjustOf(std::span<const SemStep> steps) {
  UseList list(uses_);
  for (const SemStep& step : steps) list.Add({step.object, Footprint::kWrite});
  Operation operation{.kind = OpKind::kSemAdjust,
                      .argument = uint64_t{sem_steps_.size()} << 32 | steps.size()};
  sem_steps_.insert(sem_steps_.end(), steps.begin(), steps.end());
  operation.object = uses_[0].object;
  if (uses_.size() >= 2) operation.object2 = uses_[1].object;
  if (uses_.size() > 2) SetUses(operation, uses_);
  return operation;
}

std::span<const SemStep> Machine::StepsOf(const Operation& operation) const {
  const size_t begin = operation.argument >> 32;
  const size_t count = operation.argument & ~uint32_t{0};
  if (begin + count > steps_used_->size()) return {};
  return {steps_used_->data() + begin, count};
}

SemUndo* Machine::UndoOf(ProcessId process, ObjectId semaphore) {
  for (SemUndo& undo : undos_) {
    if (undo.process == process && undo.object == semaphore) return &undo;
  }
  return nullptr;
}

void Machine::AddUndo(ProcessId process, ObjectId semaphore, int32_t adjustment) {
  if (SemUndo* undo = UndoOf(process, semaphore)) {
    undo->adjustment += adjustment;
  } else {
    undos_.push_back({process, semaphore, adjustment});
  }
}

void Machine::Undo(SemUndo& undo) {
  if (undo.adjustment == 0) return;
  constexpr int64_t kMost = std::numeric_limits<int16_t>::max();
  ObjectState& semaphore = object(undo.object);
  const int64_t value = int64_t{semaphore.count} + undo.adjustment;
  semaphore.count = static_cast<uint32_t>(std::clamp(value, int64_t{0}, kMost));
  semaphore.generation = PidOf(undo.process);
  NoteChange(undo.object);
  undo.adjustment = 0;
}

void Machine::ForgetUndos(ObjectId semaphore) {
  for (SemUndo& undo : undos_) {
    if (undo.object == semaphore) undo.adjustment = 0;
  }
}

}  // namespace csim
