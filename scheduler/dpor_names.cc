#include "scheduler/dpor_names.h"

#include <algorithm>

#include "scheduler/hash.h"

namespace csim::dpor {
namespace {

constexpr uint64_t kThreadBit = uint64_t{1} << 63;

// Those of named objects are odd; one without a name has the same number in every execution.
uint64_t LongName(const Machine& machine, ObjectId object) {
  const ObjectState& state = machine.object(object);
  if (state.kind == ObjectKind::kThread) {
    return kThreadBit | machine.task(state.owner).name >> 1 | 1;
  }
  return state.name != 0 ? state.name : uint64_t{Index(object)} << 1;
}

}  // namespace

UseTable::~UseTable() {
  for (const auto& [hash, list] : lists_) {
    memory_->deallocate(list.uses, list.count * sizeof(ObjectUse), alignof(ObjectUse));
  }
}

const ObjectUse* UseTable::Keep(std::span<ObjectUse> uses) {
  std::sort(uses.begin(), uses.end(),
            [](const ObjectUse& a, const ObjectUse& b) { return a.object < b.object; });
  uint64_t hash = uses.size();
  for (const ObjectUse& use : uses) {
    const uint64_t value =
        uint64_t{Index(use.object)} << 16 | static_cast<uint64_t>(use.footprint) << 8 | use.parts;
    hash = Hash(hash, value);
  }
  const auto [first, last] = lists_.equal_range(hash);
  for (auto at = first; at != last; ++at) {
    const List& list = at->second;
    if (std::equal(uses.begin(), uses.end(), list.uses, list.uses + list.count)) return list.uses;
  }
  void* const memory = memory_->allocate(uses.size_bytes(), alignof(ObjectUse));
  auto* const copy = static_cast<ObjectUse*>(memory);
  std::copy(uses.begin(), uses.end(), copy);
  lists_.emplace(hash, List{copy, uses.size()});
  return copy;
}

void Names::BeginExecution() {
  of_task_.clear();
  of_object_.clear();
  std::fill(task_of_.begin(), task_of_.end(), kNoTask);
}

void Names::SeeTask(const Machine& machine) {
  const TaskId task{static_cast<uint16_t>(of_task_.size())};
  const uint32_t name = tasks_.NumberOf(machine.task(task).name);
  if (name >= task_of_.size()) task_of_.resize(name + 1, kNoTask);
  of_task_.push_back(name);
  task_of_[name] = task;
}

ObjectId Names::Of(const Machine& machine, ObjectId object) {
  if (object == kNoObject) return object;
  if (Index(object) >= of_object_.size()) of_object_.resize(machine.object_count(), kNoObject);
  ObjectId& name = of_object_[Index(object)];
  if (name == kNoObject) name = ObjectId{objects_.NumberOf(LongName(machine, object))};
  return name;
}

const ObjectUse* Names::Of(const Machine& machine, std::span<const ObjectUse> uses) {
  if (uses.empty()) return nullptr;
  named_.assign(uses.begin(), uses.end());
  for (ObjectUse& use : named_) use.object = Of(machine, use.object);
  return uses_.Keep(named_);
}

Reach Names::Of(const Machine& machine, Reach reach) const {
  for (uint16_t* process : {&reach.process, &reach.first, &reach.second}) {
    if (*process >= Reach::kEverybody) continue;
    *process = ProcessNamed(Of(machine.process(ProcessId{*process}).main));
  }
  return reach;
}

}  // namespace csim::dpor
