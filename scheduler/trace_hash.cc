#include "scheduler/trace_hash.h"

#include "scheduler/hash.h"
#include "scheduler/tasks.h"

namespace csim {
namespace {

constexpr uint32_t kAllBytes = ~uint32_t{0};

// The bytes of its granule that an operation touches; all if it does not say.
uint32_t BytesOf(const Operation& operation) {
  if (operation.size == 0) return kAllBytes;
  const uint32_t width = operation.size < 32 ? (1u << operation.size) - 1 : kAllBytes;
  return width << (operation.offset & 31);
}

bool Clash(Footprint a, Footprint b) {
  if (a == Footprint::kLocal || b == Footprint::kLocal) return false;
  return a == Footprint::kWrite || b == Footprint::kWrite;
}

bool IsGlobal(const Machine& machine, const TaskState& task, Choice choice) {
  if (RowOf(task.pending.kind).footprint == Footprint::kGlobal || task.cancelable) return true;
  if (task.pending.reach.first != Reach::kNobody) return true;
  const bool by_time = choice.alternative == kTimeout || task.pending.kind == OpKind::kSleep;
  return by_time && !machine.options().timeouts_any && task.pending.deadline != kNoDeadline;
}

}  // namespace

void TraceHash::BeginExecution() {
  keys_.BeginExecution();
  value_ = shared_ = global_ = writes_ = wide_spins_ = 0;
  chains_.clear();
  first_.clear();
  classes_.clear();
}

uint32_t& TraceHash::FirstClassOf(uint64_t object) {
  const auto number = static_cast<uint32_t>(numbers_.size());
  const uint32_t at = numbers_.try_emplace(object, number).first->second;
  if (at >= first_.size()) first_.resize(at + 1, kNone);
  return first_[at];
}

uint64_t TraceHash::SumOn(uint64_t object, Footprint footprint, uint32_t bytes) {
  if (object == kNoKey || footprint == Footprint::kLocal) return 0;
  uint64_t sum = 0;
  for (uint32_t c = FirstClassOf(object); c != kNone; c = classes_[c].next) {
    const Class& present = classes_[c];
    if (Clash(present.footprint, footprint) && (present.bytes & bytes) != 0) sum += present.sum;
  }
  return sum;
}

void TraceHash::AddTo(uint64_t object, Footprint footprint, uint32_t bytes, uint64_t hash) {
  if (object == kNoKey || footprint == Footprint::kLocal) return;
  uint32_t& first = FirstClassOf(object);
  for (uint32_t c = first; c != kNone; c = classes_[c].next) {
    if (classes_[c].footprint != footprint || classes_[c].bytes != bytes) continue;
    classes_[c].sum += hash;
    return;
  }
  classes_.push_back({footprint, bytes, hash, first});
  first = static_cast<uint32_t>(classes_.size() - 1);
}

uint64_t TraceHash::SumBefore(const Machine& machine, const Step& step) {
  if (step.local) return 0;
  if (step.global) return shared_;
  uint64_t sum = global_;
  for (const ObjectUse& use : step.uses) {
    sum += SumOn(keys_.Of(machine, use.object), use.footprint, use.parts);
  }
  if (step.uses.empty()) {
    sum += SumOn(step.object, step.footprint, step.bytes) +
           SumOn(step.object2, step.footprint2, step.bytes);
  }
  if (step.writes) sum += wide_spins_;
  if (step.wide) sum += writes_;
  if (step.narrow) {
    sum += SumOn(step.object, Footprint::kRead, kAllBytes);
    sum += SumOn(step.object2, Footprint::kRead, kAllBytes);
  }
  return sum;
}

TraceHash::Step TraceHash::StepOf(const Machine& machine, Choice choice) {
  keys_.See(machine);
  const auto key = [&](ObjectId object) {
    return object == kNoObject ? kNoKey : keys_.Of(machine, object);
  };
  const TaskState& task = machine.task(choice.task);
  const Operation& operation = task.pending;
  const OperationRow& row = RowOf(operation.kind);
  Step step{};
  step.object = key(operation.object);
  step.object2 = key(operation.object2);
  step.footprint = row.footprint;
  step.footprint2 = row.footprint2;
  step.bytes = BytesOf(operation);
  step.uses = {operation.uses, operation.use_count};
  step.local = IsLocal(task);
  step.global = IsGlobal(machine, task, choice);
  step.writes =
      step.global || row.footprint == Footprint::kWrite || row.footprint2 == Footprint::kWrite;
  step.narrow = operation.spin == Spin::kNarrow;
  // (The end of a child, which reads the parent's object, ends a spin on it.)
  step.wide = operation.spin == Spin::kWide || (step.narrow && task.exposed);
  chains_.resize(machine.task_count(), 0);
  step.hash =
      Hash(Hash(keys_.Of(choice.task), static_cast<uint64_t>(operation.kind)), choice.alternative);
  step.hash = Hash(Hash(step.hash, chains_[Index(choice.task)]), SumBefore(machine, step));
  return step;
}

void TraceHash::Add(const Machine& machine, Choice choice) {
  const Step step = StepOf(machine, choice);
  chains_[Index(choice.task)] = step.hash;
  value_ += step.hash;
  if (step.local) return;
  shared_ += step.hash;
  if (step.global) global_ += step.hash;
  if (step.writes) writes_ += step.hash;
  if (step.wide) wide_spins_ += step.hash;
  for (const ObjectUse& use : step.uses) {
    AddTo(keys_.Of(machine, use.object), use.footprint, use.parts, step.hash);
  }
  if (step.uses.empty()) {
    AddTo(step.object, step.footprint, step.bytes, step.hash);
    AddTo(step.object2, step.footprint2, step.bytes, step.hash);
  }
  if (step.narrow) {
    AddTo(step.object, Footprint::kRead, kAllBytes, step.hash);
    AddTo(step.object2, Footprint::kRead, kAllBytes, step.hash);
  }
}

}  // namespace csim
