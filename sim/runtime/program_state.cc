#include "sim/runtime/program_state.h"

#include "sim/runtime/runtime.h"
#include "sim/runtime/spins.h"

namespace csim {
namespace {

constexpr uintptr_t kMostStack = 1 << 20;
constexpr size_t kMostHeap = 4 << 20;
constexpr uint64_t kFillWord = uint64_t{0x0101010101010101} * Heap::kFill;

// Objects whose state is more than the machine's: bytes in a channel, what a file has in it, ...
bool IsOfKernel(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kPipe:
    case ObjectKind::kSocket:
    case ObjectKind::kQueue:
    case ObjectKind::kCounter:
    case ObjectKind::kName:
    case ObjectKind::kFileLock:
    case ObjectKind::kAddress:
    case ObjectKind::kProcess: return true;
    default: return false;
  }
}

bool OnItsStack(uintptr_t sp, uintptr_t base) { return sp != 0 && sp < base && sp % 8 == 0; }

}  // namespace

void ProgramState::Arrive(const Operation& operation) {
  TaskBody& body = g_runtime.body(g_runtime.current());
  const auto base = reinterpret_cast<uintptr_t>(g_runtime.pool.slot(body.slot).stack_base);
  const bool switched = csim_switch_state.sp != 0;
  const bool saved =
      OnItsStack(csim_caller_state.sp, base) &&
      (!switched || (SavesCaller(operation.kind) && csim_caller_state.sp >= csim_switch_state.sp));
  body.local = saved ? csim_caller_state : csim_switch_state;
  if (!OnItsStack(body.local.sp, base)) body.local.sp = 0;
  csim_caller_state.sp = 0;
}

uint32_t ProgramState::WhyUnknown() const {
  const Machine& machine = g_runtime.machine();
  if (machine.process_count() > 1 || machine.exposed()) return kUnknownProcesses;
  if (g_runtime.shared_memory.any()) return kUnknownMapping;
  if (!g_runtime.shared->known.empty()) return kUnknownMemory;
  if (g_runtime.config().use_stdin) return kUnknownDescriptors;
  for (uint32_t i = 0; i < machine.object_count(); ++i) {
    if (IsOfKernel(machine.object(ObjectId{i}).kind)) return kUnknownDescriptors;
  }
  return 0;
}

// Our numbers for locks and the like depend on which was used first, and are nothing to the program. (On
// stacks, what looks like one may be something else by now.)
void ProgramState::HideStamps() const {
  stamps_.clear();
  g_runtime.objects().ForEachStamp([&](uint32_t* place, ObjectId id) {
    const auto address = reinterpret_cast<uintptr_t>(place);
    if (!g_runtime.heap.Contains(place) && g_runtime.images.Find(address) < 0) return;
    if (*place != Index(id) + 1) return;
    stamps_.push_back({place, *place});
    *place = 0;
  });
}

void ProgramState::ShowStamps() const {
  for (const Stamp& stamp : stamps_) *stamp.place = stamp.value;
}

// False if its local state is not known.
bool ProgramState::AddTask(TaskId id, uint64_t key, Digest* state) {
  const TaskState& task = g_runtime.machine().task(id);
  const TaskBody& body = g_runtime.body(id);
  Digest own;
  own.Add(key);
  own.Add(reinterpret_cast<uintptr_t>(body.destructors));
  own.Add(body.cancel_disabled | body.cancel_asynchronous << 1 | body.exiting << 2);
  const bool begun =
      task.status == TaskStatus::kPending && task.pending.kind != OpKind::kThreadStart;
  if (!begun) {
    own.Add(reinterpret_cast<uintptr_t>(body.start));
    own.Add(reinterpret_cast<uintptr_t>(body.argument));
    state->Join(own);
    return true;
  }
  const PoolThread& slot = g_runtime.pool.slot(body.slot);
  const auto base = reinterpret_cast<uintptr_t>(slot.stack_base);
  if (body.local.sp == 0 || base - body.local.sp > kMostStack) return false;
  for (const uint64_t value : body.local.registers) own.Add(value);
  own.Add(body.local.sp);
  state->Join(own);
  for (uintptr_t at = body.local.sp; at + 8 <= base; at += 8) {
    state->JoinWord(at, *reinterpret_cast<const uint64_t*>(at));
  }
  const size_t words = g_runtime.pool.tls_size() / 8;
  const auto* now = reinterpret_cast<const uint64_t*>(slot.thread_pointer) - words;
  const auto* then =
      reinterpret_cast<const uint64_t*>(slot.tls_copy + g_runtime.pool.tls_size()) - words;
  for (size_t i = 0; i < words; ++i) {
    if (now[i] != then[i]) state->JoinWord(reinterpret_cast<uintptr_t>(now + i), now[i]);
  }
  return true;
}

void ProgramState::AddMemory(Digest* state) {
  g_runtime.snapshot.ForEachChange(
      [&](uintptr_t address, uint64_t value) { state->JoinWord(address, value); });
}

// False if there is too much of it.
bool ProgramState::AddHeap(Digest* state) {
  size_t total = 0;
  g_runtime.heap.ForEachLive([&](Block* block) {
    state->JoinWord(reinterpret_cast<uintptr_t>(block), block->size);
    if ((total += block->size) > kMostHeap) return;
    const auto* words = reinterpret_cast<const uint64_t*>(block->data());
    for (size_t i = 0; i < block->size / 8; ++i) {
      if (words[i] == kFillWord) continue;
      state->JoinWord(reinterpret_cast<uintptr_t>(words + i), words[i]);
    }
    uint64_t rest = 0;
    memcpy(&rest, words + block->size / 8, block->size % 8);
    state->JoinWord(reinterpret_cast<uintptr_t>(words + block->size / 8), rest);
  });
  return total <= kMostHeap;
}

StateHash ProgramState::State() const {
  const Machine& machine = g_runtime.machine();
  uint32_t& unknown = g_runtime.control().state_unknown;
  if (const uint32_t why = WhyUnknown()) {
    unknown |= why;
    return {};
  }
  keys_.See(machine);
  Digest state = StateOfMachine(machine, keys_);
  for (const TaskId task : machine.live_tasks()) {
    if (AddTask(task, keys_.Of(task), &state)) continue;
    unknown |= kUnknownStack;
    return {};
  }
  for (uint32_t i = 0; i < machine.task_count(); ++i) {
    const TaskId task{static_cast<uint16_t>(i)};
    if (machine.task(task).status != TaskStatus::kFinished || machine.task(task).joined) continue;
    state.JoinWord(keys_.Of(task), reinterpret_cast<uintptr_t>(g_runtime.body(task).result));
  }
  HideStamps();
  AddMemory(&state);
  const bool small = AddHeap(&state);
  ShowStamps();
  if (!small) {
    unknown |= kUnknownMemory;
    return {};
  }
  state.JoinWord(1, g_runtime.execution().random);
  state.JoinWord(2, g_runtime.exiting);
  state.JoinWord(4, g_runtime.execution().written);  // who writes gets on
  if (g_runtime.execution().knows_time) state.JoinWord(3, machine.now());
  return {state.a, state.b, true};
}

}  // namespace csim
