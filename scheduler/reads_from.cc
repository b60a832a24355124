#include "scheduler/reads_from.h"

#include <algorithm>

#include "scheduler/hash.h"
#include "scheduler/tasks.h"

namespace csim {

ReadsFromStrategy::ReadsFromStrategy(std::pmr::memory_resource* memory, uint64_t seed,
                                     uint64_t executions)
    : seed_(seed),
      left_(executions),
      place_numbers_(memory),
      operation_numbers_(memory),
      operations_(memory),
      pair_numbers_(memory),
      pairs_(memory),
      sites_(memory),
      combinations_(memory),
      goals_(memory),
      keys_(memory),
      log_(memory),
      pending_(memory),
      last_(memory),
      priorities_(memory),
      seen_(memory),
      enabled_(memory),
      candidates_(memory) {}

void ReadsFromStrategy::BeginExecution() {
  generator_ = Generator(seed_, number_++);
  keys_.BeginExecution();
  log_.BeginExecution();
  turns_ = {};
  pending_.clear();
  last_.clear();
  priorities_.clear();
  seen_.clear();
  Plan();
}

void ReadsFromStrategy::Restart() {
  place_numbers_.clear();
  operation_numbers_.clear();
  operations_.clear();
  pair_numbers_.clear();
  pairs_.clear();
  sites_.clear();
  combinations_.clear();
  number_ = 0;
}

// ---- What is known ----

uint32_t ReadsFromStrategy::PlaceOf(const Machine& machine, const Operation& operation,
                                    ObjectId object) {
  const bool memory = RowOf(operation.kind).object == ObjectKind::kMemory && operation.size != 0;
  const uint64_t key = Hash(keys_.Of(machine, object), memory ? operation.offset : 0);
  const auto number = static_cast<uint32_t>(place_numbers_.size());
  return place_numbers_.try_emplace(key, number).first->second;
}

uint32_t ReadsFromStrategy::OperationOf(const Operation& operation, uint32_t place) {
  const uint64_t site = Hash(static_cast<uint64_t>(operation.kind), Index(operation.site));
  const uint64_t key = Hash(site, place);
  const auto number = static_cast<uint32_t>(operations_.size());
  const auto [at, fresh] = operation_numbers_.try_emplace(key, number);
  if (fresh) operations_.push_back({key, site, place, 0});
  return at->second;
}

// Learns what the task is about to do, if that is not known yet. (Of what works on many objects, the first two.)
void ReadsFromStrategy::LookAt(const Machine& machine, TaskId task) {
  const Operation& operation = machine.task(task).pending;
  Pending& pending = pending_[Index(task)];
  const OperationRow& row = RowOf(operation.kind);
  ObjectUse uses[2] = {{operation.object, row.footprint}, {operation.object2, row.footprint2}};
  for (uint32_t i = 0; i < operation.use_count && i < 2; ++i) uses[i] = operation.uses[i];
  if (pending.known && pending.kind == operation.kind && pending.site == operation.site &&
      pending.objects[0] == uses[0].object && pending.objects[1] == uses[1].object) {
    return;
  }
  pending = Pending{};
  pending.known = true;
  pending.kind = operation.kind;
  pending.site = operation.site;
  for (int i = 0; i < 2; ++i) {
    pending.objects[i] = uses[i].object;
    pending.uses[i] = UseOf(operation.kind, uses[i].footprint);
  }
  if (operation.kind == OpKind::kCondWait) pending.uses[1].reads = false;  // it has the mutex
  const auto has_place = [](const ObjectUse& use) {
    return use.object != kNoObject && use.footprint != Footprint::kLocal;
  };
  pending.operations[0] = OperationOf(
      operation, has_place(uses[0]) ? PlaceOf(machine, operation, uses[0].object) : kNone);
  if (has_place(uses[1])) {
    pending.operations[1] = OperationOf(operation, PlaceOf(machine, operation, uses[1].object));
  }
}

// The pair of this task, or that of all tasks (0); made if there is none. kNone if there are too many.
uint32_t ReadsFromStrategy::FindPair(uint32_t reader, uint32_t source, uint64_t task_or_0) {
  const uint64_t key = Hash(Hash(reader, source), task_or_0);
  if (const auto at = pair_numbers_.find(key); at != pair_numbers_.end()) return at->second;
  if (pairs_.size() == kMostPairs) return kNone;
  const auto number = static_cast<uint32_t>(pairs_.size());
  pair_numbers_.emplace(key, number);
  pairs_.push_back({.reader = reader, .source = source, .of_task = task_or_0 != 0});
  return number;
}

void ReadsFromStrategy::NotePair(uint32_t reader, uint32_t source, TaskId task, TaskId writer,
                                 uint32_t occurrence, bool seen) {
  for (const uint64_t task_or_0 : {uint64_t{0}, keys_.Of(task)}) {
    const uint32_t number = FindPair(reader, source, task_or_0);
    if (number == kNone) continue;
    Pair& pair = pairs_[number];
    if (pair.task == 0) {
      pair.task = keys_.Of(task);
      pair.writer = writer == kNoTask ? 0 : keys_.Of(writer);
      pair.occurrence = occurrence;
    }
    if (!seen) continue;
    if (!pair.seen) sites_.insert(SitesOf(pair));
    pair.seen = true;
    if (pair.last_seen == number_) continue;
    pair.last_seen = number_;
    seen_.push_back(number);
  }
}

// Other ways to do the pending operation than the one that is taken by itself.
void ReadsFromStrategy::NoteOffers(TaskId task, Alternatives alternatives) {
  if (alternatives.count == 1 && alternatives.first == kNormal) return;
  const uint32_t operation = pending_[Index(task)].operations[0];
  for (uint32_t i = 0; i < alternatives.count; ++i) {
    const uint32_t alternative = alternatives.first + i;
    if (alternative >= kMostAlternatives) return;
    if ((operations_[operation].offered >> alternative & 1) != 0) continue;
    operations_[operation].offered |= 1u << alternative;
    NotePair(operation, kAlternative | alternative, task, kNoTask, 0, false);
  }
}

// ---- The present execution ----

void ReadsFromStrategy::MeetTasks(const Machine& machine) {
  const size_t before = pending_.size();
  keys_.See(machine);
  pending_.resize(machine.task_count());
  for (size_t i = before; i < pending_.size(); ++i) {
    const TaskId task{static_cast<uint16_t>(i)};
    priorities_.push_back(generator_.Next() | 1);
    for (Goal& goal : goals_) {
      if (pairs_[goal.pair].task == keys_.Of(task)) goal.task = task;
      if (pairs_[goal.pair].writer == keys_.Of(task)) goal.writer = task;
    }
  }
}

ReadsFromStrategy::LastWrite ReadsFromStrategy::LastAt(uint32_t place) const {
  return place < last_.size() ? last_[place] : LastWrite{};
}

// True if the goal's read would see what it shall see, were it done now.
bool ReadsFromStrategy::InPlace(const Goal& goal) const {
  const Pair& pair = pairs_[goal.pair];
  const LastWrite last = LastAt(operations_[pair.reader].place);
  if (last.operation == kNone) return pair.source == kStart;
  return pair.source == Source(last.operation, last.task == goal.task);
}

// True if the task is about to do the goal's read.
bool ReadsFromStrategy::IsReader(const Goal& goal, TaskId task) const {
  if (task != goal.task || goal.occurrence != 0 || !pending_[Index(task)].known) return false;
  const uint32_t reader = pairs_[goal.pair].reader;
  const Pending& pending = pending_[Index(task)];
  return pending.operations[0] == reader || pending.operations[1] == reader;
}

void ReadsFromStrategy::LookAtGoals() {
  for (Goal& goal : goals_) {
    if (goal.over || goal.task == kNoTask) continue;
    const uint32_t source = pairs_[goal.pair].source;
    goal.arrived = IsReader(goal, goal.task);
    // What was there at the start, or comes from the task itself, does not come back.
    const bool lost = source == kStart || (!IsAlternative(source) && (source & 1) != 0);
    if (goal.arrived && lost && !InPlace(goal)) goal.over = true;
  }
}

// True if the task has to wait for the sake of the goal.
bool ReadsFromStrategy::Spoils(const Goal& goal, TaskId task) const {
  const Pair& pair = pairs_[goal.pair];
  if (goal.over || IsAlternative(pair.source)) return false;
  if (task == goal.task) return goal.arrived && !InPlace(goal);
  if (!InPlace(goal) || (goal.late && !goal.arrived)) return false;
  const Pending& pending = pending_[Index(task)];
  for (int i = 0; i < 2; ++i) {
    const uint32_t operation = pending.operations[i];
    if (operation == kNone || !pending.uses[i].writes) continue;
    if (operations_[operation].place == operations_[pair.reader].place) return true;
  }
  return false;
}

bool ReadsFromStrategy::Held(TaskId task) {
  bool held = false;
  for (Goal& goal : goals_) {
    if (!Spoils(goal, task)) continue;
    goal.holding = held = true;
  }
  return held;
}

// Gives up the first goal for whose sake somebody waits now. False if there is none.
bool ReadsFromStrategy::GiveUpOne() {
  for (Goal& goal : goals_) {
    for (const Enabled& e : enabled_) {
      if (!Spoils(goal, e.task)) continue;
      goal.over = true;
      return true;
    }
  }
  return false;
}

// The task and alternative that a goal asks for; kNoTask if none does.
Choice ReadsFromStrategy::ChooseAlternative() const {
  for (const Goal& goal : goals_) {
    const uint32_t source = pairs_[goal.pair].source;
    if (goal.over || !goal.arrived || !IsAlternative(source)) continue;
    for (const Enabled& e : enabled_) {
      const uint32_t alternative = source & ~kAlternative;
      if (e.task == goal.task && e.alternatives.Has(alternative)) return {e.task, alternative};
    }
  }
  return {};
}

// Who can further a goal; kNoTask if nobody.
TaskId ReadsFromStrategy::Helper(bool by_itself) const {
  const auto can_go = [&](const Enabled& e) { return !e.held && (by_itself || !e.by_itself); };
  for (const Goal& goal : goals_) {
    if (goal.over || (!goal.holding && !goal.arrived)) continue;
    const bool waits_for_writer = goal.arrived && !InPlace(goal);
    TaskId hinted = kNoTask;
    for (const Enabled& e : enabled_) {
      if (!can_go(e)) continue;
      if (!waits_for_writer) {
        if (e.task == goal.task) return e.task;
        continue;
      }
      const Pending& pending = pending_[Index(e.task)];
      for (const uint32_t operation : pending.operations) {
        if (operation != kNone && Source(operation, false) == pairs_[goal.pair].source) {
          return e.task;
        }
      }
      if (e.task == goal.writer) hinted = e.task;
    }
    if (hinted != kNoTask) return hinted;
  }
  return kNoTask;
}

// One of those who need not wait; kNoTask if there is none.
TaskId ReadsFromStrategy::Pick(TaskId current, bool by_itself) {
  const auto can_go = [&](const Enabled& e) { return !e.held && (by_itself || !e.by_itself); };
  if (order_ != Order::kScores && !turns_.others_first()) {
    for (const Enabled& e : enabled_) {
      if (e.task == current && can_go(e)) return current;
    }
  }
  if (const TaskId helper = Helper(by_itself); helper != kNoTask) return helper;
  TaskId best = kNoTask;
  for (const Enabled& e : enabled_) {  // from the one after the current task on
    if (!can_go(e)) continue;
    if (order_ == Order::kFormer) return e.task;
    if (best == kNoTask || priorities_[Index(e.task)] > priorities_[Index(best)]) best = e.task;
  }
  return best;
}

void ReadsFromStrategy::CollectEnabled(const SchedulingPoint& point) {
  const Machine& machine = point.machine;
  for (const TaskId task : machine.live_tasks()) {
    if (machine.task(task).status == TaskStatus::kPending) LookAt(machine, task);
  }
  enabled_.clear();
  ForEachEnabled(machine, Index(point.current) + 1, [&](TaskId task, Alternatives a) {
    NoteOffers(task, a);
    const bool asks = machine.task(task).pending.kind == OpKind::kThreadTryJoin;
    enabled_.push_back({task, a, false, !a.Has(kNormal) && !asks});
    return false;
  });
}

Choice ReadsFromStrategy::Choose(const SchedulingPoint& point) {
  MeetTasks(point.machine);
  CollectEnabled(point);
  if (enabled_.empty()) return {};
  LookAtGoals();
  Choice choice = ChooseAlternative();
  while (choice.task == kNoTask) {
    for (Enabled& e : enabled_) e.held = Held(e.task);
    choice.task = Pick(point.current, false);
    if (choice.task != kNoTask || GiveUpOne()) continue;
    choice.task = Pick(point.current, true);
  }
  const auto chosen = std::find_if(enabled_.begin(), enabled_.end(),
                                   [&](const Enabled& e) { return e.task == choice.task; });
  if (!chosen->alternatives.Has(choice.alternative))
    choice.alternative = chosen->alternatives.first;
  if (order_ != Order::kFormer && choice.alternative == chosen->alternatives.first) {
    choice.alternative += generator_.Below(chosen->alternatives.count);
  }
  if (chosen->alternatives.count > 1 || choice.alternative != kNormal) {
    const uint32_t operation = pending_[Index(choice.task)].operations[0];
    const uint32_t way = std::min(choice.alternative, kMostAlternatives);
    NotePair(operation, kAlternative | way, choice.task, kNoTask, 0, true);
  }
  Note(point.machine, choice);
  turns_.Note(point, choice);
  return choice;
}

// The choice is about to be performed.
void ReadsFromStrategy::Note(const Machine& machine, Choice choice) {
  Pending& pending = pending_[Index(choice.task)];
  log_.BeginOperation(machine, choice.task, choice.alternative);
  for (int i = 0; i < 2; ++i) {
    const uint32_t operation = pending.operations[i];
    if (operation == kNone) continue;
    const uint32_t place = operations_[operation].place;
    if (place == kNone) continue;
    const LastWrite last = LastAt(place);
    const uint32_t occurrence =
        log_.Add(choice.task, operation, place, pending.kind, pending.uses[i]);
    if (pending.uses[i].reads) {
      const bool start = last.operation == kNone;
      NotePair(operation, start ? kStart : Source(last.operation, last.task == choice.task),
               choice.task, last.task, occurrence, true);
    }
    if (!pending.uses[i].writes) continue;
    if (place >= last_.size()) last_.resize(place + 1);
    last_[place] = {operation, choice.task};
  }
  for (Goal& goal : goals_) {
    if (goal.task != choice.task) continue;
    const uint32_t reader = pairs_[goal.pair].reader;
    if (pending.operations[0] != reader && pending.operations[1] != reader) continue;
    if (goal.occurrence == 0) {
      goal.over = true;
    } else {
      --goal.occurrence;
    }
  }
  pending.known = false;
  priorities_[Index(choice.task)] =
      order_ == Order::kScores ? generator_.Next() | 1 : priorities_[Index(choice.task)];
  if (order_ == Order::kScores) DrawDependentAnew(machine, choice.task);
}

void ReadsFromStrategy::DrawDependentAnew(const Machine& machine, TaskId chosen) {
  const Operation& done = machine.task(chosen).pending;
  for (const TaskId task : machine.live_tasks()) {
    if (machine.task(task).status != TaskStatus::kPending) continue;
    if (Dependent(machine.task(task).pending, done)) {
      priorities_[Index(task)] = generator_.Next() | 1;
    }
  }
}

// ---- Between executions ----

bool ReadsFromStrategy::FinishExecution(Outcome) {
  log_.ForEachSource([&](const LoggedAccess& read, const LoggedAccess* write) {
    const uint32_t source =
        write == nullptr ? kStart : Source(write->operation, write->task == read.task);
    NotePair(read.operation, source, read.task, write == nullptr ? kNoTask : write->task,
             read.occurrence, false);
  });
  const size_t combined = std::min(seen_.size(), kMostOfAnExecution);
  for (size_t i = 0; i < combined; ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (combinations_.size() < kMostCombinations) {
        combinations_.insert(CombinationOf(seen_[i], seen_[j]));
      }
    }
  }
  return left_ > 1 ? --left_, true : false;
}

}  // namespace csim
